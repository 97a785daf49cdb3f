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
from apps.payments import queries
from apps.payments.models import Obligation, Settlement, SignOff
from apps.payments.services.signing import lock_limit, sign_off
from apps.work import queries as work
from apps.work.models import Assignment
from apps.workforce.models import OUTSIDE, Worker
from apps.workforce.own_pay import refuse_own_pay

SERVICE = "service:mturk"  # whose fees those of tasks are
NOT_PAID = "It takes back a payment that was noted and then not approved."  # the worker reads it


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
            raise IllegalMove(
                f"{row} is {row.state!r}: only what is approved is owed",
                field="assignment.state", found=row.state, wanted=Assignment.State.APPROVED,
            )  # fmt: skip
    known = set(Obligation.objects.filter(assignment__in=pks).values_list("assignment", flat=True))
    if new := [row for row in locked if row.pk not in known and row.pay]:
        _owe_new(new)


def _owe_new(rows: Sequence[Assignment]) -> None:
    first, now = rows[0], clock.now()
    owner = f"campaign:{first.campaign_id}"
    fees = [(row, fee) for row in rows if (fee := work.fee(row))]
    if first.campaign.ended_at is not None:  # its budget gave the fees back, as no page holds them
        for row, fee in fees:  # before the budget is locked, which comes after the organization everywhere
            ledger.fund(
                row.organization,
                owner=owner,
                amount=fee,
                currency=row.currency,
                reference=f"service_fee:{row.pk}:again",
            )
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
    ledger.spend(first.organization, owner=owner, dues=dues, currency=first.currency, at=now)
    for row, fee in fees:
        _take_fee(row, fee=fee)


def _take_fee(page: Assignment, *, fee: int) -> None:
    """Book what a page's task costs besides, of the same budget: it was funded for that, too."""
    owner = f"campaign:{page.campaign_id}"
    ledger.hold(owner, amount=fee)
    ledger.pay_fee(
        page.organization, owner=owner, taker=SERVICE, amount=fee, held=fee, currency=page.currency,
        reference=f"service_fee:{page.pk}",
    )  # fmt: skip


@transaction.atomic
def pay_bonus(
    worker: Worker,
    *,
    amount: int,
    currency: str,
    reference: str,
    reason: str,
    by: User,
    campaign: Campaign | None = None,
    fee: int = 0,
) -> Obligation:
    """Owe a worker more than pages earn, from the organization's funds. Once for a reference.

    The worker reads the reason. Raises `BadAmount` unless it is above 0, `NoReason`, `NotEnoughMoney`, and `OwnPay`. To
    a worker of an outside market it is not paid before all have signed it who must (`sign_off`); `fee` is what that
    market will take besides. Raises `IllegalMove` for one who never took a slot there, without a campaign to make them
    one in.
    """
    if amount <= 0:
        raise BadAmount(f"a bonus of {amount} minor units of {currency} gives nothing: it should be above 0")
    refuse_own_pay(worker, by=by)
    _check_reachable(worker, campaign)
    owed, is_new = credit(Obligation.Kind.BONUS, worker, amount, currency, reference, reason, by, campaign)
    return _signed(owed, is_new, by, fee)


@transaction.atomic
def adjust(
    worker: Worker,
    *,
    amount: int,
    currency: str,
    reference: str,
    reason: str,
    by: User,
    campaign: Campaign | None = None,
    fee: int = 0,
) -> Obligation:
    """Correct what a worker is owed, up or, below 0, down to nothing. Once for a reference.

    Takes from and gives to the organization's funds; raises as `pay_bonus` does, and `BadAmount` for 0, and below 0 for
    a worker of an outside market: that pays each sum as it was owed, and takes none back.
    """
    if amount == 0:
        raise BadAmount("an adjustment of 0 changes nothing")
    if amount < 0 and worker.channel in OUTSIDE:
        raise BadAmount(f"{worker} is paid by a market, which takes nothing back: the adjustment should be above 0")
    refuse_own_pay(worker, by=by)
    _check_reachable(worker, campaign)
    owed, is_new = credit(Obligation.Kind.ADJUSTMENT, worker, amount, currency, reference, reason, by, campaign)
    return _signed(owed, is_new, by, fee)


