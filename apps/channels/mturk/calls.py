"""Calls of MTurk's API: each at its turn, sent once, and what its answer means.

boto3's own retries are off, for inside one call of it a bonus can be paid twice. Errors are decided by their codes. To
boto3 any 200 reads like a success with keys missing: one that is cut off, and a page of something in between. So an
answer has to be the market's to be believed, and what is needed of it is asked for.
"""

import json
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError
from django.conf import settings
from django.db import transaction

from apps.channels.base import TOO_POOR, ChannelBusy, ChannelGone, ChannelRefused, ChannelUnknown
from apps.core import rates

REGION = "us-east-1"  # the only one that MTurk had: where nothing names another
PAGE = 100
PATIENCE = 10  # turns that are waited for, of a second or so
SLOW = frozenset({"throttling", "requestlimitexceeded", "toomanyrequests"})
DUPLICATES = ("hitalreadyexists", "duplicatecall", "duplicaterequest")
POOR = "insufficientfunds"
GONE = "hitdoesnotexist"
# That our keys, our clock or our endpoint are not what they should be: whoever runs this mends it, and it goes on. Each
# is sent with "Exception" at its end and without, by the protocol that is spoken.
STRANGER = frozenset({
    "accessdenied", "authfailure", "badcredentialsupplied", "expiredtoken", "incompletesignature",
    "invalidaccesskeyid", "invalidclienttokenid", "invalidsecurity", "invalidsignature",
    "missingauthenticationtoken", "notauthorized", "notsignedup", "optinrequired", "requestexpired",
    "requestinthefuture", "requesttimetooskewed", "signaturedoesnotmatch", "subscriptionrequired",
    "unauthorizedaccess", "unauthorizedoperation", "unrecognizedclient",
})  # fmt: skip
# That what answered is no such market, as where AWS_ENDPOINT_URL_MTURK lost its path.
NO_MARKET = frozenset({"invalidaction", "invalidendpoint", "missingaction", "unknownendpoint", "unknownoperation"})


# What botocore's parser and our readers stumble over, where an answer is not as its description says.
UNREADABLE = (
    ArithmeticError, AttributeError, LookupError, RecursionError, ResponseParserError, TypeError, ValueError,
)  # fmt: skip
MARK = "x-amzn-requestid"  # a header of all that AWS answers by this protocol, and of nothing that stands in between


def as_it_is(said: Any) -> Any:
    return said


class Calls:
    """One account at one endpoint, both and the region from boto3's own chain: environment, profile,
    AWS_ENDPOINT_URL_MTURK."""

    def __init__(self, client: Any = None) -> None:
        self._given = client
        # Where it leads is known without keys: looking for these, boto3 may ask the machine's own network.
        found = client or _client("mturk", aws_access_key_id="nobody", aws_secret_access_key="nobody")  # noqa: S106 - nobody's
        self.environment = urlsplit(found.meta.endpoint_url).netloc

    @cached_property
    def client(self) -> Any:
        """boto3's client, made when something is first asked of the market."""
        made = self._given or _client("mturk")
        made.meta.events.register("before-parse.mturk", _believe, unique_id="labelcrowd")
        return made

    def call(self, operation: str, needed: str = "", *, read: Callable[[Any], Any] = as_it_is, **given: Any) -> Any:
        """Call an operation and return what is read of its answer, or of the part that is needed.

        Raises one of the three errors, also for an answer that can't be read.
        """
        self._wait_for_turn(operation)
        with _reading(operation):
            answer = self._send(operation, given)
            if needed and needed not in answer:
                raise ChannelUnknown(f"the answer to {operation} was cut off")
            return read(answer[needed] if needed else answer)

    def _send(self, operation: str, given: Mapping[str, Any]) -> Any:
        try:
            return getattr(self.client, operation)(**given)
        except ClientError as error:
            raise meant(error, operation) from error
        except ParamValidationError as error:
            raise ChannelRefused(type(error).__name__, str(error)) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise ChannelBusy(f"{operation}: this machine has no credentials for the market") from error
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise ChannelBusy(f"{operation}: the market could not be reached: {error}") from error
        except BotoCoreError as error:
            raise ChannelUnknown(f"{operation}: {error}") from error

    def once(self, operation: str, **given: Any) -> None:
        """Call an operation under a token; that it was done under it before is as good."""
        try:
            self.call(operation, **given)
        except ChannelRefused as error:
            if not is_duplicate(error):
                raise

    def pages(
        self, operation: str, rows: str, *, read: Callable[[Any], Any] = as_it_is, **given: Any
    ) -> Iterator[list[Any]]:
        """Yield the pages of a list to the last: an empty or a short one says nothing.

        A row that can't be read keeps no other one from being told, and is raised after the last page: so what is there
        is taken in, and nobody concludes anything from a list that lacks it.
        """
        token: str | None = None
        given_before: set[str] = set()
        unread: ChannelUnknown | None = None
        while True:
            more: dict[str, Any] = {"NextToken": token} if token else {}
            answer = self.call(operation, MaxResults=PAGE, **given, **more)
            if "NumResults" not in answer:
                raise ChannelUnknown(f"the answer to {operation} was cut off")
            found = []
            for row in answer.get(rows, []):
                try:
                    with _reading(operation):
                        found.append(read(row))
                except ChannelUnknown as error:
                    unread = error
            yield found
            token = answer.get("NextToken")
            if not token:
                break
            if token in given_before:
                raise ChannelUnknown(f"the list of {operation} never ends: it leads back to a page that was read")
            given_before.add(token)
        if unread is not None:
            raise unread

    def _wait_for_turn(self, operation: str) -> None:
        """Take one of the calls that all processes together may make; wait for it a little.

        Raises `RuntimeError` inside a transaction: every other process would wait for its end to take one.
        """
        with transaction.atomic(durable=True):
            pass
        rate = rates.Rate(settings.MTURK_RATE[0], int(settings.MTURK_RATE[1]))
        for _ in range(PATIENCE):
            try:
                return rates.take("market", self.environment, rate)
            except rates.TooMany as error:
                if error.wait > PATIENCE:
                    break
                time.sleep(min(error.wait, 1.0) * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
        raise ChannelBusy(f"{operation}: all that may be asked of the market is asked")


@contextmanager
def _reading(operation: str) -> Iterator[None]:
    """Have an answer that can't be read, or lacks what is read of it, leave it open what was done."""
    try:
        yield
    except UNREADABLE as error:
        raise ChannelUnknown(f"the answer to {operation} can't be read ({type(error).__name__}: {error})") from error


def _believe(operation_model: Any, response_dict: dict[str, Any], **_more: Any) -> None:
    """Raise `ChannelUnknown` for a success that is none of the market's, whose least word for "done" is `{}`."""
    if response_dict["status_code"] >= 300:
        return
    said = ""
    if not any(name.lower() == MARK for name in response_dict["headers"]):
        said = "something else than the market answered"
    elif not _is_object(response_dict["body"]):
        said = "the answer was cut off"
    if said:
        raise ChannelUnknown(f"{operation_model.name}: {said}, so whether it was done is not known")


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):  # what is no UTF-8 is a ValueError
        return False


