"""What is owed, in sums and as files: the pages of a period beside the list of obligations."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.console import base, exports, permissions
from apps.console.asking import ask
from apps.console.base import button
from apps.console.forms.finance import Span, this_month
from apps.console.forms.money import PaymentsExport
from apps.console.naming import names
from apps.console.permissions import actor
from apps.console.scope import ReadOnly
from apps.core import clock
from apps.members.models import Organization
from apps.payments.models import Obligation
from apps.reports import payments
from apps.reports.payments.period import Period
from apps.reports.payments.selection import Selection, lines

MOST_LINES = 300  # of a report on a page; files have all
NARROWED = ("campaign", "worker", "kind", "currency")


class Reported(ReadOnly):
    """A list of what is owed, with its sums and files."""

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
        query["organization__id__exact"] = str(given["organization"].pk)  # who is in two sees one's sums, and its rows
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
        try:
            return self._file(request, selection, format_=format_, manifest="manifest" in request.GET)
        except payments.BooksDiffer:  # the report says it, with the sums
            typed = {name: value for name, value in request.GET.items() if name not in ("format", "manifest")}
            return HttpResponseRedirect(f"{reverse('admin:payments_obligation_report')}?{urlencode(typed)}")

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
        return exports.opened(signed, organizations=self._own(request), by=actor(request), manifest=manifest)


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
