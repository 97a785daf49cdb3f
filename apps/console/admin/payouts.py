"""How workers are paid: batches step by step, each payout, and what the tax office wants to know."""

import io
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.console import base, downloads, permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.batches import steps_of
from apps.console.forms.finance import FileFormat, Results, Year
from apps.console.forms.money import PlanPayouts, Problem, Reason, Receipt
from apps.console.owned import OfOrganization
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly, Scoped
from apps.console.showing import amount, link, pill
from apps.core import clock, money
from apps.members.models import Organization
from apps.payments import services
from apps.payments.models import Payout, PayoutBatch
from apps.reports.payments import paying
from apps.reports.payments.tax import tax_years, write_tax_years

MOST_PAYOUTS = 50  # on a batch's page; the list has all


class Shown:
    """Payouts and batches as finance reads them; a mixin before an admin class."""

    @admin.display(description=_("worker"))
    def worker_name(self, row: Payout) -> str:
        return str(row.worker)

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Payout) -> str:
        return amount(row.amount, row.currency)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Any) -> str:
        return pill(type(row).State(row.state))

    @admin.display(description=_("receipt or problem"))
    def came_of_it(self, row: Payout) -> str:
        return row.problem or row.receipt or "–"

    @admin.display(description=_("paid to"))
    def paid_to(self, row: Payout) -> str:
        return row.shown_destination or "–"


