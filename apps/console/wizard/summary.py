"""What a campaign asks, of how many, at what price, as people read it."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import FEW_REPORTS, Campaign
from apps.console.scope import Scoped
from apps.console.showing import amount, prose
from apps.console.templatetags.console import lasting
from apps.kinds import names, of

FIELDSETS: tuple[tuple[Any, Any], ...] = (
    (_("What is asked"), {"fields": ("name", "dataset", "shown_kind", "shown_question", "language", "shown_fields",
                                     "shown_guidelines")}),
    (_("Of how many, at what price"), {"fields": ("redundancy", "redundancy_max", "target_confidence", "page_size",
                                                  "shown_price", "shown_budget", "shown_pilot")}),
    (_("Gold"), {"fields": ("shown_gold", "shown_bound")}),
    (_("Suggestions"), {"fields": ("shown_suggestions",)}),
    (_("Who may work"), {"fields": ("channel", "shown_groups", "shown_languages", "shown_skill", "most_pages")}),
    (_("Rules"), {"fields": ("method", "shown_lease", "review", "shown_decision", "broken_after",
                             "shown_reported")}),
)  # fmt: skip


class Told(Scoped):
    """An admin page of campaigns that tells what each is, and lets nothing of it be typed over."""

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, row: Campaign) -> str:
        return of(row.kind).title if row.kind in names() else row.kind

    @admin.display(description=_("price of a page"), ordering="price")
    def shown_price(self, row: Campaign) -> str:
        tiers = [(amount(tier["price"], row.currency), f" ≥ {tier['skill']:.0%}") for tier in row.pay_tiers]
        return format_html_join("; ", "{}{}", [(amount(row.price, row.currency), ""), *tiers])

    @admin.display(description=_("budget"), ordering="budget")
    def shown_budget(self, row: Campaign) -> str:
        return amount(row.budget, row.currency)

    @admin.display(description=_("guidelines"))
    def shown_guidelines(self, row: Campaign) -> str:
        newest = row.guidelines.first()
        return prose(newest.text) if newest else "–"

    @admin.display(description=_("question"))
    def shown_question(self, row: Campaign) -> str:
        return str(row.settings.get("question", "–"))

    @admin.display(description=_("what workers see"))
    def shown_fields(self, row: Campaign) -> str:
        return ", ".join(row.show) or str(_("all fields of an item"))

    @admin.display(description=_("pilot"))
    def shown_pilot(self, row: Campaign) -> str:
        if not row.pilot_items:
            return str(_("none: all items at once"))
        first = _("%(n)s items first") % {"n": row.pilot_items}
        return str(first if row.in_pilot else _("over: the first %(n)s items went well") % {"n": row.pilot_items})

    @admin.display(description=_("gold questions"))
    def shown_gold(self, row: Campaign) -> str:
        return str(
            _("%(share)s of places, %(early)s among a worker's first ten")
            % {"share": f"{row.gold_share:.0%}", "early": row.early_gold}
        )

    @admin.display(description=_("a page is put before you"))
    def shown_bound(self, row: Campaign) -> str:
        return str(
            _("when fewer than %(share)s of a worker's gold answers are right, once there are %(n)s")
            % {"share": f"{row.least_gold_accuracy:.0%}", "n": row.least_gold_answers}
        )

    @admin.display(description=_("reports are put before you"))
    def shown_reported(self, row: Campaign) -> str:
        return str(
            _("when a worker reported more than %(n)s and %(share)s of all questions")
            % {"share": f"{row.most_reported:.0%}", "n": FEW_REPORTS}
        )

    @admin.display(description=_("of a model"))
    def shown_suggestions(self, row: Campaign) -> str:
        if row.suggested_to == row.SuggestedTo.NOBODY:
            if row.suggestion_field:
                return str(_("none are shown; the field %(field)s holds some") % {"field": row.suggestion_field})
            return str(_("none are shown") if row.state == row.State.DRAFT else _("none, and none can be added now"))
        model = row.suggestion_model or str(_("a model"))
        told = {"model": model, "field": row.suggestion_field, "share": f"{row.suggestion_withheld:.0%}"}
        if row.suggested_to == row.SuggestedTo.REVIEWERS:
            return str(_("by %(model)s, in the field %(field)s: reviewers see them") % told)
        return str(_("by %(model)s, in the field %(field)s: workers see them, at %(share)s of questions not") % told)

    @admin.display(description=_("groups"))
    def shown_groups(self, row: Campaign) -> str:
        return ", ".join(row.groups) or str(_("everybody"))

    @admin.display(description=_("languages"))
    def shown_languages(self, row: Campaign) -> str:
        return ", ".join(row.languages) or str(_("any"))

    @admin.display(description=_("skill"))
    def shown_skill(self, row: Campaign) -> str:
        return str(_("any") if row.least_skill is None else f"≥ {row.least_skill:.0%}")

    @admin.display(description=_("time for a page"))
    def shown_lease(self, row: Campaign) -> str:
        return lasting(row.lease_seconds)

    @admin.display(description=_("you decide within"))
    def shown_decision(self, row: Campaign) -> str:
        return (
            lasting(row.approve_after_seconds) if row.approve_after_seconds else str(_("no time: it is paid at once"))
        )
