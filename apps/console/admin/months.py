"""Months of the books: what they hold, what stands against closing them, and the closing."""

import io
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.console import base, downloads, permissions
from apps.console.asking import address, ask
from apps.console.forms.finance import MonthOf
from apps.console.owned import OfOrganization
from apps.console.permissions import actor
from apps.console.scope import ReadOnly
from apps.core import clock
from apps.ledger import queries as ledger
from apps.ledger.models import KINDS, Account, Closing
from apps.members.models import Organization
from apps.payments import services
from apps.pipeline import market_open
from apps.reports.payments.month import Month, Statement, first_open, month
from apps.reports.payments.statement_file import write_statements

ACCOUNTS = dict(Account.Kind.choices)


@admin.register(Closing)
class ClosingAdmin(OfOrganization, ReadOnly):
    list_display = ("__str__", "entries", "closed_by", "closed_at")
    list_select_related = ("closed_by",)
    fields = ("organization_name", "until", "entries", "postings", "seal", "closed_by", "closed_at")
    readonly_fields = fields
    change_form_template = "console/finance/closing.html"
    empty = _("No month is closed yet. Add the first one: a closed month never changes again.")

    @admin.display(description=_("SHA-256 of its postings and of the closing before"))
    def seal(self, row: Closing) -> str:
        return row.sha256

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Show a month as it stands, and close it."""
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Closing))
        of, first = self._asked(request, own)
        shown = month(of, day=first, now=clock.now())
        if "file" in request.GET:
            return _file(shown, of, manifest=request.GET["file"] == "manifest")
        typed = {"organization": of.pk, "month": f"{first:%Y-%m}"}

        def act(form: MonthOf) -> str:
            given = form.cleaned_data
            closing = services.close_month(given["organization"], month=given["month"], by=actor(request))
            return address(self, closing)

        return ask(
            self, request, title=_("Close %(month)s") % {"month": f"{first:%Y-%m}"}, act=act, go=_("Close it for good"),
            form=partial(_Chosen, own=own, initial=typed), template="console/finance/month.html", of=of, month=shown,
            tables=tables(shown.statements), markets=market_open.sentences(of), choose=_choice(own, typed),
            note=_("Nothing can be booked into a closed month any more, nor changed in it: what comes later counts for "
                   "the month after."),
            can_close=not shown.blocks and not shown.closing, **_links(shown, of),
            done=_("The month is closed. What comes later is posted into the next."),
        )  # fmt: skip

    def _asked(self, request: HttpRequest, own: Any) -> tuple[Organization, Any]:
        """Return the organization and month that are asked for; the first open month if none is."""
        of = own.first()
        asked = request.POST.dict() if request.method == "POST" else request.GET.dict()
        chosen = MonthOf({"organization": of.pk, **asked}, own=own)
        if chosen.is_valid():
            return chosen.cleaned_data["organization"], chosen.cleaned_data["month"]
        of = chosen.cleaned_data.get("organization", of)
        return of, first_open(of, now=clock.now())

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if isinstance(row, Closing):
            shown = month(row.organization, day=row.month, now=clock.now())
            context |= {
                "month": shown, "tables": tables(shown.statements), "intact": ledger.is_as_it_was_closed(row),
                "of": row.organization, **_links(shown, row.organization),
            }  # fmt: skip
        return super().changeform_view(request, object_id, form_url, context)


class _Chosen(MonthOf):
    """The month on the page, as its button sends it."""

    def __init__(self, *typed: Any, own: Any, **values: Any) -> None:
        super().__init__(*typed, own=own, **values)
        for field in self.fields.values():
            field.widget = field.hidden_widget()


def _choice(own: Any, typed: dict[str, Any]) -> MonthOf:
    form = MonthOf(own=own, initial=typed)
    base.dress(form)
    return form


def _links(shown: Month, of: Organization) -> dict[str, Any]:
    """Return where a month's statement is had as a file, and the payments that were owed in it."""
    last = shown.period.until - timedelta(days=1)
    days = {"organization": of.pk, "since": f"{shown.period.since:%Y-%m-%d}", "until": f"{last:%Y-%m-%d}"}
    file = {"organization": of.pk, "month": f"{shown.first_day:%Y-%m}", "file": "csv"}
    return {
        "statement_file": f"{reverse('admin:ledger_closing_add')}?{urlencode(file)}",
        "statement_manifest": f"{reverse('admin:ledger_closing_add')}?{urlencode(file | {'file': 'manifest'})}",
        "payments_report": f"{reverse('admin:payments_obligation_report')}?{urlencode({**days, 'by': 'campaign'})}",
    }


def _file(shown: Month, of: Organization, *, manifest: bool) -> HttpResponse:
    """Return a month's statement, or the manifest that tells whether that file is whole."""
    content = io.BytesIO()
    told = write_statements(shown.statements, content, month=shown.first_day)
    name = f"statement-{of.slug}-{shown.first_day:%Y-%m}.csv"
    return downloads.checked(content.getvalue(), told, name=name, manifest=manifest)


def tables(statements: list[Statement]) -> list[dict[str, Any]]:
    """Return the statements as tables: a head, and rows of a title with each account's name and amount."""
    return [
        {
            "currency": one.currency,
            "balances": one.balances,
            "accounts": [ACCOUNTS.get(kind, kind) for kind in one.accounts],
            "rows": [
                (title, [(ACCOUNTS.get(kind, kind), n) for kind, n in zip(one.accounts, amounts, strict=True)], tone)
                for title, amounts, tone in (
                    (_("at the beginning"), one.opening, "edge"),
                    *((KINDS.get(kind, kind), amounts, "") for kind, amounts in one.movements.items()),
                    (_("at the end"), one.closing, "edge"),
                )
            ],
        }
        for one in statements
    ]
