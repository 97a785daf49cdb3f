"""What is owed: to whom, for what, in sums and as files."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.console import base, exports, permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms.finance import Adjustment, Credit, Span, this_month
from apps.console.forms.money import PaymentsExport, Reason
from apps.console.naming import names
from apps.console.owned import OfOrganization
from apps.console.permissions import actor
from apps.console.scope import ReadOnly
from apps.console.showing import amount, pill
from apps.core import clock
from apps.members.models import Organization
from apps.payments import services
from apps.payments.models import Obligation, Payout
from apps.pipeline import market_debts
from apps.reports import payments
from apps.reports.payments.period import Period
from apps.reports.payments.selection import Selection, lines
from apps.workforce.models import OUTSIDE

MOST_LINES = 300  # of a report on a page; files have all
NARROWED = ("campaign", "worker", "kind", "currency")


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
            "market": Q(settlement=None, worker__channel__in=OUTSIDE),
            "planned": Q(payout__state__in=[Payout.State.PLANNED, Payout.State.SENDING]),
            "sent": Q(payout__state=Payout.State.SENT) | Q(settlement__isnull=False),
        }.get(self.value() or "", Q())
        return queryset.filter(wanted)


@admin.register(Obligation)
class ObligationAdmin(OfOrganization, ReadOnly):
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
    actions_list = ("report", "export", "adjust", "exports", "download", "file")
    actions_detail = ("paid_otherwise",)
    empty = _("Nothing is owed yet. What approved pages earn comes here by itself.")

    # As words: finance may open neither the worker's page nor the campaign's.
    @admin.display(description=_("worker"))
    def worker_name(self, row: Obligation) -> str:
        return f"{row.worker} ({row.worker.external_id})" if row.worker.name else str(row.worker)

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
            return gettext("by %(channel)s") % {"channel": row.worker.get_channel_display()} if settled else "–"
        return pill(Payout.State(row.payout.state)) if row.payout else "–"

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        drilled = ("campaign__id__exact", "worker__id__exact", "owed_at__gte", "owed_at__lt", "campaign__isnull")
        return lookup in drilled or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

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
            note=_("Comes from the organization's funds, and is paid with the worker's next payout."),
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
            return address(self, verb(given.pop("worker"), by=actor(request), **given))

        return ask(self, request, form=partial(form, own=own), act=act, go=_("Book it"), **words)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return self.has_add_permission(request, row) and market_debts.lasting().filter(pk=row.pk).exists()

    @button(_("It was paid otherwise"), path="paid-otherwise", icon="task_alt")
    def paid_otherwise(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Book what somebody paid, as no market does."""
        row = self.row(request, object_id, "add")

        def act(form: Reason) -> None:
            market_debts.pay_otherwise(row, reason=form.cleaned_data["reason"], by=actor(request))

        return ask(
            self, request, row=row, form=Reason, act=act, title=_("Book that this was paid otherwise?"),
            go=_("Book it"), done=_("It is booked."),
            note=_("For what no market can be had to pay, and you paid by other means. No fee is booked, and no market "
                   "is asked for it any more. Your reason is kept in the trail: say how it was paid."),
        )  # fmt: skip

    @button(_("Report"), path="report", icon="summarize", variant="main")
    def report(self, request: HttpRequest) -> HttpResponseBase:
        """Show sums of a period, each a way to the pages that it comes from."""
        self.require(request, "view")
        own = self._own(request)
        form = Span({**self._usual(own), **request.GET.dict()}, own=own)
        base.dress(form)
        shown: dict[str, Any] = {"form": form, "spans": spans(clock.now().date())}
        if form.is_valid():
            shown |= self._summed(form)
        title = _("Payments report")
        return TemplateResponse(
            request,
            "console/finance/report.html",
            {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **shown},
        )

    def _summed(self, form: Span) -> dict[str, Any]:
        selection = selection_of(form.cleaned_data)
        by = form.cleaned_data["by"]
        found = lines(selection, by=by)
        try:
            payments.check_books(selection)
            differs = ""
        except payments.BooksDiffer as error:
            differs = str(error)
        totals: dict[str, int] = {}
        for line in found:
            totals[line.currency] = totals.get(line.currency, 0) + line.amount
        return {
            "by": by,
            "lines": [(line, self._inside(form, by, line.key, line.currency)) for line in found[:MOST_LINES]],
            "more": max(0, len(found) - MOST_LINES),
            "totals": totals,
            "differs": differs,
            "rows": sum(line.rows for line in found),
            "narrowed": _narrowed(form),
            "files": [_links(selection, name) for name in exports.FORMATS()],
        }

    def _inside(self, form: Span, by: str, key: str, currency: str) -> str:
        """Return where a line leads: a campaign to its workers, a worker or a kind to the rows themselves."""
        given = form.cleaned_data
        typed = {name: str(form.data.get(name) or "") for name in ("organization", "since", "until", *NARROWED)}
        if by == "campaign" and key and not given["worker"]:
            return "?" + urlencode({**typed, "by": "worker", "campaign": key, "currency": currency})
        wanted = {**{name: given[name] for name in NARROWED if given.get(name)}, by: key, "currency": currency}
        names = {"campaign": "campaign__id__exact", "worker": "worker__id__exact", "kind": "kind__exact"}
        query = {names.get(name, "currency__exact"): str(value) for name, value in wanted.items() if value}
        if by == "campaign" and not key:
            query["campaign__isnull"] = "True"
        span = {"owed_at__gte": given["since"].isoformat(), "owed_at__lt": given["until"].isoformat()}
        return f"{reverse('admin:payments_obligation_changelist')}?{urlencode({**query, **span})}"

    def _own(self, request: HttpRequest) -> QuerySet[Organization]:
        return Organization.objects.filter(pk__in=permissions.organizations(request, "view", Obligation))

    def _usual(self, own: QuerySet[Organization]) -> dict[str, str]:
        first, today = this_month()
        of = own.first()
        return {
            "organization": str(of.pk) if of else "", "since": str(first), "until": str(today), "by": "campaign"
        }  # fmt: skip

    @button(_("Export"), path="export", icon="download")
    def export(self, request: HttpRequest) -> HttpResponseBase:
        self.require(request, "view")

        def act(form: PaymentsExport) -> HttpResponseBase:
            given = dict(form.cleaned_data)
            wanted = {"manifest": given.pop("manifest"), "format_": given.pop("format")}
            return self._file(request, selection_of(given), **wanted)

        return ask(
            self, request, title=_("Export payments"), form=partial(PaymentsExport, own=self._own(request)), act=act,
            go=_("Download"), note=_("Every obligation of the period. Totals are checked against the books first."),
        )  # fmt: skip

    @button(_("Download"), path="download")
    def download(self, request: HttpRequest) -> HttpResponseBase:
        """Return what a report shows, as a file."""
        self.require(request, "view")
        form = Span({**self._usual(self._own(request)), **request.GET.dict()}, own=self._own(request))
        format_ = request.GET.get("format", "csv")
        if not form.is_valid() or format_ not in exports.FORMATS():
            return HttpResponseRedirect(reverse("admin:payments_obligation_report"))
        selection = selection_of(form.cleaned_data)
        return self._file(request, selection, format_=format_, manifest="manifest" in request.GET)

    def _file(self, request: HttpRequest, selection: Selection, **wanted: Any) -> HttpResponseBase:
        if exports.is_long(selection):
            exports.start(selection, format_=wanted["format_"], by=actor(request))
            return HttpResponseRedirect(reverse("admin:payments_obligation_exports"))
        return exports.now(selection, **wanted)

    @button(_("Files being made"), path="exports", icon="folder_open")
    def exports(self, request: HttpRequest) -> HttpResponseBase:
        """Show the long exports: how far they are, and links to those that are done."""
        self.require(request, "view")
        shown = exports.of(self._own(request))
        fragment = "HX-Request" in request.headers
        return TemplateResponse(
            request,
            "console/finance/exports.html" if not fragment else "console/written.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Files being made"),
                "exports": shown,
                "exports_address": request.path,
                "under_way": any(one.under_way for one in shown),
            },
        )

    @button(_("File"), path="file")
    def file(self, request: HttpRequest) -> HttpResponseBase:
        """Return the file of a long export to who has its link."""
        self.require(request, "view")
        signed, manifest = request.GET.get("signed", ""), "manifest" in request.GET
        return exports.opened(signed, organizations=self._own(request), manifest=manifest)