def queue_client(queue: str) -> Any:
    """Return boto3's client of the queue that the market tells its events to: in the region that its address names."""
    found = re.match(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.", queue)
    return _client("sqs", region=found[1] if found else "")


def is_duplicate(error: ChannelRefused) -> bool:
    """Return whether the market refused because it had done it before."""
    return error.code.rpartition(".")[2].lower() in DUPLICATES


def meant(error: ClientError, operation: str) -> Exception:
    """Return which of the three errors an answer means, by its codes."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    turk = str(error.response.get("TurkErrorCode", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if passing := _passing(turk or code, {_bare(code), _bare(turk)}, status):
        return ChannelBusy(f"{operation}: {passing}")
    if status >= 500 or code == "ServiceFault":
        return ChannelUnknown(f"{operation}: the market failed: {error}")
    if not turk and code in ("", str(status)):
        # botocore has no code but the status where an error's body can't be read: it may have said that it was done.
        return ChannelUnknown(f"{operation}: the market's error was cut off")
    is_gone = turk.rpartition(".")[2].lower() == GONE
    refusal = ChannelGone if is_gone else ChannelRefused
    return refusal(turk or code, str(error.response.get("Error", {}).get("Message", error)))


def _passing(code: str, names: set[str], status: int) -> str:
    """Return why nothing was done that may be done later, "" where an answer does not say so."""
    if names & SLOW or status == 429:
        return "the market asks to slow down"
    if names & STRANGER:
        # Its own words may hold what was signed, a session's token too.
        return f"the market does not let these credentials in ({code})"
    if names & NO_MARKET:
        return f"what answers is not this market's API: see where AWS_ENDPOINT_URL_MTURK leads ({code})"
    return f"{TOO_POOR} (InsufficientFunds)" if POOR in names else ""


def _bare(code: str) -> str:
    """Return a code as all protocols share it.

    >>> _bare("UnrecognizedClientException"), _bare("AWS.NotAuthorized"), _bare("AccessDenied")
    ('unrecognizedclient', 'notauthorized', 'accessdenied')
    """
    return code.rpartition(".")[2].lower().removesuffix("exception")


def _client(service: str, *, region: str = "", **keys: str) -> Any:
    """Return boto3's client of a service, in this region or else in that of boto3's own chain: environment, profile."""
    import boto3  # noqa: PLC0415  # 12 MiB of every process, for those that ask a market
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
    # AWS's other clients read AWS_REGION, and boto3 doesn't.
    named = region or os.environ.get("AWS_REGION") or None
    try:
        return boto3.client(service, region_name=named, config=config, **keys)
    except NoRegionError:
        return boto3.client(service, region_name=REGION, config=config, **keys)
