"""Where the events of a HIT type are told, as requesters say it; what is told and how is hitevents'."""

from collections.abc import Mapping
from typing import Any

from apps.hitevents import documents, transports
from apps.hitevents.models import Kind, Listener
from apps.turkapi.errors import BadValue, turk
from apps.turkapi.signing import Caller

Transport = Listener.Transport


def read(notification: Mapping[str, Any]) -> dict[str, Any]:
    """Return a notification as a listener's values; raise `BadValue` for one that could never be delivered.

    A webhook, which MTurk had none of, is an SNS destination that begins with https:// (or http://).
    """
    transport, to = notification["Transport"], notification["Destination"]
    if notification["Version"] not in documents.VERSIONS:
        raise BadValue(f"Version is {notification['Version']!r}; it should be one of {documents.VERSIONS}")
    if not notification["EventTypes"]:
        raise BadValue("EventTypes is empty")
    if transport == "Email":
        raise BadValue("Transport Email was withdrawn: use SQS or SNS")
    if transport == "SNS" and to.startswith(("https://", "http://")):
        transport = Transport.WEBHOOK
    try:
        transports.check(transport, to)
    except transports.BadDestination as error:
        raise BadValue(str(error)) from None
    kinds = sorted({Kind(name).value for name in notification["EventTypes"]})
    return {"transport": transport, "destination": to, "version": notification["Version"], "kinds": kinds}


def send_example(caller: Caller, notification: Mapping[str, Any], *, kind: str) -> None:
    """Send one event about nothing, now; raise `Refused` where it did not arrive."""
    values = read(notification)
    message = documents.example(caller.organization, kind, version=values["version"])
    try:
        transports.send(values["transport"], values["destination"], message, whose=caller.organization.pk)
    except transports.NotDelivered as error:
        said = f"the notification could not be delivered to {values['destination']}: {error}"
        raise turk("InvalidNotification", said) from None
