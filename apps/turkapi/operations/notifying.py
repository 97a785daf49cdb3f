"""Where events of a HIT type are told."""

from typing import Any

from apps.turkapi import queries
from apps.turkapi.errors import BadValue
from apps.turkapi.models import HitType
from apps.turkapi.services import events
from apps.turkapi.signing import Caller

Given = dict[str, Any]


def update_settings(caller: Caller, given: Given) -> Given:
    row = queries.hit_type(caller.organization, given["HITTypeId"])
    values: Given = {}
    if "Notification" in given:
        events.check(given["Notification"])
        values["notification"] = given["Notification"]
    if "Active" in given:
        values["notifies"] = given["Active"]
    elif "Notification" in given:
        values["notifies"] = True
    if not values:
        raise BadValue("either Notification or Active has to be given")
    if values.get("notifies") and not (values.get("notification") or row.notification):
        raise BadValue("a Notification has to be given before it can be active")
    HitType.objects.filter(pk=row.pk).update(**values)
    return {}


def send_test(caller: Caller, given: Given) -> Given:
    """Send one event of the kind that is asked for, now; raise `Refused` where it can't be delivered."""
    notification = given["Notification"]
    events.check(notification)
    events.deliver(notification, events.message(caller, [events.example(given["TestEventType"])]))
    return {}
