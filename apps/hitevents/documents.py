"""An event's message as MTurk writes it: its guide's "Elements of a Notification Message"."""

from datetime import UTC, datetime
from typing import Any

from apps.core import clock, ids
from apps.hitevents.models import HitEvent, Kind
from apps.members.models import Organization

VERSIONS = ("2006-05-05", "2014-08-15")  # the model of the API names one, the guide the other
NOTHING = "0" * 32


def of(event: HitEvent) -> dict[str, Any]:
    """Return the message of an event, the same each time it is sent."""
    campaign = event.listener.campaign
    told = {
        "EventType": event.kind,
        "EventTimestamp": _time(event.at),
        "HITTypeId": campaign.pk.hex.upper(),
        "HITId": event.hit,
    }
    if event.assignment is not None:
        told["AssignmentId"] = event.assignment.hex.upper()
    return _message(campaign.organization, told, key=event.pk.hex, version=event.listener.version)


def example(organization: Organization, kind: str, *, version: str) -> dict[str, Any]:
    """Return a message of this kind about nothing: a test."""
    told = {"EventType": kind, "EventTimestamp": _time(clock.now()), "HITTypeId": NOTHING, "HITId": NOTHING}
    if Kind(kind).value.startswith("Assignment"):
        told["AssignmentId"] = NOTHING
    return _message(organization, told, key=ids.new_id().hex, version=version)


def _message(organization: Organization, event: dict[str, Any], *, key: str, version: str) -> dict[str, Any]:
    """Return the message that carries an event; its EventDocId tells it from every other."""
    return {
        "EventDocVersion": version,
        "EventDocId": key,
        "SourceAccount": organization.slug,
        "CustomerId": f"A{organization.pk.hex.upper()}",
        "Events": [event],
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