@admin.register(PayoutBatch)
class PayoutBatchAdmin(OfOrganization, Shown, ReadOnly):
    list_display = ("__str__", "shown_state", "shown_total", "payouts_count", "owed_until", "created_by")
    list_filter = ("state", "currency")
    list_select_related = ("created_by",)
    fields = (
        "organization_name", "owed_until", "created_by", "created_at", "two_people", "approved_by", "approved_at",
    )  # fmt: skip
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
        return super().get_queryset(request).annotate(total=Sum("payouts__amount", default=0), count=Count("payouts"))

    @admin.display(description=_("second person"))
    def two_people(self, row: PayoutBatch) -> str:
        if not row.needs_second:
            return gettext("not needed at this amount")
        return gettext("needed: whoever planned it can't approve it")

    @admin.display(description=_("total"), ordering="total")
    def shown_total(self, row: Any) -> str:
        return amount(row.total, row.currency)

    @admin.display(description=_("payouts"), ordering="count")
    def payouts_count(self, row: Any) -> int:
        return int(row.count)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def has_pay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

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
                   "is approved."),
            done=_("The batch is planned; look it over, then approve it."),
        )  # fmt: skip

    @button(_("Approve"), path="approve", icon="check", variant="main")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        return ask(
            self, request, row=row, title=_("Approve the %(name)s?") % {"name": row}, go=_("Approve"),
            note=_("%(n)s payouts, together %(total)s. They may be sent from then on.")
            % {"n": row.count, "total": money.show(row.total, row.currency)},
            act=lambda form: services.approve_batch(row, by=actor(request)), done=_("The batch is approved."),
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
            format_ = form.cleaned_data["format"]
            paying.check_payable(row, format_)
            services.begin_all(row, by=actor(request), only=paying.payable_by(format_), sent_in=format_)

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
        content = paying.write_bank_file(row, format_=format_)
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Disposition"] = downloads.attachment(paying.file_name(row, format_))
        return response

    @button(_("Take results"), path="results", icon="upload_file")
    def results(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")

        def act(form: Results) -> None:
            taken = services.take_results(row, results=form.cleaned_data["file"], by=actor(request))
            told = gettext("%(sent)s sent, %(failed)s failed, %(returned)s came back, %(known)s known already.")
            messages.success(request, told % vars(taken))

        return ask(
            self, request, row=row, title=_("Results of the %(name)s") % {"name": row}, form=Results, act=act,
            go=_("Take them"),
            note=_("A line with a receipt books its payout as sent; one with a problem has it owed again. The same "
                   "file a second time changes nothing; a file with a wrong line is not taken at all."),
        )  # fmt: skip

    @button(_("All were sent"), path="sent", icon="done_all")
    def sent(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        begun = row.payouts.filter(state=Payout.State.SENDING).count()
        return ask(
            self, request, row=row, title=_("Were all of the %(name)s sent?") % {"name": row}, form=Receipt,
            go=_("Book them"), done=_("They are booked."),
            note=_("%(n)s payouts are being sent. All of them are booked with this one receipt; for failures, take "
                   "results instead.") % {"n": begun},
            act=lambda form: services.confirm_all(row, receipt=form.cleaned_data["receipt"], by=actor(request)),
        )  # fmt: skip


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


@admin.register(Payout)
class PayoutAdmin(Shown, ReadOnly):
    list_display = ("worker_name", "shown_amount", "shown_state", "paid_to", "opened_batch", "came_of_it", "sent_at")
    list_filter = ("state", "currency", ("batch", OwnRelatedFilter))
    list_select_related = ("worker", "batch")
    search_fields = ("worker__external_id", "worker__name", "receipt")
    fields = (
        "opened_batch", "worker_name", "shown_amount", "shown_state", "paid_to", "sent_in", "reference", "begun_at",
        "receipt", "sent_at", "problem", "returned_at",
    )  # fmt: skip
    readonly_fields = fields
    actions_list = ("tax",)
    actions_detail = ("begin", "confirm", "fail", "came_back")
    offered_in = {
        "begin": [Payout.State.PLANNED],
        "confirm": [Payout.State.SENDING],
        "fail": [Payout.State.PLANNED, Payout.State.SENDING],
        "came_back": [Payout.State.SENT],
    }
    empty = _("Nobody was paid yet. Payouts come from batches: plan one.")

    has_pay_permission = PayoutBatchAdmin.has_pay_permission

    @admin.display(description=_("batch"), ordering="batch")
    def opened_batch(self, row: Payout) -> str:
        return link(address(self._batches, row.batch), str(row.batch))

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        return base.buttons_of_list(self)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        goes = row.batch.state == PayoutBatch.State.APPROVED or name == "came_back"
        return goes and self.may(request, "change", row) and row.state in self.offered_in[name]

    @button(_("Begin to send"), path="begin", icon="send", variant="main")
    def begin(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        return ask(
            self, request, row=row, title=_("Begin the %(name)s?") % {"name": row}, go=_("Begin"),
            note=_("Note that you are about to send %(amount)s. Then send it, and come back with the receipt.")
            % {"amount": money.show(row.amount, row.currency)},
            act=lambda form: services.begin(row), done=_("Send it now, then confirm it with the receipt."),
        )  # fmt: skip

    @button(_("Confirm"), path="confirm", icon="check", variant="main")
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        return ask(
            self, request, row=row, title=_("Confirm the %(name)s") % {"name": row}, form=Receipt, go=_("Confirm"),
            note=_("%(amount)s was sent.") % {"amount": money.show(row.amount, row.currency)},
            act=lambda form: services.confirm(row, receipt=form.cleaned_data["receipt"], by=actor(request)),
            done=_("The payout is booked."), to=address(self._batches, row.batch),
        )  # fmt: skip

    @button(_("It failed"), path="fail", icon="error", variant="danger")
    def fail(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        return ask(
            self, request, row=row, title=_("The %(name)s failed") % {"name": row}, form=Problem, danger=True,
            note=_("Only if you are sure that nothing was sent: %(amount)s is owed again, and comes into the next "
                   "batch.") % {"amount": money.show(row.amount, row.currency)},
            act=lambda form: services.fail(row, problem=form.cleaned_data["problem"], by=actor(request)),
            go=_("It failed"), done=_("It is owed again."), to=address(self._batches, row.batch),
        )  # fmt: skip

    @button(_("It came back"), path="came-back", icon="keyboard_return", variant="danger")
    def came_back(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        return ask(
            self, request, row=row, title=_("The %(name)s came back") % {"name": row}, form=Problem, danger=True,
            note=_("If the worker's bank sent %(amount)s back: it is booked, and owed again with the next batch.")
            % {"amount": money.show(row.amount, row.currency)},
            act=lambda form: services.come_back(row, problem=form.cleaned_data["problem"], by=actor(request)),
            go=_("It came back"), done=_("It is owed again."), to=address(self._batches, row.batch),
        )  # fmt: skip

    @button(_("Tax year"), path="tax", icon="gavel")
    def tax(self, request: HttpRequest) -> HttpResponseBase:
        """Show what workers were paid in a year, those above the threshold masked; as a file, by name."""
        self.require(request, "view")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "view", Payout))
        of = own.first()
        form = Year({"organization": of.pk if of else "", "year": clock.now().year, **request.GET.dict()}, own=own)
        base.dress(form)
        years = []
        if form.is_valid():
            years = tax_years(form.cleaned_data["organization"], year=form.cleaned_data["year"])
        if "file" in request.GET and form.is_valid():
            content = io.BytesIO()
            write_tax_years(years, content)
            response = HttpResponse(content.getvalue(), content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = downloads.attachment(f"tax-{form.cleaned_data['year']}.csv")
            return response
        context = {"opts": self.opts, "title": _("Tax year"), "form": form, "years": years}
        return TemplateResponse(
            request, "console/finance/tax.html", {**self.admin_site.each_context(request), **context}
        )

    @property
    def _batches(self) -> Scoped:
        page = self.admin_site.get_model_admin(PayoutBatch)
        if not isinstance(page, Scoped):
            raise TypeError(f"the page of payout batches is a {type(page).__name__}, it should be Scoped")
        return page