def _narrowed(form: Span) -> list[str]:
    """Return what a report is narrowed to, by the names that people know."""
    given = {name: value for name in NARROWED if (value := form.cleaned_data.get(name))}
    known = names(f"{name}:{value}" for name, value in given.items())
    return [known.get(f"{name}:{value}", str(value)) for name, value in given.items()]


def _links(selection: Selection, format_: str) -> tuple[str, str, str]:
    """Return a format with where its file is had, and its manifest: none for those that a worker writes."""
    file = f"../download/?{urlencode(exports.asked(selection, format_=format_))}"
    return format_, file, "" if exports.is_long(selection) else f"{file}&manifest=1"


def spans(today: date) -> list[tuple[str, str]]:
    """Return the periods that are asked for most, each with the query that asks for it."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    periods = (
        (_("Last month"), before.replace(day=1), before),
        (_("This month"), month, today),
        (_("This year"), today.replace(month=1, day=1), today),
    )
    return [(str(name), urlencode({"since": since, "until": until})) for name, since, until in periods]


def selection_of(given: dict[str, Any]) -> Selection:
    """Return what a form of a period asks for."""
    only = {name: given[name] for name in NARROWED if given.get(name)}
    return Selection(given["organization"], Period.of(given["since"], given["until"]), **only)
