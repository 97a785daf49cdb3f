"""Any service that speaks MTurk's requester API, as a channel: the only module that imports its client.

boto3's own retries are off, for inside one call of it a bonus can be paid twice. Errors are decided by their codes. A
200 that is cut off reads like a success with keys missing, so what is needed of an answer is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)
from defusedxml.ElementTree import fromstring

from apps.channels.base import ChannelBusy, ChannelRefused, ChannelUnknown, Line, Offer, Submission
from apps.core import money

CURRENCY = "USD"
QUESTION = (
    '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/'
    'ExternalQuestion.xsd"><ExternalURL>{}</ExternalURL><FrameHeight>0</FrameHeight></ExternalQuestion>'
)
PAGE = 100
SLOW = ("throttling", "throttlingexception", "requestlimitexceeded", "toomanyrequestsexception")
DUPLICATES = ("hitalreadyexists", "duplicatecall", "duplicaterequest")
_HIT_ID = re.compile(r"\b[A-Z0-9]{20,64}\b")


class MTurk:
    """One account at one endpoint, both from boto3's own chain: environment, profile, AWS_ENDPOINT_URL_MTURK."""

    def __init__(self, client: Any = None) -> None:
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
        self.client = client or boto3.client("mturk", config=config)

    def publish(self, offer: Offer, *, key: str, token: str) -> str:
        given = {
            "Title": offer.title,
            "Description": offer.description,
            "Keywords": offer.keywords,
            "Reward": _amount(offer.reward),
            "MaxAssignments": offer.slots,
            "LifetimeInSeconds": offer.lifetime_seconds,
            "AssignmentDurationInSeconds": offer.lease_seconds,
            "AutoApprovalDelayInSeconds": offer.approve_after_seconds,
            "Question": QUESTION.format(escape(offer.address)),
            "RequesterAnnotation": key,
            "UniqueRequestToken": token,
        }
        try:
            return str(self._call("create_hit", "HIT", **given)["HITId"])
        except ChannelRefused as error:
            return self._already(error, key)

    def find(self, key: str) -> str | None:
        for page in self._pages("list_hits", "HITs"):
            for hit in page:
                if hit.get("RequesterAnnotation") == key:
                    return str(hit["HITId"])
        return None

    def extend(self, publication: str, *, slots: int, token: str) -> None:
        given = {"HITId": publication, "NumberOfAdditionalAssignments": slots, "UniqueRequestToken": token}
        self._once("create_additional_assignments_for_hit", **given)

    def withdraw(self, publication: str) -> None:
        self._call("update_expiration_for_hit", HITId=publication, ExpireAt=datetime.fromtimestamp(0, UTC))

    def collect(self, publication: str) -> Iterator[Submission]:
        for page in self._pages("list_assignments_for_hit", "Assignments", HITId=publication):
            for row in page:
                yield Submission(
                    assignment=row["AssignmentId"],
                    worker=row["WorkerId"],
                    publication=publication,
                    state=row["AssignmentStatus"].lower(),
                    answer=answers(row.get("Answer", "")),
                    submitted_at=row["SubmitTime"],
                )

    def approve(self, assignment: str, *, feedback: str = "") -> None:
        more = {"RequesterFeedback": feedback} if feedback else {}
        self._judge("approve_assignment", "Approved", assignment, **more)

    def reject(self, assignment: str, *, reason: str) -> None:
        self._judge("reject_assignment", "Rejected", assignment, RequesterFeedback=reason)

    def pay_bonus(self, assignment: str, *, worker: str, cents: int, reason: str, token: str) -> None:
        self._once(
            "send_bonus", AssignmentId=assignment, WorkerId=worker, BonusAmount=_amount(cents), Reason=reason,
            UniqueRequestToken=token,
        )  # fmt: skip

    def balance(self) -> int:
        return money.to_minor(str(self._call("get_account_balance", "AvailableBalance")), CURRENCY)

    def statement(self, publications: Sequence[str]) -> list[Line]:
        return sorted(line for publication in publications for line in self._lines(publication))

    def _lines(self, publication: str) -> Iterator[Line]:
        reward = money.to_minor(self._call("get_hit", "HIT", HITId=publication)["Reward"], CURRENCY)
        for done in self.collect(publication):
            if done.state == "approved":
                yield Line("reward", done.assignment, done.worker, reward)
        for page in self._pages("list_bonus_payments", "BonusPayments", HITId=publication):
            for row in page:
                cents = money.to_minor(row["BonusAmount"], CURRENCY)
                yield Line("bonus", row["AssignmentId"], row["WorkerId"], cents)

    def _judge(self, operation: str, wanted: str, assignment: str, **more: str) -> None:
        try:
            self._call(operation, AssignmentId=assignment, **more)
        except ChannelRefused as error:
            if not error.code.endswith("InvalidAssignmentState"):
                raise
            found = self._call("get_assignment", "Assignment", AssignmentId=assignment)["AssignmentStatus"]
            if found != wanted:
                raise ChannelRefused(error.code, f"assignment {assignment} is {found}, not {wanted}") from None

    def _once(self, operation: str, **given: Any) -> None:
        """Call an operation under a token; that it was done under it before is as good."""
        try:
            self._call(operation, **given)
        except ChannelRefused as error:
            if not _is_duplicate(error):
                raise

    def _already(self, error: ChannelRefused, key: str) -> str:
        if not _is_duplicate(error):
            raise error
        named = _HIT_ID.search(str(error))
        found = named[0] if named else self.find(key)
        if found is None:
            raise ChannelUnknown(f"the market made {key} before, and does not list it yet") from None
        return found

    def _pages(self, operation: str, rows: str, **given: Any) -> Iterator[list[dict[str, Any]]]:
        token: str | None = None
        while True:
            more = {"NextToken": token} if token else {}
            answer = self._call(operation, MaxResults=PAGE, **given, **more)
            if "NumResults" not in answer:
                raise ChannelUnknown(f"the answer to {operation} was cut off")
            yield answer.get(rows, [])
            token = answer.get("NextToken")
            if not token:
                return

    def _call(self, operation: str, needed: str = "", **given: Any) -> Any:
        """Call an operation and return its answer, or the part of it that is needed; raise one of the three errors."""
        try:
            answer = getattr(self.client, operation)(**given)
        except ClientError as error:
            raise _meant(error, operation) from error
        except (ParamValidationError, NoCredentialsError) as error:
            raise ChannelRefused(type(error).__name__, str(error)) from error
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise ChannelBusy(f"{operation}: the market could not be reached: {error}") from error
        except BotoCoreError as error:
            raise ChannelUnknown(f"{operation}: {error}") from error
        if needed and needed not in answer:
            raise ChannelUnknown(f"the answer to {operation} was cut off")
        return answer[needed] if needed else answer


def answers(xml: str) -> dict[str, str]:
    """Return the fields of a QuestionFormAnswers document; {} for none."""
    if not xml:
        return {}
    found: dict[str, str] = {}
    for answer in fromstring(xml, forbid_dtd=True):
        parts = {str(part.tag).rpartition("}")[2]: part.text or "" for part in answer}
        found[parts.get("QuestionIdentifier", "")] = parts.get("FreeText", parts.get("SelectionIdentifier", ""))
    return found


def _meant(error: ClientError, operation: str) -> Exception:
    """Return which of the three errors an answer means, by its codes."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    turk = str(error.response.get("TurkErrorCode", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code.lower() in SLOW or status == 429:
        return ChannelBusy(f"{operation}: the market asks to slow down")
    if status >= 500 or code == "ServiceFault":
        return ChannelUnknown(f"{operation}: the market failed: {error}")
    return ChannelRefused(turk or code, str(error.response.get("Error", {}).get("Message", error)))


def _is_duplicate(error: ChannelRefused) -> bool:
    return error.code.rpartition(".")[2].lower() in DUPLICATES


def _amount(cents: int) -> str:
    return f"{money.to_decimal(cents, CURRENCY):f}"
