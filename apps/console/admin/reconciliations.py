"""How markets' books compare with ours: to be read, had as a file, and what the market alone has booked."""

import io
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.channels.base import Line
from apps.channels.models import Reconciliation
from apps.console import downloads
from apps.console.base import button
from apps.console.deciding import Decided, decide
from apps.console.forms.money import Reason
from apps.console.owned import OfOrganization
from apps.core import money
from apps.pipeline import market_booking
from apps.reports.payments.market_file import write_reconciliation

WHAT_TO_DO = _(
    "They run at the market, and who works on one is in nobody's books here. Take each off with "
    "“manage.py mturk expire HITID”, then judge by hand at the market what was handed in, and delete it there."
)


class Listed(Reason):
    """Which of the payments that the market alone has."""

    payment = forms.ChoiceField(label=_("Payment"), widget=forms.RadioSelect)
    field_order = ("payment", "reason")

    def __init__(self, *typed: Any, lines: list[str], **values: Any) -> None:
        super().__init__(*typed, **values)
        self.fields["payment"].choices = [(str(n), line) for n, line in enumerate(lines)]  # type: ignore[attr-defined]
        self.fields["payment"].initial = "0" if len(lines) == 1 else None


@admin.register(Reconciliation)
class ReconciliationAdmin(OfOrganization, Decided):
    actions_detail = ("book", "file", "manifest")
    list_display = (
        "made_at",
        "organization",
        "channel",
        "agree",
        "orphans_count",
        "unread",
        "shown_ours",
        "shown_market",
    )
    list_filter = ("channel",)
    list_select_related = ("organization",)
    fields = (
        "organization_name", "channel", "made_at", "ended_at", "agree", "publications", "unread", "shown_ours",
        "shown_market", "shown_fees", "pending", "shown_differences", "shown_orphans",
    )  # fmt: skip
    readonly_fields = fields

    def offers(self, request: HttpRequest, row: Reconciliation, name: str) -> bool:
        if name == "book":
            return bool(market_booking.listed_alone(row)) and self.has_decide_permission(request, row)
        return row.ended_at is not None and self.has_view_permission(request, row)

    @button(_("Book a payment"), path="book", icon="playlist_add_check")
    def book(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Book what the market's list alone has, one payment at a time."""
        row = self.row(request, object_id, "decide")
        found = market_booking.listed_alone(row)

        def book(form: forms.Form, **why: Any) -> bool:
            return market_booking.book_listed(*found[int(form.cleaned_data["payment"])], **why)

        return decide(
            self, request, row, book, form=partial(Listed, lines=[_said(line, row.currency) for _offer, line in found]),
            title=_("Book a payment that the market alone has?"), go=_("Book it"),
            done=_("It is booked. The next comparison says whether both lists agree."),
            note=_("For what was paid there by hand, or by another tool. It is booked as paid to its worker, of the "
                   "organization's funds, with the market's fee; nobody is paid by it. The market is asked first "
                   "whether it still lists it, and nothing is booked for which something of ours is under way."),
        )  # fmt: skip

    @button(_("Download"), path="file", icon="download")
    def file(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return it as a file, the same bytes every time."""
        return _file(self.row(request, object_id, "view"), manifest=False)

    @button(_("Its count, sums and SHA-256"), path="manifest", icon="fact_check")
    def manifest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return what tells whether that file is whole."""
        return _file(self.row(request, object_id, "view"), manifest=True)

    @admin.display(description=_("agree to the cent"), boolean=True)
    def agree(self, row: Reconciliation) -> bool | None:
        return row.agrees

    @admin.display(description=_("ours"))
    def shown_ours(self, row: Reconciliation) -> str:
        return f"{row.ours} · {money.show(row.ours_amount, row.currency)}"

    @admin.display(description=_("the market's"))
    def shown_market(self, row: Reconciliation) -> str:
        return f"{row.market} · {money.show(row.market_amount, row.currency)}"

    @admin.display(description=_("fees booked"))
    def shown_fees(self, row: Reconciliation) -> str:
        return money.show(row.fees, row.currency)

    @admin.display(description=_("differences"))
    def shown_differences(self, row: Reconciliation) -> Any:
        return format_html_join(
            "", "<p>{}</p>", ((_difference(one, row.currency),) for one in row.differences)
        ) or _("none")  # fmt: skip

    @admin.display(description=_("unwatched offers"))
    def orphans_count(self, row: Reconciliation) -> int:
        return len(row.orphans)

    @admin.display(description=_("offers that nothing watches"))
    def shown_orphans(self, row: Reconciliation) -> Any:
        if not row.orphans:
            return _("none")
        names = format_html_join(
            "", "<li>{} {}</li>",
            ((one["name"], one["campaign"] or _("of no campaign that is known here")) for one in row.orphans),
        )  # fmt: skip
        return format_html('<div class="console-prose"><p>{}</p><ul>{}</ul></div>', WHAT_TO_DO, names)


def _said(line: Line, currency: str) -> str:
    values = {"kind": line.kind, "worker": line.worker, "slot": line.assignment}
    return gettext("%(kind)s of %(amount)s to %(worker)s for %(slot)s") % {
        **values, "amount": money.show(line.cents, currency)
    }  # fmt: skip


def _difference(one: dict[str, Any], currency: str) -> str:
    side = gettext("only in the market's list") if one["side"] == "market" else gettext("only in ours")
    times = f" × {one['times']}" if one.get("times", 1) > 1 else ""
    line = Line(one["kind"], one["assignment"], one["worker"], one["amount"])
    return f"{side}: {_said(line, currency)}{times}"


def _file(row: Reconciliation, *, manifest: bool) -> HttpResponse:
    content = io.BytesIO()
    told = write_reconciliation(row, content)
    name = f"{row.channel}-{row.organization.slug}-{row.made_at:%Y-%m-%dT%H%M%S}.csv"
    return downloads.checked(content.getvalue(), told, name=name, manifest=manifest)
