"""What each worker was paid, what became of it, and what the tax office wants to know."""

import io
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.console import base, downloads, exports, permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms.finance import Year
from apps.console.forms.money import Problem, Sent
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly, Scoped
from apps.console.showing import amount, link, pill
from apps.core import clock, money
from apps.members.models import Organization
from apps.payments import queries, services
from apps.payments.models import Payout, PayoutBatch
from apps.reports.payments import paying
from apps.reports.payments.tax import tax_years, write_tax_years


class Shown(ReadOnly):
    """Payouts and batches as finance reads them."""

    def has_pay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

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
        wanted = getattr(row.worker, "payout_method", None)  # till its batch is approved, where it would go now
        return row.shown_destination or (wanted.shown if wanted and row.state == Payout.State.PLANNED else "–")

    @admin.display(description=_("paid by"))
    def paid_by(self, row: Payout) -> str:
        return paying.title_of(row.sent_in) if row.sent_in else "–"


class OwedAgain(admin.SimpleListFilter):
    """Whether it failed or came back, and what it held waits for the next batch."""

    title = _("owed")
    parameter_name = "owed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("again", _("owed again, and in no batch since"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queries.owed_again(queryset) if self.value() == "again" else queryset


@admin.register(Payout)
class PayoutAdmin(Shown):
    list_display = (
        "worker_name",
        "shown_amount",
        "shown_state",
        "paid_to",
        "opened_batch",
        "came_of_it",
        "executed_on",
    )
    list_filter = (OwedAgain, "state", "currency", ("batch", OwnRelatedFilter))
    list_select_related = ("worker__payout_method", "batch")
    search_fields = ("worker__external_id", "worker__name", "receipt")
    fields = (
        "opened_batch", "worker_name", "shown_amount", "shown_state", "paid_to", "paid_by", "reference", "begun_at",
        "receipt", "executed_on", "sent_at", "problem", "returned_at", "since_then",
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

    @admin.display(description=_("batch"), ordering="batch")
    def opened_batch(self, row: Payout) -> str:
        return link(address(self._batches, row.batch), f"{row.batch.created_at:%Y-%m-%d %H:%M}")

    @admin.display(description=_("since it failed"))
    def since_then(self, row: Payout) -> str:
        """Say what became of the money of a payout that failed or came back."""
        if row.state not in (Payout.State.FAILED, Payout.State.RETURNED):
            return "–"
        if queries.owed_again(Payout.objects.filter(pk=row.pk)).exists():
            return gettext("It is owed again, and comes into the next batch.")
        return gettext("It is in a later batch.")

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
            act=lambda form: services.begin(row, by=actor(request)),
            done=_("Send it now, then confirm it with the receipt."),
        )  # fmt: skip

    @button(_("Confirm"), path="confirm", icon="check", variant="main")
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "pay")
        return ask(
            self, request, row=row, title=_("Confirm the %(name)s") % {"name": row}, form=Sent, go=_("Confirm"),
            note=_("%(amount)s was sent.") % {"amount": money.show(row.amount, row.currency)},
            act=lambda form: services.confirm(row, by=actor(request), **form.cleaned_data),
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
        if "file" in request.GET and form.is_valid():
            return self._tax_file(request, **form.cleaned_data)
        years, is_long = [], False
        if form.is_valid():
            years = tax_years(form.cleaned_data["organization"], year=form.cleaned_data["year"])
            is_long = exports.is_long_year(form.cleaned_data["organization"], year=form.cleaned_data["year"])
        context = {"opts": self.opts, "title": _("Tax year"), "form": form, "years": years, "is_long": is_long}
        return TemplateResponse(
            request, "console/finance/tax.html", {**self.admin_site.each_context(request), **context}
        )

    def _tax_file(self, request: HttpRequest, *, organization: Organization, year: int) -> HttpResponseBase:
        """Return the file, or its manifest; a worker writes what is long, and the page of such files has it then."""
        if exports.is_long_year(organization, year=year):
            exports.start_year(organization, year=year, by=actor(request))
            return HttpResponseRedirect(reverse("admin:payments_obligation_exports"))
        content, name = io.BytesIO(), f"tax-{year}.csv"
        told = write_tax_years(tax_years(organization, year=year), content)
        is_manifest = request.GET["file"] == "manifest"
        if not is_manifest:  # which names nobody
            subject = f"organization:{organization.pk}"
            services.note_download(organization, file=name, subject=subject, by=actor(request))
        return downloads.checked(content.getvalue(), told, name=name, manifest=is_manifest)

    @property
    def _batches(self) -> Scoped:
        page = self.admin_site.get_model_admin(PayoutBatch)
        if not isinstance(page, Scoped):
            raise TypeError(f"the page of payout batches is a {type(page).__name__}, it should be Scoped")
        return page
