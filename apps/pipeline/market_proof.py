"""What proves that an offer was paid as our books have it: both lists agree on it. Only then it is deleted there."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from apps.channels import services as channels
from apps.channels.models import Claim, Intent, Publication, Reconciliation
from apps.core import clock
from apps.payments.models import Obligation, Settlement
from apps.pipeline.motor import Next

LOOKED_INTO = timedelta(hours=1)
LONG, REST = timedelta(minutes=1), 4  # after a comparison that took longer, none begins for so often its time


def compare_first(row: Publication) -> list[Next]:
    """Have an offer's payments compared; one of which they differ stays at the market, for a person to look into."""
    if not _awaits(row):
        channels.wait(row, until=clock.now() + LOOKED_INTO, problem="its payments differ from the market's list")
        return []
    begins_at = rested_at(row.campaign.organization_id, row.channel)
    channels.wait(row, until=max(channels.later(6), begins_at))
    return [Next("reconcile", row.campaign.organization_id)] if begins_at <= clock.now() else []


def rested_at(of: UUID, channel: str) -> datetime:
    """Return when the next comparison may begin: by ever new ones of long lists nothing else would be asked.

    None begins while one is open, which goes on by itself.
    """
    compared = Reconciliation.objects.filter(organization=of, channel=channel)
    if compared.filter(ended_at=None).exists():
        return clock.now() + LONG
    last = compared.exclude(ended_at=None).first()
    if last is None or last.ended_at is None:
        return clock.now()
    took = last.ended_at - last.made_at
    return last.ended_at + REST * took if took > LONG else clock.now()


def is_awaited(of: UUID, channel: str) -> bool:
    """Return whether an offer that is over waits to be compared: it was paid for since it last was."""
    unsettled = Claim.objects.filter(publication=OuterRef("pk"), state=Claim.State.CONFIRMED, settled=False)
    over = Publication.objects.filter(
        ~Exists(unsettled), campaign__organization=of, channel=channel, state=Publication.State.COLLECTED
    )
    return any(_awaits(row) for row in over.select_related("campaign").iterator())


def _awaits(row: Publication) -> bool:
    last = _last_paid(row)
    return last is not None and (row.compared_at is None or row.compared_at < last)


def is_compared(row: Publication) -> bool:
    """Return whether both lists agreed since an offer was last paid for: once deleted, it is in none."""
    last = _last_paid(row)
    return last is None or (row.reconciled_at is not None and row.reconciled_at >= last)


def _last_paid(row: Publication) -> datetime | None:
    """Return when an offer was last paid for; now, where that is still under way."""
    of = row.campaign.organization_id
    bonuses = Intent.objects.filter(
        organization=of, channel=row.channel, verb=Intent.Verb.PAY_BONUS, asked__publication=row.name
    ).exclude(state=Intent.State.REFUSED)
    asked = [asked["obligation"] for asked in bonuses.values_list("asked", flat=True)]
    if Obligation.objects.filter(pk__in=asked, settlement=None).exists():
        return clock.now()
    if row.owed:
        asked.append(int(row.owed.partition(":")[2]))
    paid = Settlement.objects.filter(Q(obligation__assignment__claim__publication=row) | Q(obligation__in=asked))
    last: datetime | None = paid.aggregate(at=Max("settled_at"))["at"]
    return last
