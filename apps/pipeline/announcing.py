"""What machines are told of, and when it is sent: notices are written with what happened, and delivered after."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from apps.campaigns.models import Campaign
from apps.hitevents import services as hitevents
from apps.hitevents.models import HitEvent
from apps.hitevents.queries import next_of as next_hit_event
from apps.notices import services as notices
from apps.notices.models import Event, Notice
from apps.notices.queries import next_of as next_notice
from apps.pipeline.locks import alone
from apps.pipeline.motor import Next
from apps.quality.models import Combination
from apps.work.models import Assignment


def campaign(row: Campaign, event: Event, *, once: str = "") -> list[Next]:
    """Announce what became of a campaign; `once` tells this time from others, where it may happen again."""
    data = {"campaign": str(row.pk), "name": row.name, "state": row.state}
    return _follow(notices.announce(row.organization_id, event=event, key=f"{row.key}:{event}:{once}", data=data))


def page(row: Assignment, event: Event) -> list[Next]:
    """Announce what became of a page; of money only what it earns."""
    return pages([row], event)


def pages(rows: Sequence[Assignment], event: Event) -> list[Next]:
    """Announce what became of pages of one organization."""
    told = {f"assignment:{row.pk}:{event}": _page(row) for row in rows}
    return _follow(notices.announce_each(rows[0].organization_id, event=event, told=told)) if rows else []


def _page(row: Assignment) -> dict[str, Any]:
    return {
        "assignment": str(row.pk),
        "campaign": str(row.campaign_id),
        "worker": str(row.worker_id),
        "state": row.state,
        "pay": row.pay,
        "currency": row.currency,
    }


def labels(row: Campaign, combination: Combination) -> list[Next]:
    """Announce that labels were combined, once for a version; what nobody told of in time, the sweep finds."""
    if not combination.judgments_combined:
        return []
    key = f"{row.key}:{Event.CONSENSUS_UPDATED}:{combination.version}"
    data = {
        "campaign": str(row.pk),
        "version": combination.version,
        "judgments_combined": combination.judgments_combined,
        "final": combination.final,
    }
    return _follow(notices.announce(row.organization_id, event=Event.CONSENSUS_UPDATED, key=key, data=data))


def deliver(notice_id: UUID) -> list[Next]:
    """Send a notice to its endpoint, and the organization's next one after it.

    One that was not taken is due again later, and found by the sweep; so is one that met another's call.
    """
    organization = Notice.objects.values_list("endpoint__organization", flat=True).get(pk=notice_id)
    with _calling(organization) as is_alone:
        if not is_alone or not notices.deliver(notice_id):
            return []
    following = next_notice(organization)
    return [Next("deliver", following.pk)] if following else []


def tell_of_hit(event_id: UUID) -> list[Next]:
    """Send an event of a HIT to who listens, and the organization's next one after it; else as `deliver`."""
    organization = HitEvent.objects.values_list("listener__campaign__organization", flat=True).get(pk=event_id)
    with _calling(organization) as is_alone:
        if not is_alone or not hitevents.tell(event_id):
            return []
    following = next_hit_event(organization)
    return [Next("tell_of_hit", following.pk)] if following else []


def _calling(organization: UUID) -> AbstractContextManager[bool]:
    """Call an organization's servers one at a time: those that hang hold one thread, and others' are called."""
    return alone(f"calls of {organization}")


def _follow(made: list[UUID]) -> list[Next]:
    return [Next("deliver", pk) for pk in made]
