"""Taking what a bank or platform says became of a batch's payouts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date

from django.db import transaction

from apps.core import clock
from apps.members.models import User
from apps.payments.models import Payout, PayoutBatch
from apps.payments.results import DAY, BadResults, Result
from apps.payments.services.sending import BadDay, begin, come_back, confirm, fail

MOST_TOLD = 20  # bad lines


@dataclass(frozen=True)
class Taken:
    """How many payouts a file said were sent, failed, came back, or had been told before."""

    sent: int
    failed: int
    returned: int
    known: int


@transaction.atomic
def take_results(batch: PayoutBatch, *, results: Iterable[Result], executed_on: date | None = None, by: User) -> Taken:
    """Book every line: sent with its receipt, or failed or come back, and owed again.

    `executed_on` is the bank's day of lines that tell none; today if None. A payout that was begun in an earlier year
    than that needs its line's own: its tax year would be a guess. The same lines again change nothing. Raises
    `BadResults` with a sentence for each line that can't be, and then takes none of them.
    """
    payouts = {row.reference: row for row in batch.payouts.select_related("batch__organization")}
    counts = dict.fromkeys(("sent", "failed", "returned", "known"), 0)
    problems = []
    for result in results:
        payout = payouts.get(result.payout.upper())
        if payout is None:
            problems.append(f"line {result.line}: this batch has no payout {result.payout!r}")
        elif verdict := _verdict(payout, result):
            counts[verdict] += 1
            try:
                _carry_out(verdict, payout, result, executed_on, by)
            except BadDay as error:
                problems.append(f"line {result.line}: {error}")
        else:
            problems.append(f"line {result.line}: {_contradiction(payout, result)}")
    if problems:
        more = [f"… and {len(problems) - MOST_TOLD} lines more"] if len(problems) > MOST_TOLD else []
        raise BadResults(problems[:MOST_TOLD] + more)
    return Taken(**counts)


def _verdict(payout: Payout, result: Result) -> str:
    """Return what a line means for its payout as it is now; "" if it can't be."""
    if result.receipt and result.problem:
        return ""
    on_its_way = payout.state in (Payout.State.PLANNED, Payout.State.SENDING)
    if result.receipt:
        same = payout.receipt == result.receipt and result.executed_on in (None, payout.executed_on)
        return "sent" if on_its_way else "known" if same else ""
    if payout.state == Payout.State.SENT:
        return "returned"
    return "failed" if on_its_way else "known" if payout.problem == result.problem else ""


def _carry_out(verdict: str, payout: Payout, result: Result, executed_on: date | None, by: User) -> None:
    if verdict == "sent":
        if result.executed_on is None:
            _check_year(payout, executed_on)
        if payout.state == Payout.State.PLANNED:
            begin(payout, by=by)  # it was sent without our knowing
        confirm(payout, receipt=result.receipt, executed_on=result.executed_on or executed_on, by=by)
    elif verdict == "failed":
        fail(payout, problem=result.problem, by=by)
    elif verdict == "returned":
        come_back(payout, problem=result.problem, by=by)


def _check_year(payout: Payout, executed_on: date | None) -> None:
    """Raise `BadDay` where a payout that was begun in an earlier year would be taken for sent in this one, untold."""
    day = executed_on or clock.now().astimezone(UTC).date()
    begun = payout.begun_at or payout.batch.approved_at
    if begun and begun.astimezone(UTC).year < day.year:
        raise BadDay(f"it tells no day, and the {payout} was begun in {begun:%Y}: tell the bank's day in {DAY}")


def _contradiction(payout: Payout, result: Result) -> str:
    if result.receipt and result.problem:
        return "it has a receipt and a problem; it should have one of them"
    if result.receipt and result.receipt == payout.receipt:
        return f"the {payout} is booked as executed on {payout.executed_on}, not on {result.executed_on}"
    said = "sent" if result.receipt else "failed"
    return f"the {payout} is said to have {'been ' * (said == 'sent')}{said}, but it is {payout.get_state_display()}"