def _check_reachable(worker: Worker, campaign: Campaign | None) -> None:
    """Refuse to owe what no market can be asked to pay: a bonus hangs on a slot, and a slot on a campaign."""
    if worker.channel in OUTSIDE and campaign is None and not Assignment.objects.filter(worker=worker).exists():
        raise IllegalMove(
            f"{worker} never took a slot at its market, so nothing there can pay them: name a campaign, in which a "
            "slot is made for them",
            field="campaign", found=None, wanted="a campaign of the worker's market",
        )  # fmt: skip


@transaction.atomic
def credit(
    kind: Obligation.Kind,
    worker: Worker,
    amount: int,
    currency: str,
    reference: str,
    reason: str,
    by: User,
    campaign: Campaign | None,
) -> tuple[Obligation, bool]:
    """Owe a worker so much more or less, of the funds; return it and whether it is new. Once for a reference."""
    if not reason.strip():
        raise NoReason(f"a {kind} needs a reason: the worker reads it")
    if not reference.strip():
        raise ledger.BadReference(f"the {kind}'s reference is empty: it should be what names it, once")
    of = worker.organization
    if worker.channel in OUTSIDE:
        lock_limit(of, currency)  # before the organization, as all do
    Organization.objects.select_for_update(no_key=True).get(pk=of.pk)
    entry, new = ledger.credit(
        of, payee=f"worker:{worker.pk}", amount=amount, currency=currency, reference=f"{kind}:{reference}",
        memo=kind.value,
    )  # fmt: skip
    if not new:
        return Obligation.objects.get(organization=of, kind=kind, reference=reference), False
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
    return obligation, True


def _signed(owed: Obligation, is_new: bool, by: User, fee: int) -> Obligation:
    """Write down whether two have to sign before a market pays it; our own payouts have batches for that."""
    refused = SignOff.objects.filter(
        organization=owed.organization, verb=owed.kind, subject=f"obligation:{owed.pk}", refused_by__isnull=False
    )
    if not is_new and refused.exists():
        raise IllegalMove(
            f"the {owed.kind} {owed.reference} was refused: ask for another one, by another reference",
            field="reference", found=owed.reference, wanted="another one",
        )  # fmt: skip
    if is_new and owed.worker.channel in OUTSIDE:
        sign_off(
            owed.organization, verb=owed.kind, subject=f"obligation:{owed.pk}", amount=owed.amount + fee,
            currency=owed.currency, reason=owed.reason, by=by,
        )  # fmt: skip
    return owed


@transaction.atomic
def take_back(owed: Obligation, *, by: User) -> Obligation:
    """Owe no more what a second person refused, before any market was asked for it: the funds have it again. Once.

    Raises `IllegalMove` where it was paid.
    """
    lock_owed(owed)  # whoever books it as paid holds it, too
    if Settlement.objects.filter(obligation=owed).exists():
        raise IllegalMove(f"{owed} was paid: it can't be taken back", field="obligation", found="paid", wanted="owed")
    reference = f"{queries.TAKEN_BACK}{owed.pk}"
    taken, _new = credit(
        Obligation.Kind.ADJUSTMENT, owed.worker, -owed.amount, owed.currency, reference, NOT_PAID, by, owed.campaign
    )
    return taken


def lock_owed(owed: Obligation) -> None:
    """Lock what is owed, with all that its worker is owed besides and in no payout, until the transaction ends."""
    rows = Obligation.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    list(rows.filter(worker=owed.worker_id, currency=owed.currency, payout=None, settlement=None).values_list("pk"))


def _check_unplanned(worker: Worker, taken: int, currency: str) -> None:
    """Refuse to take what is in a payout already: it may be on its way."""
    rows = Obligation.objects.select_for_update(no_key=True, of=("self",))
    free = rows.filter(worker=worker, currency=currency, payout=None, settlement=None)
    left = sum(free.values_list("amount", flat=True))
    if left < taken:
        raise ledger.NotEnoughMoney(
            f"{worker} is owed {left} minor units of {currency} that are in no payout, {taken} can't be taken of it",
            field="payable", found=left, wanted=f"at least {taken}",
        )  # fmt: skip
