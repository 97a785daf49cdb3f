"""How workers are paid together: a batch, step by step."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.console import downloads, permissions
from apps.console.admin.payouts import Shown
from apps.console.asking import address, ask, capital
from apps.console.base import button
from apps.console.batches import steps_of
from apps.console.forms.finance import FileFormat, Results
from apps.console.forms.money import PlanPayouts, Reason, Sent
from apps.console.owned import OfOrganization
from apps.console.permissions import actor
from apps.console.queries import unplanned
from apps.console.showing import amount
from apps.core import clock, money
from apps.members.models import Organization
from apps.payments import services
from apps.payments.models import Payout, PayoutBatch
from apps.payments.results import COLUMNS, DAY
from apps.pipeline import flow
from apps.reports.payments import paying

MOST_PAYOUTS = 50  # on a batch's page; the list has all
NOT_LEFT_OUT = ~Q(payouts__state=Payout.State.CANCELLED) | Q(state=PayoutBatch.State.CANCELLED)


@admin.register(PayoutBatch)
class PayoutBatchAdmin(OfOrganization, Shown):
    list_display = ("__str__", "shown_state", "shown_total", "payouts_count", "owed_until", "created_by")
    list_filter = ("state", "currency")
    list_select_related = ("created_by",)
    fields = ("organization_name", "owed_until", "created_at", "approved_at")  # who, and how much, is said above
    readonly_fields = fields
    change_form_template = "console/finance/batch.html"
    actions_detail = ("approve", "cancel", "send", "results", "sent", "file")
    offered_in = {
        "approve": [PayoutBatch.State.PLANNED],
        "cancel": [PayoutBatch.State.PLANNED],
        "send": [PayoutBatch.State.APPROVED],
        "results": [PayoutBatch.State.APPROVED, PayoutBatch.State.CLOSED],
        "sent": [PayoutBatch.State.APPROVED],
        "file": [],  # a link on the page
    }
    empty = _("No payouts are planned. Add a batch: all that is owed comes into it, one payout a worker.")

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .annotate(
                total=Sum("payouts__amount", filter=NOT_LEFT_OUT, default=0),
                count=Count("payouts", filter=NOT_LEFT_OUT),
            )
        )

    @admin.display(description=_("total"), ordering="total")
    def shown_total(self, row: Any) -> str:
        return amount(row.total, row.currency)

    @admin.display(description=_("payouts"), ordering="count")
    def payouts_count(self, row: Any) -> int:
        return int(row.count)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        if name == "approve" and row.needs_second and row.created_by == request.user:
            return False
        waits_for = {"send": Payout.State.PLANNED, "sent": Payout.State.SENDING}.get(name)
        if waits_for and not row.payouts.filter(state=waits_for).exists():
            return False
        return self.may(request, "change", row) and row.state in self.offered_in[name]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show what the batch holds, how far it is, and what comes next."""
        row = self.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if isinstance(row, PayoutBatch):
            context |= {
                "state": self.shown_state(row),
                "second": _second_person(row),
                "steps": steps_of(row, reader=actor(request), may=self.has_pay_permission(request, row)),
                "payouts": row.payouts.select_related("worker__payout_method")[:MOST_PAYOUTS],
                "most": MOST_PAYOUTS,
            }
        return super().changeform_view(request, object_id, form_url, context)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Plan payouts of all that is owed."""
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", PayoutBatch))
        asked = {name: request.GET[name] for name in ("organization", "currency") if name in request.GET}

        def act(form: PlanPayouts) -> str:
            given = form.cleaned_data
            batch = services.plan_payouts(
                given["organization"], currency=given["currency"], until=given["until"], by=actor(request)
            )
            return address(self, batch)

        return ask(
            self, request, title=_("Plan payouts"), act=act, go=_("Plan"),
            form=partial(PlanPayouts, own=own, initial=asked),
            note=_("Puts all that is owed into a batch, one payout for each worker. Nothing is sent before the batch "
                   "is approved. Owed now, and in no batch: %(owed)s.") % {"owed": _owed(own)},
            done=_("The batch is planned; look it over, then approve it."),
        )  # fmt: skip

    @button(_("Approve"), path="approve", icon="check", variant="main")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")

        def act(form: Any) -> None:
            if left_out := services.approve_batch(row, by=actor(request)).left_out:
                said = gettext("Left out, as it is your own pay: %(amount)s. It is owed again, for another to approve.")
                messages.warning(request, said % {"amount": money.show(left_out, row.currency)})

        return ask(
            self, request, row=row, title=_("Approve the %(name)s?") % {"name": row}, go=_("Approve"),
            note=_("%(n)s payouts, together %(total)s. They may be sent from then on.")
            % {"n": row.count, "total": money.show(row.total, row.currency)},
            act=act, done=_("The batch is approved."),
        )  # fmt: skip

    @button(_("Cancel"), path="cancel", icon="cancel", variant="danger")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        return ask(
            self, request, row=row, title=_("Cancel the %(name)s?") % {"name": row}, go=_("Cancel the batch"),
            form=Reason, danger=True, note=_("All that is in it is owed again, and comes into the next batch."),
            act=lambda form: services.cancel_batch(row, by=actor(request), reason=form.cleaned_data["reason"]),
            done=_("The batch is cancelled."),
        )  # fmt: skip

    @button(_("Send"), path="send", icon="send", variant="main")
    def send(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Begin all payouts that a bank's file can pay."""
        row = self.row(request, object_id, "pay")
        payable = _payable(row)

        def act(form: FileFormat) -> None:
            flow.make_file(row, format_=form.cleaned_data["format"], by=actor(request))

        return ask(
            self, request, row=row, title=_("Send the %(name)s") % {"name": row}, go=_("Make the file"), act=act,
            form=partial(FileFormat, choices=payable),
            note=_("Choose the file that your bank or PayPal takes. Its payouts count as being sent from then on; a "
                   "payout comes into one file only."),
            done=_("The file is ready: download it, and give it to your bank."),
        )  # fmt: skip

    @button(_("File"), path="file")
    def file(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Return a bank's file again: the same bytes every time."""
        row = self.row(request, object_id, "pay")
        format_ = request.GET.get("format", "")
        if not row.payouts.filter(sent_in=format_).exclude(sent_in="").exists():
            messages.warning(request, gettext("No payout was sent in such a file."))
            return HttpResponseRedirect(address(self, row))
        try:
            content = paying.write_bank_file(row, format_=format_)
        except paying.NotPayable as error:
            messages.warning(request, capital(str(error)))
            return HttpResponseRedirect(address(self, row))
        name = paying.file_name(row, format_)
        services.note_download(row.organization, file=name, subject=f"batch:{row.pk}", by=actor(request))
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Disposition"] = downloads.attachment(name)
        return response

    @button(_("Take results"), path="results", icon="upload_file")
    def results(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")

        def act(form: Results) -> None:
            given = form.cleaned_data
            taken = services.take_results(
                row, results=given["file"], executed_on=given["executed_on"], by=actor(request)
            )
            told = gettext("%(sent)s sent, %(failed)s failed, %(returned)s came back, %(known)s known already.")
            messages.success(request, told % vars(taken))

        return ask(
            self, request, row=row, title=_("Results of the %(name)s") % {"name": row}, form=Results, act=act,
            go=_("Take them"),
            note=_("A line with a receipt books its payout as sent; one with a problem has it owed again. The same "
                   "file a second time changes nothing; a file with a wrong line is not taken at all."),
            example=_results_of(row),
        )  # fmt: skip

    @button(_("All were sent"), path="sent", icon="done_all")
    def sent(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        begun = row.payouts.filter(state=Payout.State.SENDING).count()
        return ask(
            self, request, row=row, title=_("Was all of the %(name)s sent?") % {"name": row}, form=Sent,
            go=_("Book them"), done=_("They are booked."),
            note=_("%(n)s payouts are being sent. All of them are booked with this one receipt and day; for failures, "
                   "take results instead.") % {"n": begun},
            act=lambda form: services.confirm_all(row, by=actor(request), **form.cleaned_data),
        )  # fmt: skip


def _second_person(row: PayoutBatch) -> str:
    """Say whether another than who planned it must approve it; nothing once that is past."""
    if row.state != PayoutBatch.State.PLANNED:
        return ""
    return gettext("needed: whoever planned it can't approve it") if row.needs_second else gettext("not needed")


def _owed(own: Any) -> str:
    """Say what waits to be planned, and whose it is where that may be several's."""
    sums = unplanned(own.values_list("pk", flat=True))
    shown = [f"{one.name}: {money.show(one.amount, one.currency)}" for one in sums]
    return "; ".join(shown) or gettext("nothing")


def _results_of(batch: PayoutBatch) -> str:
    """Return how a file of results may look, with references of this batch."""
    named = [payout.reference for payout in batch.payouts.order_by("pk")[:2]]
    said = [f"2041-001,,{clock.now():%Y-%m-%d}", ",account closed,"]
    return "\n".join([",".join([*COLUMNS, DAY]), *(f"{name},{said}" for name, said in zip(named, said, strict=False))])


def _payable(batch: PayoutBatch) -> list[tuple[str, Any]]:
    """Return the formats that could pay some of what waits, with how many; the plain one, which holds all, last."""
    waiting = batch.payouts.filter(state=Payout.State.PLANNED)
    every = waiting.count()
    counts = {name: waiting.filter(paying.payable_by(name)).count() for name in paying.file_formats()}
    found = []
    for format_ in sorted(counts, key=lambda name: (not paying.payable_by(name), name)):
        n = counts[format_]
        if n and _can_pay(batch, format_):
            text = ngettext(
                "%(file)s – pays %(n)s of %(all)s payout", "%(file)s – pays %(n)s of %(all)s payouts", every
            )
            found.append((format_, text % {"file": paying.title_of(format_), "n": n, "all": every}))
    return found


def _can_pay(batch: PayoutBatch, format_: str) -> bool:
    try:
        paying.check_payable(batch, format_)
    except paying.NotPayable:
        return False
    return True
