"""Putting what is owed together to be paid: planned, approved by whoever may, or cancelled."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.core import clock, money
from apps.core.conflicts import Conflicting
from apps.members import trail
from apps.members.models import Organization, User
from apps.payments.models import Obligation, Payout, PayoutBatch, PayoutLine, PayoutMethod
from apps.payments.services.signing import asked_alone, lock_limit
from apps.workforce.models import OUTSIDE, Worker
from apps.workforce.own_pay import refuse_own_pay


class NothingOwed(Conflicting):
    """There is nothing to pay out."""


class NeedsAnother(Conflicting):
    """The batch is so large that two people decide about it."""


@transaction.atomic
def plan_payouts(
    organization: Organization, *, currency: str, until: datetime | None = None, by: User | None = None
) -> PayoutBatch:
    """Put all that is owed in a currency up to `until` into a batch, one payout for each worker.

    Adjustments below 0 are in it however late they came. Raises `NothingOwed` if that is nothing, and `NeedsAnother`
    where the policy wants two people and nobody says who plans it. What is in a batch is in no other.
    """
    until = until or clock.now()
    unpaid = (
        Obligation.objects.select_for_update(no_key=True, of=("self",))
        .filter(Q(owed_at__lt=until) | Q(amount__lt=0), organization=organization, currency=currency, payout=None)
        .exclude(worker__channel__in=OUTSIDE)
    )  # those are paid by their market
    ids = list(unpaid.values_list("pk", flat=True))  # locks them: another batch waits, then finds them taken
    sums = Obligation.objects.filter(pk__in=ids).values_list("worker").annotate(total=Sum("amount"))
    owed = {worker: total for worker, total in sums.order_by("worker") if total > 0}
    if not owed:
        raise NothingOwed(
            f"{organization} owes nothing in {currency} from before {until:%Y-%m-%d %H:%M} UTC",
            field="payable", found=0, wanted="above 0",
        )  # fmt: skip
    total = sum(owed.values())
    batch = PayoutBatch.objects.create(
        organization=organization, currency=currency, owed_until=until, created_by=by,
        needs_second=_needs_second(organization, currency, total, by),
    )  # fmt: skip
    Payout.objects.bulk_create(
        Payout(batch=batch, worker_id=worker, amount=amount, currency=currency) for worker, amount in owed.items()
    )
    of_worker = Payout.objects.filter(batch=batch, worker=OuterRef("worker")).values("pk")
    Obligation.objects.filter(pk__in=ids, worker__in=owed).update(payout=Subquery(of_worker))
    PayoutLine.objects.bulk_create(
        PayoutLine(payout_id=payout, obligation_id=obligation)
        for payout, obligation in Obligation.objects.filter(payout__batch=batch).values_list("payout", "pk")
    )
    _record(batch, "plan payouts", by, payouts=len(owed), amount=total)
    return batch


@transaction.atomic
def approve_batch(batch: PayoutBatch, *, by: User) -> PayoutBatch:
    """Let a batch be paid, to where its workers want to be paid at this moment.

    What would pay `by`, whoever planned it, is left out: owed again, for another to approve in a later batch. Raises
    `OwnPay` where nothing else is in it, and `NeedsAnother` where the batch needs a second person and `by` planned it;
    the database refuses that too.
    """
    own = list(Worker.objects.filter(user=by, pk__in=batch.payouts.values("worker")))
    if not batch.payouts.exclude(worker__in=own).exists():
        refuse_own_pay(*own, by=by)
    if batch.needs_second and by.pk == batch.created_by_id:
        raise NeedsAnother(
            f"{by} planned this batch, and within a day so much that somebody else must approve it",
            field="payoutbatch.approved_by", found="who planned it", wanted="somebody else",
        )  # fmt: skip
    batch.move(PayoutBatch.State.APPROVED, approved_by=by, approved_at=clock.now())
    wanted = PayoutMethod.objects.filter(worker=OuterRef("worker"))
    _leave_out(batch, own, by)
    batch.payouts.filter(state=Payout.State.PLANNED).update(
        method=Coalesce(Subquery(wanted.values("method")), Value("")),
        destination=Coalesce(Subquery(wanted.values("sealed")), Value("")),
        shown_destination=Coalesce(Subquery(wanted.values("shown")), Value("")),
    )
    _record(batch, "approve payouts", by)
    return batch


@transaction.atomic
def cancel_batch(batch: PayoutBatch, *, by: User, reason: str = "") -> PayoutBatch:
    """Give up a batch that nobody approved yet: all that is in it is owed again."""
    batch.move(PayoutBatch.State.CANCELLED)
    Obligation.objects.filter(payout__batch=batch).update(payout=None)
    Payout.move_all(batch.payouts.all(), Payout.State.CANCELLED)
    _record(batch, "cancel payouts", by, reason=reason)
    return batch


def _leave_out(batch: PayoutBatch, own: list[Worker], by: User) -> None:
    """Give up the payouts of a batch to who approves it."""
    rows = batch.payouts.filter(worker__in=own)
    if left_out := list(rows.values_list("pk", "amount")):
        payouts = [pk for pk, _amount in left_out]
        Obligation.objects.filter(payout__in=payouts).update(payout=None)
        Payout.move_all(rows, Payout.State.CANCELLED)
        _record(batch, "leave out own pay", by, payouts=len(payouts), amount=sum(amount for _pk, amount in left_out))


def _needs_second(organization: Organization, currency: str, total: int, by: User | None) -> bool:
    """Return whether another has to approve so much: with what the same person asked for within a day and nobody else
    agreed to, so that a large sum is not cut into small ones.
    """
    limit = lock_limit(organization, currency, by=by)
    if limit is None or total + (asked_alone(organization, currency, by) if by else 0) < limit:
        return False
    if by is None:
        raise NeedsAnother(
            f"a batch of {money.show(total, currency)} is approved by another than who planned it: say who plans it",
            field="payoutbatch.created_by", found=None, wanted="who plans it",
        )  # fmt: skip
    return True


def _record(batch: PayoutBatch, verb: str, by: User | None, *, reason: str = "", **data: Any) -> None:
    trail.record(
        batch.organization, verb=verb, subject=f"batch:{batch.pk}", actor=by, reason=reason, currency=batch.currency,
        **data,
    )  # fmt: skip
