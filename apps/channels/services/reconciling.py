"""The daily reconciliation: the market's list of payments against ours, offer by offer, kept as a row."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.channels import reconciling
from apps.channels.base import Line
from apps.channels.models import Publication, Reconciliation
from apps.core import clock
from apps.members.models import Organization

SOON = timedelta(minutes=1)  # after this a comparison is gone on with, whose lists were not given or whose process died


def open_comparison(organization: Organization, *, channel: str, currency: str) -> Reconciliation:
    """Return the comparison that is open, or a new one as of now."""
    values = {"currency": currency, "due_at": clock.now() + SOON}
    row, _ = Reconciliation.objects.get_or_create(
        organization=organization, channel=channel, ended_at=None, defaults=values
    )
    return row


@transaction.atomic
def note_lists(
    row: Reconciliation,
    offer: Publication,
    *,
    ours: Iterable[Line],
    market: Iterable[Line],
    fees: int = 0,
    pending: int = 0,
    on_their_way: Mapping[str, datetime] | None = None,
) -> None:
    """Add to a comparison how the two lists of an offer compare, and note whether they agree. Twice, it adds once.

    `on_their_way` are the slots whose reward was seen to be so, with since when; `pending` payments are left out.
    """
    row = Reconciliation.objects.select_for_update(no_key=True).get(pk=row.pk)
    ours, market = list(ours), list(market)
    found = reconciling.compare(ours=ours, market=market)
    agreed = {} if found else {"reconciled_at": row.made_at}
    uncompared = Publication.objects.filter(pk=offer.pk).exclude(compared_at__gte=row.made_at)
    if row.ended_at is not None or not uncompared.update(compared_at=row.made_at, **agreed):
        return
    row.publications += 1
    row.pending += pending
    row.on_their_way += [
        {"kind": "reward", "assignment": name, "since": since.isoformat(), "offer": str(offer.pk)}
        for name, since in sorted((on_their_way or {}).items())
    ]
    row.fees += fees
    row.ours += len(ours)
    row.ours_amount += sum(line.cents for line in ours)
    row.market += len(market)
    row.market_amount += sum(line.cents for line in market)
    row.differences += [
        {"side": one.side, "times": one.times, "kind": one.line.kind, "assignment": one.line.assignment,
         "worker": one.line.worker, "amount": one.line.cents, "offer": str(offer.pk)}
        for one in found
    ]  # fmt: skip
    row.read_at = clock.now()
    row.due_at = row.read_at + SOON
    row.save()


def ask_again(row: Reconciliation) -> None:
    """Put a comparison off whose lists were not all given."""
    Reconciliation.objects.filter(pk=row.pk, ended_at=None).update(due_at=clock.now() + SOON)


@transaction.atomic
def end_comparison(row: Reconciliation, *, unread: int, orphans: Iterable[Mapping[str, Any]]) -> bool:
    """End a comparison, whose lists were read but so many; return whether it was open until now.

    What was on its way in an offer whose list was not read now is so still, since when it was.
    """
    found = Reconciliation.objects.select_for_update(no_key=True).get(pk=row.pk)
    if found.ended_at is not None:
        return False
    found.on_their_way += _not_read_again(found)
    found.ended_at, found.unread, found.orphans = clock.now(), unread, [dict(each) for each in orphans]
    found.save(update_fields=["on_their_way", "ended_at", "unread", "orphans"])
    return True


def ended_before(row: Reconciliation) -> Reconciliation | None:
    """Return the comparison before this one."""
    ended = Reconciliation.objects.filter(organization=row.organization_id, channel=row.channel)
    return ended.exclude(ended_at=None).filter(made_at__lt=row.made_at).first()


def _not_read_again(row: Reconciliation) -> list[dict[str, Any]]:
    before = ended_before(row)
    known = [one for one in before.on_their_way if "offer" in one] if before is not None else []
    left = Publication.objects.filter(pk__in={one["offer"] for one in known}, compared_at__lt=row.made_at)
    names = {str(pk) for pk in left.exclude(state__in=Publication.OVER).values_list("pk", flat=True)}
    return [one for one in known if one["offer"] in names]
