"""What outside markets offer for us, and how their books compare with ours: to be read."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from apps.channels.models import Claim, Publication, Reconciliation
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import pill
from apps.core import money

WHAT_TO_DO = _(
    "They run at the market, and who works on one is in nobody's books here. Take each off with "
    "“manage.py mturk expire HITID”, then judge by hand at the market what was handed in, and delete it there."
)


@admin.register(Publication)
class PublicationAdmin(ReadOnly):
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
        "campaign", "channel", "shown_name", "shown_state", "asked", "slots", "shown_reward", "shown_fee", "shown_held",
        "problem", "planned_at", "offered_at", "expires_at", "withdrawn_at", "looked_at", "due_at", "reconciled_at",
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


@admin.register(Claim)
class ClaimAdmin(ReadOnly):
    list_display = ("assignment", "worker", "shown_state", "verdict", "settled", "claimed_at")
    list_filter = ("state", "verdict", "settled", ("publication__campaign", OwnRelatedFilter))
    list_select_related = ("worker", "publication")
    search_fields = ("assignment", "worker__external_id")
    fields = (
        "publication", "assignment", "worker", "shown_state", "verdict", "settled", "note", "page", "claimed_at",
        "saved_at", "confirmed_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Claim) -> str:
        return pill(Claim.State(row.state))


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnly):
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
