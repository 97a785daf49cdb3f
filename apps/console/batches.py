"""How far a batch of payouts is, and what comes next."""

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core import money
from apps.members.models import User
from apps.payments.models import Payout, PayoutBatch
from apps.reports.payments import paying

State = Payout.State


@dataclass(frozen=True)
class Part:
    """The payouts of a batch that are in one state."""

    state: str
    title: str
    payouts: int
    amount: str
    link: str


@dataclass(frozen=True)
class Steps:
    """What a batch's page says: `next` is a sentence, `go` and `link` the button to it, if there is one."""

    parts: list[Part]
    total: str
    files: list[tuple[str, str]]
    without_method: int
    next: str
    go: str = ""
    link: str = ""


def steps_of(batch: PayoutBatch, *, reader: User, may: bool) -> Steps:
    """Return how far the batch is, as its reader should go on with it; `may`: whether the reader may do anything."""
    rows = batch.payouts.values_list("state").annotate(n=Count("pk"), total=Sum("amount")).order_by("state")
    listed = reverse("admin:payments_payout_changelist")
    parts = [
        Part(state, str(State(state).label), n, money.show(total, batch.currency),
             f"{listed}?batch__id__exact={batch.pk}&state__exact={state}")
        for state, n, total in rows
    ]  # fmt: skip
    counts = {part.state: part.payouts for part in parts}
    formats = batch.payouts.exclude(sent_in="").order_by("sent_in").values_list("sent_in", flat=True).distinct()
    files = [(paying.title_of(name), f"{_page(batch, 'file')}?format={name}") for name in formats] if may else []
    sentence, go, name = _next(batch, counts, reader) if may else (_state_of(batch), "", "")
    return Steps(
        parts=parts,
        total=money.show(sum(total for _state, _n, total in rows) - batch.left_out, batch.currency),
        files=files,
        without_method=batch.payouts.filter(state=State.PLANNED, worker__payout_method=None).count(),
        next=sentence,
        go=go,
        link=_page(batch, name) if name else "",
    )


def _next(batch: PayoutBatch, counts: dict[str, int], reader: User) -> tuple[str, str, str]:
    """Return a sentence, the text of its button and the page that it leads to."""
    if batch.state == PayoutBatch.State.PLANNED:
        if batch.needs_second and reader.pk == batch.created_by_id:
            return _("You planned it, and so much within a day that somebody else must approve it. Tell them."), "", ""
        return _("Look it over. Nothing is sent before it is approved."), _("Approve"), "approve"
    if batch.state == PayoutBatch.State.APPROVED:
        if waiting := counts.get(State.PLANNED, 0):
            sentence = ngettext(
                "%(n)s payout waits to be put into a file for your bank or PayPal.",
                "%(n)s payouts wait to be put into a file for your bank or PayPal.", waiting,
            )  # fmt: skip
            return sentence % {"n": waiting}, _("Send"), "send"
        sending = counts.get(State.SENDING, 0)
        sentence = ngettext(
            "%(n)s payout is being sent. When the bank has answered, take its results.",
            "%(n)s payouts are being sent. When the bank has answered, take its results.", sending,
        )  # fmt: skip
        return sentence % {"n": sending}, _("Take results"), "results"
    return _state_of(batch), "", ""


def _state_of(batch: PayoutBatch) -> str:
    return {
        PayoutBatch.State.PLANNED: _("It waits for approval."),
        PayoutBatch.State.APPROVED: _("It is approved, and being paid."),
        PayoutBatch.State.CLOSED: _("It is done. What failed is owed again, and comes into the next batch."),
        PayoutBatch.State.CANCELLED: _("It was cancelled; all that was in it is owed again."),
    }[PayoutBatch.State(batch.state)]


def _page(batch: PayoutBatch, name: str) -> str:
    return reverse(f"admin:payments_payoutbatch_{name}", args=[batch.pk])
