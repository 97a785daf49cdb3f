"""Paying what a batch holds: the intent is committed first, the receipt after; what fails is owed again."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import services as ledger
from apps.members import trail
from apps.members.models import User
from apps.payments.models import Obligation, Payout, PayoutBatch


class NoProof(ValueError):
    """A payout's end needs a receipt or a problem, in words."""


class BadDay(ValueError):
    """A payout can't have been sent on that day; the sentence says why."""


@transaction.atomic
def begin(payout: Payout, *, by: User | None = None) -> Payout:
    """Commit the intent to send a payout of an approved batch; only what was begun can be sent."""
    _check_approved(payout.batch)
    begun = payout.move(Payout.State.SENDING, begun_at=clock.now())
    _record(payout.batch, "send payouts", by, payouts=1, payout=str(payout.pk))
    return begun


@transaction.atomic
def begin_all(batch: PayoutBatch, *, by: User, only: Q | None = None, sent_in: str = "") -> int:
    """Commit the intent to send every payout of an approved batch that nobody began; return how many those were.

    `only` tells those that a bank's file named `sent_in` can pay; None takes all. Run twice, it begins each once.
    """
    batch = PayoutBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    _check_approved(batch)
    rows = batch.payouts.filter(only or Q())
    begun = Payout.move_all(rows, Payout.State.SENDING, begun_at=clock.now(), sent_in=sent_in)
    if begun:
        _record(batch, "send payouts", by, payouts=begun, file=sent_in)
    return begun


@transaction.atomic
def confirm(payout: Payout, *, receipt: str, executed_on: date | None = None, by: User | None = None) -> Payout:
    """Book a payout that was sent, with what proves it. Run twice with one receipt, it is booked once.

    `executed_on` is the bank's day (UTC), by which tax years count; today if None. The books have it now, whichever day
    that is, of a closed month too. Raises `BadDay` for one that is to come or before the approval.
    """
    if not receipt.strip():
        raise NoProof("a payout is booked with its receipt: the bank's or platform's reference")
    _lock(payout)
    if payout.state == Payout.State.SENT and payout.receipt == receipt and executed_on in (None, payout.executed_on):
        return payout
    now = clock.now()
    day = executed_on or now.astimezone(UTC).date()
    _check_day(payout.batch, day, now)
    payout.move(Payout.State.SENT, receipt=receipt, sent_at=now, executed_on=day)
    ledger.pay_out(
        payout.batch.organization,
        payee=f"worker:{payout.worker_id}",
        amount=payout.amount,
        currency=payout.currency,
        reference=f"payout:{payout.pk}",
        at=now,
    )
    told: dict[str, Any] = {
        "payout": str(payout.pk),
        "amount": payout.amount,
        "receipt": receipt,
        "executed_on": day.isoformat(),
    }
    _record(payout.batch, "pay", by, **told)
    _close_if_done(payout.batch)
    return payout


@transaction.atomic
def confirm_all(batch: PayoutBatch, *, receipt: str, executed_on: date | None = None, by: User) -> int:
    """Book every payout of a batch that was begun, with one receipt and day for all; return how many those were."""
    begun = list(batch.payouts.filter(state=Payout.State.SENDING).select_related("batch__organization"))
    for payout in begun:
        confirm(payout, receipt=receipt, executed_on=executed_on, by=by)
    return len(begun)


@transaction.atomic
def fail(payout: Payout, *, problem: str, by: User | None = None) -> Payout:
    """Record that a payout did not go through, or can't be sent at all; what was in it is owed again."""
    _check_problem(problem)
    _lock(payout)
    _check_approved(payout.batch)
    payout.move(Payout.State.FAILED, problem=problem)
    _owe_again(payout, "fail payout", problem, by)
    _close_if_done(payout.batch)
    return payout


@transaction.atomic
def come_back(payout: Payout, *, problem: str, by: User | None = None) -> Payout:
    """Book that a payout which was sent came back from the worker's bank; what was in it is owed again."""
    _check_problem(problem)
    _lock(payout)
    now = clock.now()
    payout.move(Payout.State.RETURNED, problem=problem, returned_at=now)
    ledger.take_back(
        payout.batch.organization,
        payee=f"worker:{payout.worker_id}",
        amount=payout.amount,
        currency=payout.currency,
        reference=f"return:{payout.pk}",
        at=now,
    )
    _owe_again(payout, "payout came back", problem, by)
    return payout


def _owe_again(payout: Payout, verb: str, problem: str, by: User | None) -> None:
    Obligation.objects.filter(payout=payout).update(payout=None)
    _record(payout.batch, verb, by, reason=problem, payout=str(payout.pk), amount=payout.amount)


def _check_approved(batch: PayoutBatch) -> None:
    if batch.state != PayoutBatch.State.APPROVED:
        raise IllegalMove(
            f"{batch} is {batch.state!r}: approve it before anything is sent",
            field="payoutbatch.state", found=batch.state, wanted=PayoutBatch.State.APPROVED,
        )  # fmt: skip


def _check_day(batch: PayoutBatch, day: date, now: datetime) -> None:
    """Raise `BadDay` where nothing of a batch can have been sent that day."""
    today = now.astimezone(UTC).date()
    approved = batch.approved_at.astimezone(UTC).date() if batch.approved_at else today
    if day > today:
        raise BadDay(f"{day} is to come: a payout is booked once it was sent, and today is {today} (UTC)")
    if day < approved:
        raise BadDay(f"nothing of this batch was sent on {day}: it was approved on {approved} (UTC)")


def _check_problem(problem: str) -> None:
    if not problem.strip():
        raise NoProof("a payout that failed is recorded with what went wrong")


def _lock(payout: Payout) -> None:
    """Have the payouts of a batch end one at a time, so that whoever ends the last one sees that it is the last."""
    PayoutBatch.objects.select_for_update(no_key=True).get(pk=payout.batch_id)
    payout.refresh_from_db()


def _close_if_done(batch: PayoutBatch) -> None:
    open_still: Iterable[str] = (Payout.State.PLANNED, Payout.State.SENDING)
    if not batch.payouts.filter(state__in=open_still).exists():
        batch.try_move(PayoutBatch.State.CLOSED)


def _record(batch: PayoutBatch, verb: str, by: User | None, *, reason: str = "", **data: Any) -> None:
    trail.record(
        batch.organization, verb=verb, subject=f"batch:{batch.pk}", actor=by, reason=reason, currency=batch.currency,
        **data,
    )  # fmt: skip
