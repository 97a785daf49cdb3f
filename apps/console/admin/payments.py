"""What is owed, put together to be paid, and paid."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Sum
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.console import base, downloads, permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms.money import PaymentsExport, PlanPayouts, Problem, Receipt
from apps.console.permissions import actor
from apps.console.scope import Below, OwnRelatedFilter, ReadOnly, Scoped
from apps.console.showing import amount, link, pill
from apps.core import money
from apps.members.models import Organization
from apps.payments import services
from apps.payments.models import Obligation, Payout, PayoutBatch


class Paid(admin.SimpleListFilter):
    """Whether it was paid: owed, in a batch, or sent."""

    title = _("paid")
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("owed", _("owed")), ("planned", _("in a batch")), ("sent", _("paid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {
            "owed": Q(payout=None),
            "planned": Q(payout__state__in=[Payout.State.PLANNED, Payout.State.SENDING]),
            "sent": Q(payout__state=Payout.State.SENT),
        }.get(self.value() or "", Q())
        return queryset.filter(wanted)


@admin.register(Obligation)
class ObligationAdmin(ReadOnly):
    list_display = ("worker_name", "shown_amount", "campaign_name", "paid", "owed_at")
    list_filter = (Paid, "currency")
    list_select_related = ("worker", "campaign", "payout")
    search_fields = ("worker__external_id", "worker__name", "campaign__name")
    fields = ("organization", "worker_name", "shown_amount", "campaign_name", "page", "paid", "owed_at")
    readonly_fields = fields
    ordering = ("-id",)
    actions_list = ("export",)

    # As words: finance may open neither the worker's page nor the campaign's.
    @admin.display(description=_("worker"))
    def worker_name(self, row: Obligation) -> str:
        return str(row.worker)

    @admin.display(description=_("campaign"))
    def campaign_name(self, row: Obligation) -> str:
        return str(row.campaign)

    @admin.display(description=_("page"))
    def page(self, row: Obligation) -> str:
        return str(row.assignment_id)

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Obligation) -> str:
        return amount(row.amount, row.currency)

    @admin.display(description=_("paid"))
    def paid(self, row: Obligation) -> str:
        return pill(Payout.State(row.payout.state)) if row.payout else "–"

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        return base.buttons_of_list(self)

    @button(_("Export payments"), path="export", icon="download", variant="main")
    def export(self, request: HttpRequest) -> HttpResponseBase:
        self.require(request, "view")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "view", Obligation))

        def act(form: PaymentsExport) -> FileResponse:
            return downloads.payments(form.cleaned_data.pop("organization"), **form.cleaned_data)

        return ask(
            self, request, title=_("Export payments"), form=partial(PaymentsExport, own=own), act=act,
            go=_("Download"), note=_("Every obligation of the period. Totals are checked against the books first."),
        )  # fmt: skip


class Payouts(Below):
    model = Payout
    fields = ("opened", "shown_amount", "shown_state", "receipt", "problem")
    readonly_fields = fields
    verbose_name_plural = _("payouts")

    @admin.display(description=_("worker"))
    def opened(self, row: Payout) -> str:
        return link(reverse("admin:payments_payout_change", args=[row.pk]), str(row.worker))

    @admin.display(description=_("worker"))
    def worker_name(self, row: Payout) -> str:
        return str(row.worker)

    @admin.display(description=_("amount"))
    def shown_amount(self, row: Payout) -> str:
        return amount(row.amount, row.currency)

    @admin.display(description=_("state"))
    def shown_state(self, row: Payout) -> str:
        return pill(Payout.State(row.state))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        return super().get_queryset(request).select_related("worker")


@admin.register(PayoutBatch)
class PayoutBatchAdmin(ReadOnly):
    list_display = ("__str__", "shown_state", "shown_total", "payouts_count", "owed_until", "created_by")
    list_filter = ("state", "currency")
    list_select_related = ("created_by",)
    fields = (
        "organization", "shown_state", "shown_total", "owed_until", "created_by", "created_at", "approved_by",
        "approved_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (Payouts,)
    actions_detail = ("approve",)
    offered_in = {"approve": [PayoutBatch.State.PLANNED]}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(total=Sum("payouts__amount", default=0), count=Count("payouts"))

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: PayoutBatch) -> str:
        return pill(PayoutBatch.State(row.state))

    @admin.display(description=_("total"), ordering="total")
    def shown_total(self, row: Any) -> str:
        return amount(row.total, row.currency)

    @admin.display(description=_("payouts"), ordering="count")
    def payouts_count(self, row: Any) -> int:
        return int(row.count)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return self.may(request, "change", row) and row.state in self.offered_in[name]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Plan payouts of all that is owed."""
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", PayoutBatch))

        def act(form: PlanPayouts) -> str:
            given = form.cleaned_data
            batch = services.plan_payouts(
                given["organization"], currency=given["currency"], until=given["until"], by=actor(request)
            )
            return address(self, batch)

        return ask(
            self, request, title=_("Plan payouts"), form=partial(PlanPayouts, own=own), act=act, go=_("Plan"),
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

    def has_pay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)


@admin.register(Payout)
class PayoutAdmin(ReadOnly):
    list_display = ("worker_name", "shown_amount", "shown_state", "batch", "receipt", "sent_at")
    list_filter = ("state", "currency", ("batch", OwnRelatedFilter))
    list_select_related = ("worker", "batch")
    search_fields = ("worker__external_id", "worker__name", "receipt")
    fields = ("batch", "worker_name", "shown_amount", "shown_state", "receipt", "problem", "sent_at")
    readonly_fields = fields
    actions_detail = ("begin", "confirm", "fail")
    offered_in = {
        "begin": [Payout.State.PLANNED],
        "confirm": [Payout.State.SENDING],
        "fail": [Payout.State.SENDING],
    }

    worker_name = Payouts.worker_name
    shown_amount = Payouts.shown_amount
    shown_state = Payouts.shown_state

    has_pay_permission = PayoutBatchAdmin.has_pay_permission

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        of_approved = row.batch.state == PayoutBatch.State.APPROVED
        return of_approved and self.may(request, "change", row) and row.state in self.offered_in[name]

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

    @property
    def _batches(self) -> Scoped:
        page = self.admin_site.get_model_admin(PayoutBatch)
        if not isinstance(page, Scoped):
            raise TypeError(f"the page of payout batches is a {type(page).__name__}, it should be Scoped")
        return page
