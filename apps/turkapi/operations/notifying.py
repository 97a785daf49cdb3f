"""Where events of a HIT type are told."""

from typing import Any

from apps.hitevents import services as hitevents
from apps.hitevents.models import Listener
from apps.turkapi import queries
from apps.turkapi.errors import BadValue
from apps.turkapi.services import events
from apps.turkapi.signing import Caller

Given = dict[str, Any]


def update_settings(caller: Caller, given: Given) -> Given:
    row = queries.hit_type(caller.organization, given["HITTypeId"])
    values: Given = events.read(given["Notification"]) if "Notification" in given else {}
    if not values and "Active" not in given:
        raise BadValue("either Notification or Active has to be given")
    if not values and not Listener.objects.filter(campaign=row.campaign).exists():
        raise BadValue("a Notification has to be given before it can be active, or not")
    hitevents.listen(row.campaign, values={**values, "active": given.get("Active", True)})
    return {}


def send_test(caller: Caller, given: Given) -> Given:
    """Send one event of the kind that is asked for, now; raise `Refused` where it can't be delivered."""
    events.send_example(caller, given["Notification"], kind=given["TestEventType"])
    return {}
