"""What outside markets offer for us, and how their books compare with ours: to be read."""

import io
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.channels.models import Claim, Publication, Reconciliation
from apps.console import downloads
from apps.console.asking import ask
from apps.console.base import button
from apps.console.forms.money import Reason
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import pill
from apps.core import money
from apps.pipeline import market_decisions, market_losses
from apps.reports.payments.market_file import write_reconciliation

WHAT_TO_DO = _(
    "They run at the market, and who works on one is in nobody's books here. Take each off with "
    "“manage.py mturk expire HITID”, then judge by hand at the market what was handed in, and delete it there."
)


class Stuck(admin.SimpleListFilter):
    """The slots that somebody has to decide about, as their market won't pay them for us."""

    title = _("to be decided")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("the market won't pay"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset.filter(pk__in=market_decisions.stuck()) if self.value() else queryset


class Decided(ReadOnly):
    """Rows that a person decides about, with a reason, where a market and our books can't be brought together."""

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return self.is_open(row) and self.has_decide_permission(request, row)

    def is_open(self, row: Any) -> bool:
        raise NotImplementedError

    def decide(self, request: HttpRequest, object_id: str, verb: Any, **words: Any) -> HttpResponseBase:
        row = self.row(request, object_id, "decide")

        def act(form: Reason) -> None:
            verb(row, reason=form.cleaned_data["reason"], by=actor(request))

        return ask(self, request, row=row, form=Reason, act=act, **words)


@admin.register(Publication)
class PublicationAdmin(Decided):
    actions_detail = ("accept",)
    list_display = (
        "shown_name",
        "campaign",
        "shown_state",
        "slots",
        "shown_reward",
        "shown_held",
        "problem",
        "planned_at",
    )
    list_filter = ("state", ("campaign", OwnRelatedFilter))
    list_select_related = ("campaign",)
    search_fields = ("name",)
    fields = (
        "campaign", "channel", "environment", "shown_name", "shown_state", "asked", "slots", "shown_reward",
        "shown_fee", "shown_held", "problem", "planned_at", "offered_at", "expires_at", "withdrawn_at", "looked_at",
        "due_at", "reconciled_at", "accepted_at",
    )  # fmt: skip
    readonly_fields = fields
    empty = _(
        "Nothing is offered on an outside market. Amazon's own Mechanical Turk was closed on 2026-09-30; campaigns can "
        "be offered at any endpoint that speaks its API, as another labelcrowd's."
    )

    @admin.display(description=_("name"))
    def shown_name(self, row: Publication) -> str:
        return str(row)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Publication) -> str:
        return pill(Publication.State(row.state))

    @admin.display(description=_("reward"))
    def shown_reward(self, row: Publication) -> str:
        return money.show(row.reward, row.campaign.currency)

    @admin.display(description=_("fee"))
    def shown_fee(self, row: Publication) -> str:
        return money.show(row.fee, row.campaign.currency)

    @admin.display(description=_("held"))
    def shown_held(self, row: Publication) -> str:
        return money.show(row.held, row.campaign.currency)

    def is_open(self, row: Publication) -> bool:
        is_elsewhere = row.state == Publication.State.PLANNED and row.problem.startswith(market_losses.MADE_AT)
        return is_elsewhere or (row.state in Publication.WATCHED and bool(row.problem))

    @button(_("Take it for settled"), path="accept", icon="gavel")
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self.decide(
            request, object_id, market_decisions.accept, title=_("Take for settled what was paid for this offer?"),
            go=_("Take it for settled"), done=_("It is taken for settled."),
            note=_("For an offer whose payments differ from the market's list for good, that the market lost, or that "
                   "was made at an endpoint that is used no more. Nothing is booked or paid by this: the offer is "
                   "looked for no longer, and deleted at the market if it has it. Your reason is kept in the trail."),
        )  # fmt: skip


@admin.register(Claim)
class ClaimAdmin(Decided):
    actions_detail = ("pay_besides", "book_as_paid")
    list_display = ("assignment", "worker", "shown_state", "verdict", "settled", "claimed_at")
    list_filter = (Stuck, "state", "verdict", "settled", ("publication__campaign", OwnRelatedFilter))
    list_select_related = ("worker", "publication")
    search_fields = ("assignment", "worker__external_id")
    fields = (
        "publication", "assignment", "worker", "shown_state", "verdict", "settled", "owed", "note", "page",
        "claimed_at", "saved_at", "confirmed_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Claim) -> str:
        return pill(Claim.State(row.state))

    @admin.display(description=_("owed"))
    def owed(self, row: Claim) -> str:
        if row.besides:
            return gettext("paid by a bonus or a slot of its own, as somebody decided")
        if not self.is_open(row):
            return "–"
        return gettext(
            "The worker is owed it, and the market won't approve it: its offer is gone there, or was given up. Look at "
            "the market whether it was paid; if so, book that, else have it paid by a bonus or a slot of its own. "
            "Where no market can be had to pay it, pay it yourself, and say so on the page of what it is owed."
        )

    def is_open(self, row: Claim) -> bool:
        return not row.besides and market_decisions.stuck().filter(pk=row.pk).exists()

    @button(_("Pay it besides"), path="pay-besides", icon="payments")
    def pay_besides(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self.decide(
            request, object_id, market_decisions.pay_besides, title=_("Pay this slot besides?"), go=_("Pay it"),
            done=_("It is being paid."),
            note=_("The market is asked for a bonus, and if it refuses that, for a slot for this worker alone. "
                   "Look there first that it was not paid: a market pays by itself what nobody judged in time."),
        )  # fmt: skip

    @button(_("The market paid it"), path="book-as-paid", icon="task_alt")
    def book_as_paid(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self.decide(
            request, object_id, market_decisions.book_as_paid, title=_("Book that the market paid this slot?"),
            go=_("Book it"), done=_("It is booked."),
            note=_("For what somebody saw to be paid there, though the market tells us nothing of it any more. The "
                   "reward and the market's fee are booked; your reason is kept in the trail."),
        )  # fmt: skip


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnly):
    actions_detail = ("file", "manifest")
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
        "organization", "channel", "made_at", "ended_at", "agree", "publications", "unread", "shown_ours",
        "shown_market", "shown_fees", "pending", "shown_differences", "shown_orphans",
    )  # fmt: skip
    readonly_fields = fields

    def offers(self, request: HttpRequest, row: Reconciliation, name: str) -> bool:
        return row.ended_at is not None and self.has_view_permission(request, row)

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
            "", "<p>only {}: {} of {} to {} for {}</p>",
            (
                (one["side"], one["kind"], money.show(one["amount"], row.currency), one["worker"], one["assignment"])
                for one in row.differences
            ),
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


def _file(row: Reconciliation, *, manifest: bool) -> HttpResponse:
    content = io.BytesIO()
    told = write_reconciliation(row, content)
    name = f"{row.channel}-{row.organization.slug}-{row.made_at:%Y-%m-%dT%H%M%S}.csv"
    return downloads.checked(content.getvalue(), told, name=name, manifest=manifest)
