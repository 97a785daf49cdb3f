"""What workers are owed: for approved pages, as bonuses, by adjustments."""

from collections.abc import Sequence

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.core.money import BadAmount
from apps.core.states import IllegalMove
from apps.ledger import services as ledger
from apps.members import trail
from apps.members.models import Organization, User
from apps.payments.models import Obligation
from apps.work import queries as work
from apps.work.models import Assignment
from apps.workforce.models import OUTSIDE, Worker

SERVICE = "service:mturk"  # whose fees those of tasks are


class NoReason(ValueError):
    """A bonus or an adjustment says why, in words."""


def owe(assignment: Assignment) -> Obligation | None:
    """Owe the worker what an approved page earns, at the rate in force when it was leased. Run twice, it owes once.

    Returns None for a page that earns nothing.
    """
    owe_each([assignment])
    return Obligation.objects.filter(assignment=assignment).first()


@transaction.atomic
def owe_each(pages: Sequence[Assignment]) -> None:
    """Owe what approved pages of one campaign earn, as `owe` does: their holds on the budget move into the books."""
    pks = [page.pk for page in pages]
    rows = Assignment.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=pks).order_by("pk")
    locked = list(rows.select_related("organization", "campaign"))
    for row in locked:
        if row.state != Assignment.State.APPROVED:
            raise IllegalMove(f"{row} is {row.state!r}: only what is approved is owed")
    known = set(Obligation.objects.filter(assignment__in=pks).values_list("assignment", flat=True))
    if new := [row for row in locked if row.pk not in known and row.pay]:
        _owe_new(new)


def _owe_new(rows: Sequence[Assignment]) -> None:
    first, now = rows[0], clock.now()
    Obligation.objects.bulk_create(
        Obligation(
            assignment=row,
            organization_id=row.organization_id,
            campaign_id=row.campaign_id,
            worker_id=row.worker_id,
            amount=row.pay,
            currency=row.currency,
            owed_at=now,
        )
        for row in rows
    )
    dues = [ledger.Due(f"worker:{row.worker_id}", row.pay, row.pay, f"obligation:{row.pk}") for row in rows]
    owner = f"campaign:{first.campaign_id}"
    ledger.spend(first.organization, owner=owner, dues=dues, currency=first.currency, at=now)
    for row in rows:
        _take_fee(row, fee=work.fee(row))


def _take_fee(page: Assignment, *, fee: int) -> None:
    """Book what a page's task costs besides, of the same budget: it was funded for that, too."""
    if fee:
        owner = f"campaign:{page.campaign_id}"
        ledger.hold(owner, amount=fee)
        ledger.pay_fee(
            page.organization, owner=owner, taker=SERVICE, amount=fee, held=fee, currency=page.currency,
            reference=f"service_fee:{page.pk}",
        )  # fmt: skip


def pay_bonus(
    worker: Worker,
    *,
    amount: int,
    currency: str,
    reference: str,
    reason: str,
    by: User,
    campaign: Campaign | None = None,
) -> Obligation:
    """Owe a worker more than pages earn, from the organization's funds. Once for a reference.

    The worker reads the reason. Raises `BadAmount` unless it is above 0, `NoReason`, and `NotEnoughMoney`.
    """
    if amount <= 0:
        raise BadAmount(f"a bonus of {amount} minor units of {currency} gives nothing: it should be above 0")
    return _credit(Obligation.Kind.BONUS, worker, amount, currency, reference, reason, by, campaign)


def adjust(
    worker: Worker,
    *,
    amount: int,
    currency: str,
    reference: str,
    reason: str,
    by: User,
    campaign: Campaign | None = None,
) -> Obligation:
    """Correct what a worker is owed, up or, below 0, down to nothing. Once for a reference.

    Takes from and gives to the organization's funds; raises as `pay_bonus` does, and `BadAmount` for 0, and below 0 for
    a worker of an outside market: that pays each sum as it was owed, and takes none back.
    """
    if amount == 0:
        raise BadAmount("an adjustment of 0 changes nothing")
    if amount < 0 and worker.channel in OUTSIDE:
        raise BadAmount(f"{worker} is paid by a market, which takes nothing back: the adjustment should be above 0")
    return _credit(Obligation.Kind.ADJUSTMENT, worker, amount, currency, reference, reason, by, campaign)


@transaction.atomic
def _credit(
    kind: Obligation.Kind,
    worker: Worker,
    amount: int,
    currency: str,
    reference: str,
    reason: str,
    by: User,
    campaign: Campaign | None,
) -> Obligation:
    if not reason.strip():
        raise NoReason(f"a {kind} needs a reason: the worker reads it")
    if not reference.strip():
        raise ledger.BadReference(f"the {kind}'s reference is empty: it should be what names it, once")
    of = worker.organization
    Organization.objects.select_for_update(no_key=True).get(pk=of.pk)
    entry, new = ledger.credit(
        of, payee=f"worker:{worker.pk}", amount=amount, currency=currency, reference=f"{kind}:{reference}",
        memo=kind.value,
    )  # fmt: skip
    if not new:
        return Obligation.objects.get(organization=of, kind=kind, reference=reference)
    if amount < 0:
        _check_unplanned(worker, -amount, currency)
    obligation = Obligation.objects.create(
        kind=kind,
        organization=of,
        campaign=campaign,
        worker=worker,
        amount=amount,
        currency=currency,
        reference=reference,
        reason=reason.strip(),
        owed_at=entry.at,
        created_by=by,
    )
    trail.record(
        of, verb=str(kind), subject=f"worker:{worker.pk}", actor=by, reason=reason, amount=amount, currency=currency,
        reference=reference,
    )  # fmt: skip
    return obligation


def _check_unplanned(worker: Worker, taken: int, currency: str) -> None:
    """Refuse to take what is in a payout already: it may be on its way."""
    free = Obligation.objects.select_for_update(no_key=True).filter(worker=worker, currency=currency, payout=None)
    left = sum(free.values_list("amount", flat=True))
    if left < taken:
        raise ledger.NotEnoughMoney(
            f"{worker} is owed {left} minor units of {currency} that are in no payout, {taken} can't be taken of it"
        )
