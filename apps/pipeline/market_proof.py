"""What proves that an offer was paid as our books have it: both lists agree on it. Only then it is deleted there."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q

from apps.channels import services as channels
from apps.channels.models import Claim, Intent, Publication, Reconciliation
from apps.core import clock
from apps.payments.models import Obligation, Settlement
from apps.pipeline.market_payments import all_by_hand, by_hand
from apps.pipeline.motor import Next

LOOKED_INTO = timedelta(hours=1)
UNDER_WAY = timedelta(minutes=10)
DIFFERS = "its payments differ from the market's list"
LONG, REST = timedelta(minutes=1), 4  # after a comparison that took longer, none begins for so often its time


def compare_first(row: Publication) -> list[Next]:
    """Have an offer's payments compared; one of which they differ stays at the market, for a person to look into."""
    if _is_under_way(row):  # it is compared when that is known
        channels.wait(row, until=clock.now() + UNDER_WAY, problem="a bonus for work on it is under way")
        return []
    if not _awaits(row):
        channels.wait(row, until=clock.now() + LOOKED_INTO, problem=DIFFERS)
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
    return last is not None and not _is_under_way(row) and (row.compared_at is None or row.compared_at < last)


def is_compared(row: Publication) -> bool:
    """Return whether both lists agreed since an offer was last paid for, or a person took them for settled since.

    Once deleted, it is in none.
    """
    if _is_under_way(row):
        return False
    last = _last_paid(row)
    if last is None or (row.reconciled_at is not None and row.reconciled_at >= last):
        return True
    seen = _last_paid(row, is_listed=False)  # who accepts it has seen the doubt, whether or not the list has it
    return row.accepted_at is not None and (seen is None or row.accepted_at >= seen)


def _is_under_way(row: Publication) -> bool:
    """Return whether the market is being asked for a bonus for work on an offer, though something else paid it."""
    return owes_bonus(row) or bool(bonuses_besides(row))


def owes_bonus(row: Publication) -> bool:
    """Return whether a bonus for work on an offer is still to be paid or booked."""
    return Obligation.objects.filter(pk__in=_owed(_bonuses(row)), settlement=None).exists()


def bonuses_besides(row: Publication) -> list[Intent]:
    """Return the bonuses for work on an offer of which it is not known whether they were paid, though others were."""
    sent = [bonus for bonus in _bonuses(row) if bonus.state == Intent.State.SENDING]
    settled = Settlement.objects.filter(obligation__in=_owed(sent)).values_list("obligation", flat=True)
    return [bonus for bonus in sent if bonus.asked["obligation"] in set(settled)]


def _bonuses(row: Publication) -> list[Intent]:
    """Return the bonuses that the market was asked for, for work on an offer."""
    of, verb = row.campaign.organization_id, Intent.Verb.PAY_BONUS
    asked = Intent.objects.filter(organization=of, channel=row.channel, verb=verb, asked__publication=row.name)
    return list(asked.exclude(state=Intent.State.REFUSED))


def _owed(bonuses: Iterable[Intent]) -> list[int]:
    return [each.asked["obligation"] for each in bonuses]


def _seen_by(row: Publication, bonuses: Iterable[Intent], *, is_listed: bool) -> Iterator[datetime]:
    """Yield when it was seen that an offer's market paid what something else had paid; `is_listed`, since when its
    lists have it."""
    if row.doubted_at is not None:
        yield row.doubted_at + timedelta(seconds=settings.MARKET_LAG_SECONDS if is_listed else 0)
        if not is_listed:
            return
    paid = {each.asked["obligation"]: each for each in bonuses if each.state == Intent.State.DONE}
    for owed, receipt in Settlement.objects.filter(obligation__in=paid).values_list("obligation", "receipt"):
        if receipt != str(paid[owed].pk):
            yield channels.listed_by(paid[owed])


def _last_paid(row: Publication, *, is_listed: bool = True) -> datetime | None:
    """Return when an offer was last paid for; what was paid twice, when that is listed there, or it was seen."""
    bonuses = _bonuses(row)
    asked = _owed(bonuses)
    if row.owed:
        asked.append(int(row.owed.partition(":")[2]))
    of_it = all_by_hand(row.campaign.organization_id).filter(reference__startswith=by_hand(row))
    asked += of_it.values_list("pk", flat=True)
    paid = Settlement.objects.filter(Q(obligation__assignment__claim__publication=row) | Q(obligation__in=asked))
    last: datetime | None = paid.aggregate(at=Max("settled_at"))["at"]
    return max([*_seen_by(row, bonuses, is_listed=is_listed), *([last] if last is not None else [])], default=None)
