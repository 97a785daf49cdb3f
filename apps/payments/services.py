"""Owing workers what they earned, and paying it out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import services as ledger
from apps.members import trail
from apps.members.models import Organization, User
from apps.payments.models import Obligation, Payout, PayoutBatch
from apps.work.models import Assignment


class NothingOwed(Exception):
    """There is nothing to pay out."""


class NoProof(ValueError):
    """A payout's end needs a receipt or a problem, in words."""


@transaction.atomic
def owe(assignment: Assignment) -> Obligation | None:
    """Owe the worker what an approved page earns, at the rate in force when it was leased. Run twice, it owes once.

    Moves the page's hold on the budget into the books; returns None for a page that earns nothing.
    """
    row = Assignment.objects.select_for_update(no_key=True).select_related("organization").get(pk=assignment.pk)
    if row.state != Assignment.State.APPROVED:
        raise IllegalMove(f"{row} is {row.state!r}: only what is approved is owed")
    known = Obligation.objects.filter(assignment=row).first()
    if known is not None or row.pay == 0:
        return known
    now = clock.now()
    obligation = Obligation.objects.create(
        assignment=row,
        organization=row.organization,
        campaign_id=row.campaign_id,
        worker_id=row.worker_id,
        amount=row.pay,
        currency=row.currency,
        owed_at=now,
    )
    ledger.spend(
        row.organization,
        owner=f"campaign:{row.campaign_id}",
        payee=f"worker:{row.worker_id}",
        amount=row.pay,
        held=row.pay,
        currency=row.currency,
        reference=f"obligation:{row.pk}",
        at=now,
    )
    return obligation


@transaction.atomic
def plan_payouts(
    organization: Organization, *, currency: str, until: datetime | None = None, by: User | None = None
) -> PayoutBatch:
    """Put all that is owed in a currency up to `until` into a batch, one payout for each worker.

    Raises `NothingOwed` if that is nothing. What is in a batch is in no other.
    """
    until = until or clock.now()
    unpaid = Obligation.objects.select_for_update(no_key=True).filter(
        organization=organization, currency=currency, payout=None, owed_at__lt=until
    )
    ids = list(unpaid.values_list("pk", flat=True))  # locks them: another batch waits, then finds them taken
    if not ids:
        raise NothingOwed(f"{organization} owes nothing in {currency} from before {until:%Y-%m-%d %H:%M} UTC")
    batch = PayoutBatch.objects.create(organization=organization, currency=currency, owed_until=until, created_by=by)
    owed = Obligation.objects.filter(pk__in=ids).values("worker").annotate(total=Sum("amount")).order_by("worker")
    payouts = Payout.objects.bulk_create(
        Payout(batch=batch, worker_id=row["worker"], amount=row["total"], currency=currency) for row in owed
    )
    for payout in payouts:
        Obligation.objects.filter(pk__in=ids, worker=payout.worker_id).update(payout=payout)
    _record(batch, "plan payouts", by, payouts=len(payouts), amount=sum(payout.amount for payout in payouts))
    return batch


@transaction.atomic
def approve_batch(batch: PayoutBatch, *, by: User) -> PayoutBatch:
    """Let a batch be paid."""
    batch.move(PayoutBatch.State.APPROVED, approved_by=by, approved_at=clock.now())
    _record(batch, "approve payouts", by)
    return batch


@transaction.atomic
def begin(payout: Payout) -> Payout:
    """Commit the intent to send a payout of an approved batch; only what was begun can be sent or fail."""
    if payout.batch.state != PayoutBatch.State.APPROVED:
        raise IllegalMove(f"{payout.batch} is {payout.batch.state!r}: approve it before anything is sent")
    return payout.move(Payout.State.SENDING)


@transaction.atomic
def confirm(payout: Payout, *, receipt: str, by: User | None = None) -> Payout:
    """Book a payout that was sent, with what proves it. Run twice with one receipt, it is booked once."""
    if not receipt.strip():
        raise NoProof("a payout is booked with its receipt: the bank's or platform's reference")
    _lock(payout)
    if payout.state == Payout.State.SENT and payout.receipt == receipt:
        return payout
    payout.move(Payout.State.SENT, receipt=receipt, sent_at=clock.now())
    ledger.pay_out(
        payout.batch.organization,
        payee=f"worker:{payout.worker_id}",
        amount=payout.amount,
        currency=payout.currency,
        reference=f"payout:{payout.pk}",
    )
    _record(payout.batch, "pay", by, payout=str(payout.pk), amount=payout.amount, receipt=receipt)
    _close_if_done(payout.batch)
    return payout


@transaction.atomic
def fail(payout: Payout, *, problem: str, by: User | None = None) -> Payout:
    """Record that a payout did not go through; what was in it is owed again."""
    if not problem.strip():
        raise NoProof("a payout that failed is recorded with what went wrong")
    _lock(payout)
    payout.move(Payout.State.FAILED, problem=problem)
    Obligation.objects.filter(payout=payout).update(payout=None)
    _record(payout.batch, "fail payout", by, payout=str(payout.pk), problem=problem)
    _close_if_done(payout.batch)
    return payout


def _lock(payout: Payout) -> None:
    """Have the payouts of a batch end one at a time, so that whoever ends the last one sees that it is the last."""
    PayoutBatch.objects.select_for_update(no_key=True).get(pk=payout.batch_id)
    payout.refresh_from_db()


def _close_if_done(batch: PayoutBatch) -> None:
    open_still: Iterable[str] = (Payout.State.PLANNED, Payout.State.SENDING)
    if not batch.payouts.filter(state__in=open_still).exists():
        batch.try_move(PayoutBatch.State.CLOSED)


def _record(batch: PayoutBatch, verb: str, by: User | None, **data: Any) -> None:
    trail.record(batch.organization, verb=verb, subject=f"batch:{batch.pk}", actor=by, currency=batch.currency, **data)
