"""What is owed: to whom, for what, and what is owed besides work."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.console import base, permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.deciding import decide
from apps.console.forms.finance import Adjustment, Credit
from apps.console.forms.money import Unpaid
from apps.console.naming import Called
from apps.console.owned import OfOrganization
from apps.console.payments_report import Reported
from apps.console.permissions import actor
from apps.console.showing import amount, pill, who
from apps.core import money
from apps.members.models import Organization
from apps.payments import queries, services
from apps.payments.models import Obligation, Payout
from apps.pipeline import market_checks, market_debts
from apps.workforce.models import OUTSIDE

UNPAID = {True: "–", None: _("waits for a second person"), False: _("refused, and taken back")}


class Paid(admin.SimpleListFilter):
    """Whether it was paid: owed, in a batch, or sent."""

    title = _("paid")
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("owed", _("owed")), ("market", _("to be paid by a market")), ("nowhere", _("owed, and no market pays")),
            ("planned", _("in a batch")), ("sent", _("paid")),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "nowhere":
            return queryset.filter(pk__in=market_debts.lasting().values("pk"))
        wanted = {
            "owed": Q(payout=None, settlement=None) & ~Q(worker__channel__in=OUTSIDE),
            "market": Q(settlement=None, worker__channel__in=OUTSIDE) & ~queries.taken_back(),
            "planned": Q(payout__state__in=[Payout.State.PLANNED, Payout.State.SENDING]),
            "sent": Q(payout__state=Payout.State.SENT) | Q(settlement__isnull=False),
        }.get(self.value() or "", Q())
        return queryset.filter(wanted)


@admin.register(Obligation)
class ObligationAdmin(Called, OfOrganization, Reported):
    list_display = ("owed_at", "worker_name", "kind", "shown_amount", "campaign_name", "paid")
    list_filter = (Paid, "kind", "currency")
    list_select_related = ("worker", "campaign", "payout", "settlement")
    search_fields = ("worker__external_id", "worker__name", "campaign__name", "reference")
    fields = (
        "organization_name", "kind", "worker_name", "shown_amount", "campaign_name", "page", "reference", "reason",
        "paid", "owed_at", "created_by",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("-id",)
    date_hierarchy = "owed_at"
    drilled = (
        "organization__id__exact", "campaign__id__exact", "worker__id__exact", "owed_at__gte", "owed_at__lt",
        "campaign__isnull",
    )  # fmt: skip
    list_before_template = "console/finance/sums.html"
    actions_list = ("report", "export", "adjust", "exports", "download", "file")
    actions_detail = ("book_as_paid", "paid_otherwise")
    empty = _("Nothing is owed yet. What approved pages earn comes here by itself.")

    def called(self, row: Obligation) -> str:
        of = [row.get_kind_display(), row.worker, row.campaign, money.show(row.amount, row.currency)]
        return " · ".join(str(one) for one in [*of, f"{row.owed_at:%Y-%m-%d}"] if one)

    # As words: finance may open neither the worker's page nor the campaign's.
    @admin.display(description=_("worker"))
    def worker_name(self, row: Obligation) -> str:
        return who(row.worker)

    @admin.display(description=_("campaign"))
    def campaign_name(self, row: Obligation) -> str:
        return str(row.campaign or "–")

    @admin.display(description=_("page"))
    def page(self, row: Obligation) -> str:
        return str(row.assignment_id or "–")

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Obligation) -> str:
        return amount(row.amount, row.currency)

    @admin.display(description=_("paid"))
    def paid(self, row: Obligation) -> str:
        if row.worker.channel in OUTSIDE:
            settled = getattr(row, "settlement", None)
            if settled is not None and settled.receipt == market_debts.RECEIPT:
                return gettext("otherwise, as somebody booked")
            by = gettext("by %(channel)s") % {"channel": row.worker.get_channel_display()}
            return by if settled else str(UNPAID[queries.signed(row)])
        return pill(Payout.State(row.payout.state)) if row.payout else "–"

    def get_list_display(self, request: HttpRequest) -> Any:
        """Rows that a report led to name the pages that they come from."""
        shown = super().get_list_display(request)
        return [*shown, "page"] if "owed_at__gte" in request.GET else shown

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sum what a list is narrowed to: what a report's line said, if a report led here."""
        answer: Any = super().changelist_view(request, extra_context)
        cl = (getattr(answer, "context_data", None) or {}).get("cl")
        if cl is not None and (cl.filter_params or cl.query):
            rows = cl.queryset.order_by().values("currency").annotate(amount=Sum("amount"), n=Count("pk"))
            answer.context_data["sums"] = rows.order_by("currency")
        return answer

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """Pages of links have no button; what adds is for those who may."""
        hidden = {"download", "file"} if self.has_add_permission(request) else {"download", "file", "adjust"}
        return [
            shown
            for name, shown in zip(self.actions_list, base.buttons_of_list(self), strict=True)
            if name not in hidden
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Pay a bonus."""
        return self._credit(
            request, services.pay_bonus, Credit, title=_("Pay a bonus"), done=_("The bonus is owed."),
            note=_("Comes from the organization's funds. It is paid with the worker's next payout; to a worker of a "
                   "market, that pays it by itself."),
        )  # fmt: skip

    @button(_("Adjust"), path="adjust", icon="tune")
    def adjust(self, request: HttpRequest) -> HttpResponseBase:
        return self._credit(
            request, services.adjust, Adjustment, title=_("Adjust what a worker is owed"), done=_("It is adjusted."),
            note=_("Up from the organization's funds, or down into them, but never below what is in no payout yet."),
        )  # fmt: skip

    def _credit(self, request: HttpRequest, verb: Any, form: type[Credit], **words: Any) -> HttpResponseBase:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Obligation))

        def act(asked: Credit) -> str:
            given = dict(asked.cleaned_data)
            given.pop("organization")
            worker = given.pop("worker")
            fee = market_checks.fee_of_bonus(worker, given["amount"])
            owed = verb(worker, by=actor(request), fee=fee, **given)
            if not queries.is_signed(owed):
                messages.warning(request, gettext("No market pays it before somebody else agrees, under Sign-offs."))
            return address(self, owed)

        return ask(self, request, form=partial(form, own=own), act=act, go=_("Book it"), **words)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        is_open = self.has_add_permission(request, row) and market_debts.lasting().filter(pk=row.pk).exists()
        return is_open and (name == "paid_otherwise" or market_debts.bonus_in_doubt(row) is not None)

    @button(_("The market paid it"), path="book-as-paid", icon="task_alt")
    def book_as_paid(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Book a bonus that somebody saw to be paid at its market."""
        return decide(
            self, request, row := self.row(request, object_id, "add"),
            lambda _form, **why: market_debts.book_as_paid(row, **why), title=_("Book that the market paid this?"),
            go=_("Book it"), done=_("It is booked."),
            note=_("For a bonus that somebody saw to be paid there, though nobody can ask the market now. It is asked "
                   "first where it can be. The amount and the market's fee are booked; your reason is kept in the "
                   "trail."),
        )  # fmt: skip

    @button(_("It was paid otherwise"), path="paid-otherwise", icon="account_balance")
    def paid_otherwise(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Book what somebody paid, as no market does."""
        return decide(
            self, request, row := self.row(request, object_id, "add"),
            lambda form, **why: market_debts.pay_otherwise(row, seen_unpaid=form.cleaned_data["seen_unpaid"], **why),
            form=Unpaid, title=_("Book that this was paid otherwise?"), go=_("Book it"), done=_("It is booked."),
            note=_note_otherwise(row),
        )  # fmt: skip


def _note_otherwise(row: Obligation) -> str:
    """Return what is booked then, and by when a market that can't be asked may have paid it by itself."""
    said = gettext(
        "For what no market can be had to pay, and you paid by other means. No fee is booked, and no market is asked "
        "for it any more. Your reason is kept in the trail: say how it was paid."
    )
    found = market_debts.may_be_paid_by(row)
    if found is None:
        return said
    by = {"at": found[0], "by": f"{found[1]:%Y-%m-%d %H:%M}"}
    there = gettext(
        "Look at %(at)s first that it was not paid: it can't be asked from here, and pays by itself a slot that was "
        "handed in and nobody judged, by %(by)s UTC. If it still runs, it is paid twice."
    )
    return f"{said} {there % by}"
