"""Events of HITs: wanted, written down, sent; at least once, and hints only, as MTurk's were."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.core import clock, ids, rates
from apps.hitevents import documents, queries, transports
from apps.hitevents.models import HitEvent, Kind, Listener

# After the first, second, ... try that failed; then it is given up: whoever listens polls too.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18_000, 36_000))

# What has been due for so long at a listener that takes nothing is given up, tried or not.
TOO_LATE = sum(WAITS, timedelta())


@transaction.atomic
def listen(campaign: Campaign, *, values: Mapping[str, Any]) -> Listener:
    """Have the events of a campaign's HITs told as `values` say; what happened before it was active is not told."""
    known = Listener.objects.select_for_update().filter(campaign=campaign).first()
    listener = known or Listener(campaign=campaign)
    if known is None or not known.active:
        listener.since = clock.now()
    listener.failures, listener.rests_until = 0, None
    for name, value in values.items():
        setattr(listener, name, value)
    listener.save()
    return listener


def note_extended(campaign: Campaign, *, hit: str) -> None:
    """Write down that a HIT was extended, in the transaction in which it was: its end is told anew."""
    note(campaign, Kind.HIT_EXTENDED, hit=hit, once=end_anew(campaign, hit=hit))


def end_anew(campaign: Campaign, *, hit: str) -> str:
    """Have a HIT's end told anew, in the transaction in which it goes on; return the mark of the ends told before."""
    mark = ids.new_id().hex
    ends = [Kind.HIT_EXPIRED, Kind.HIT_REVIEWABLE]
    HitEvent.objects.filter(listener=campaign.pk, hit=hit, kind__in=ends, once="").update(once=mark)
    return mark


def note(campaign: Campaign, kind: Kind, *, hit: str, once: str = "") -> None:
    """Write down what a requester did with a HIT, in the transaction in which it was done; it is sent later."""
    listener = Listener.objects.filter(campaign=campaign, active=True, kinds__contains=[kind]).first()
    if listener is not None:
        event = HitEvent(listener=listener, kind=kind, hit=hit, once=once, at=clock.now())
        HitEvent.objects.bulk_create([event], ignore_conflicts=True)


def note_expired(campaign: Campaign, *, hit: str, before: datetime | None) -> None:
    """Write down that a HIT's time was ended, which was to be over at `before`, in the transaction in which it was.

    By its new time, which may be long ago, it would be taken for what nobody had listened to: as one that was over
    before anybody did is.
    """
    listening = Listener.objects.filter(campaign=campaign)
    if before is None or listening.filter(since__lte=before).exists():
        note(campaign, Kind.HIT_EXPIRED, hit=hit)


def note_untold() -> list[UUID]:
    """Write down what happened since, for all who listen; return the ids of what is to be sent. Run twice, once."""
    for listener in queries.listening().iterator():
        events = list(queries.untold(listener))
        HitEvent.objects.bulk_create(events, ignore_conflicts=True)
    return list(queries.due(clock.now()).values_list("pk", flat=True)[: queries.AT_ONCE])


def tell(event_id: UUID) -> bool:
    """Send an event if it is due, and note what came of it; return whether it was tried, which is committed before.

    A receiver may get it twice, if we die before its answer is noted: the EventDocId is the same. One that takes
    nothing rests: nothing else is sent there for a while.
    """
    due = queries.due(clock.now()).filter(pk=event_id)
    event = due.select_related("listener__campaign__organization").first()
    if event is None:
        return False
    wait = WAITS[min(event.tries, len(WAITS) - 1)]
    event.move(HitEvent.State.WAITING, tries=event.tries + 1, due_at=clock.now() + wait)
    try:
        listener = event.listener
        whose = listener.campaign.organization_id
        transports.send(listener.transport, listener.destination, documents.of(event), whose=whose)
    except rates.TooMany as full:
        later = clock.from_now(seconds=full.wait)
        event.move(HitEvent.State.WAITING, tries=event.tries - 1, due_at=later)
        return False
    except transports.NotDelivered as error:
        is_last = event.tries >= len(WAITS)
        event.move(HitEvent.State.FAILED if is_last else HitEvent.State.WAITING, problem=str(error))
        event.listener.note_call(failed=True)
        waiting = HitEvent.objects.filter(listener=event.listener, state=HitEvent.State.WAITING)
        too_late = waiting.filter(due_at__lt=clock.now() - TOO_LATE)
        HitEvent.move_all(too_late, HitEvent.State.FAILED, problem=str(error))
    else:
        event.move(HitEvent.State.SENT, problem="")
        event.listener.note_call(failed=False)
    return True
