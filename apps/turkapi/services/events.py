"""Events as MTurk tells them: to an SQS queue, an SNS topic, or a webhook of the requester's."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import httpx
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from apps.core import clock, ids
from apps.turkapi.errors import BadValue, turk
from apps.turkapi.signing import Caller

VERSIONS = ("2006-05-05", "2014-08-15")
SECONDS = 10
NOTHING = "0" * 32


def check(notification: Mapping[str, Any]) -> None:
    """Raise `BadValue` for a notification that could never be delivered."""
    transport, to = notification["Transport"], notification["Destination"]
    if notification["Version"] not in VERSIONS:
        raise BadValue(f"Version is {notification['Version']!r}; it should be one of {VERSIONS}")
    if not notification["EventTypes"]:
        raise BadValue("EventTypes is empty")
    if transport == "Email":
        raise BadValue("Transport Email was withdrawn: use SQS or SNS")
    if transport == "SNS" and not to.startswith("arn:") and not _is_webhook(to):
        raise BadValue(f"Destination is {to[:80]!r}; it should be a topic's ARN, or the address of a webhook")
    if transport == "SQS" and not to.startswith(("https://", "http://")):
        raise BadValue(f"Destination is {to[:80]!r}; it should be a queue's URL")


def example(kind: str) -> dict[str, Any]:
    """Return an event of this kind about nothing."""
    event = {"EventType": kind, "EventTimestamp": _now(), "HITTypeId": NOTHING, "HITId": NOTHING}
    return event | ({"AssignmentId": NOTHING} if kind.startswith("Assignment") else {})


def message(caller: Caller, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the message that carries these events; its EventDocId tells it from every other."""
    return {
        "Events": list(events),
        "EventDocId": ids.new_id().hex,
        "SourceAccount": caller.organization.slug,
        "CustomerId": f"A{caller.organization.pk.hex.upper()}",
        "EventDocVersion": VERSIONS[0],
    }


def deliver(notification: Mapping[str, Any], message: Mapping[str, Any]) -> None:
    """Send a message; raise `Refused` where it did not arrive."""
    transport, to = notification["Transport"], notification["Destination"]
    body = json.dumps(message)
    try:
        if _is_webhook(to) and transport == "SNS":
            httpx.post(
                to, content=body, headers={"Content-Type": "application/json"}, timeout=SECONDS
            ).raise_for_status()
        elif transport == "SQS":
            _client("sqs", _region_of_queue(to)).send_message(QueueUrl=to, MessageBody=body)
        else:
            _client("sns", to.split(":")[3]).publish(TopicArn=to, Message=body)
    except (httpx.HTTPError, BotoCoreError, ClientError) as error:
        raise turk("InvalidNotification", f"the notification could not be delivered to {to}: {error}") from None


@cache
def _client(service: str, region: str) -> Any:
    """Return botocore's client: credentials and endpoint come from its own chain, the machine's."""
    config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 1})
    return botocore.session.get_session().create_client(service, region_name=region, config=config)


def _region_of_queue(url: str) -> str:
    parts = (urlsplit(url).hostname or "").split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "sqs" else "us-east-1"


def _is_webhook(to: str) -> bool:
    return to.startswith("https://")


def _now() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
