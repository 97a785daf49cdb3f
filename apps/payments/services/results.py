"""Taking what a bank or platform says became of a batch's payouts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from apps.members.models import User
from apps.payments.models import Payout, PayoutBatch
from apps.payments.results import BadResults, Result
from apps.payments.services.sending import begin, come_back, confirm, fail

MOST_TOLD = 20  # bad lines


@dataclass(frozen=True)
class Taken:
    """How many payouts a file said were sent, failed, came back, or had been told before."""

    sent: int
    failed: int
    returned: int
    known: int


@transaction.atomic
def take_results(batch: PayoutBatch, *, results: Iterable[Result], by: User) -> Taken:
    """Book every line: sent with its receipt, or failed or come back, and owed again.

    The same lines again change nothing. Raises `BadResults` with a sentence for each line that can't be, and then
    takes none of them.
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
            _carry_out(verdict, payout, result, by)
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
        return "sent" if on_its_way else "known" if payout.receipt == result.receipt else ""
    if payout.state == Payout.State.SENT:
        return "returned"
    return "failed" if on_its_way else "known" if payout.problem == result.problem else ""


def _carry_out(verdict: str, payout: Payout, result: Result, by: User) -> None:
    if verdict == "sent":
        if payout.state == Payout.State.PLANNED:
            begin(payout)  # it was sent without our knowing
        confirm(payout, receipt=result.receipt, by=by)
    elif verdict == "failed":
        fail(payout, problem=result.problem, by=by)
    elif verdict == "returned":
        come_back(payout, problem=result.problem, by=by)


def _contradiction(payout: Payout, result: Result) -> str:
    if result.receipt and result.problem:
        return "it has a receipt and a problem; it should have one of them"
    said = "sent" if result.receipt else "failed"
    return f"the {payout} is said to have {'been ' * (said == 'sent')}{said}, but it is {payout.get_state_display()}"
