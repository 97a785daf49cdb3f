"""The ways a message goes: an SQS queue, an SNS topic, a web address. None goes where no operator lets requests go."""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from apps.core import outbound
from apps.hitevents.models import Listener

Transport = Listener.Transport
SECONDS = 10
REGIONS_KEPT = 8  # botocore's clients are megabytes each
LONGEST = 500
_QUEUE = re.compile(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(\d+)/[\w.-]+")
_TOPIC = re.compile(r"arn:aws(?:-[a-z-]+)?:sns:([a-z0-9-]+):(\d+):[\w.-]+")


class NotDelivered(Exception):
    """The message did not arrive, or nobody said that it did; the text says why."""


class BadDestination(ValueError):
    """Nothing could ever be sent there; the text says why."""


def check(transport: str, destination: str) -> None:
    """Raise `BadDestination` for an address that is none of its transport's, or where no request may go."""
    if len(destination) > LONGEST:
        raise BadDestination(f"Destination has {len(destination)} characters, {LONGEST} are the most")
    try:
        if transport == Transport.WEBHOOK:
            outbound.check_url(destination)
        else:
            _check_endpoint(_client(transport, destination))
    except outbound.NotAllowed as error:
        raise BadDestination(f"Destination {destination[:80]!r}: {error}") from None


def send(transport: str, destination: str, message: Mapping[str, Any], *, whose: UUID) -> None:
    """Send a message of an organization's; raise `NotDelivered`, and `rates.TooMany` where it sends too many."""
    try:
        check(transport, destination)
        outbound.take_turn(whose)
        body = json.dumps(message)
        if transport == Transport.WEBHOOK:
            _post(destination, body)
        elif transport == Transport.SQS:
            _client(transport, destination).send_message(QueueUrl=destination, MessageBody=body)
        else:
            _client(transport, destination).publish(TopicArn=destination, Message=body)
    except (BadDestination, outbound.NotAllowed, outbound.Failed, BotoCoreError, ClientError) as error:
        raise NotDelivered(str(error)) from None


def _post(destination: str, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = outbound.send("POST", destination, whose=None, body=body.encode(), headers=headers, seconds=SECONDS)
    if not answer.is_success:
        raise NotDelivered(f"it answered {answer.status}, it should answer 200 to 299")


def _client(transport: str, destination: str) -> Any:
    """Return the client of the queue's or topic's region; raise `BadDestination`.

    A queue's own address is not asked: requests go to the endpoint of botocore's chain, which is the operator's.
    """
    pattern, noun = (_QUEUE, "queue's URL") if transport == Transport.SQS else (_TOPIC, "topic's ARN")
    found = pattern.fullmatch(destination)
    if found is not None:
        _check_region(transport.lower(), found[1])
        _check_account(found[2])
        return _made(transport.lower(), found[1])
    client = _made(transport.lower(), "us-east-1")
    if transport == Transport.SQS and destination.startswith(client.meta.endpoint_url.rstrip("/") + "/"):
        return client  # a queue of a service of the operator's own
    raise BadDestination(f"Destination is {destination[:80]!r}; it should be a {noun}")


def _check_region(service: str, region: str) -> None:
    """Raise `BadDestination` for a region that AWS has not: whoever chooses destinations would fill the memory."""
    if region not in _regions(service):
        raise BadDestination(f"the region is {region[:40]!r}; it should be one where AWS has {service.upper()}")


def _check_account(account: str) -> None:
    """Raise `BadDestination` for an account that the operator did not name: messages go in the operator's own name."""
    if settings.OUTBOUND_ACCOUNTS and account not in settings.OUTBOUND_ACCOUNTS:
        raise BadDestination(f"Destination is of AWS account {account[:40]}, which nothing may be told to here")


@cache
def _regions(service: str) -> frozenset[str]:
    session = _session()
    found = (session.get_available_regions(service, name) for name in session.get_available_partitions())
    return frozenset(region for names in found for region in names)


def _check_endpoint(client: Any) -> None:
    outbound.check_url(client.meta.endpoint_url)


@lru_cache(REGIONS_KEPT)
def _made(service: str, region: str) -> Any:
    """Return botocore's client: credentials and endpoint come from its own chain, the machine's."""
    from botocore.config import Config  # noqa: PLC0415  # as `_session`

    config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 1})
    return _session().create_client(service, region_name=region, config=config)


def _session() -> Any:
    import botocore.session  # noqa: PLC0415  # 10 MiB of every process, for those that tell of something

    return botocore.session.get_session()
