"""What a campaign asks, of how many, at what price, as people read it."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import FEW_REPORTS, Campaign
from apps.console.forms import steps as asked
from apps.console.scope import Scoped
from apps.console.showing import amount, prose
from apps.console.templatetags.console import lasting
from apps.kinds import names, of

# What the steps call each thing that they ask: a launched campaign calls it the same.
CALLED: dict[str, Any] = {
    name: field.label
    for form in (
        asked.Data, asked.Purpose, asked.Shown, asked.Guidelines, asked.GoldRules, asked.Suggestions, asked.Quality,
        asked.Pilot, asked.Pay, asked.Who,
    )
    for name, field in form.base_fields.items()
}  # fmt: skip
FIELDSETS: tuple[tuple[Any, Any], ...] = (
    (_("What is asked"), {"fields": ("name", "dataset", "shown_kind", "shown_purpose", "shown_question",
                                     "shown_language", "shown_fields", "shown_guidelines", "shown_warning",
                                     "shown_senses")}),
    (_("Of how many, at what price"), {"fields": ("shown_redundancy", "shown_most", "shown_target", "shown_page_size",
                                                  "shown_price", "shown_budget", "shown_pilot")}),
    (_("Gold"), {"fields": ("shown_gold", "shown_bound")}),
    (_("Suggestions"), {"fields": ("shown_suggestions",)}),
    (_("Who may work"), {"fields": ("shown_channel", "shown_groups", "shown_languages", "shown_qualifications",
                                    "shown_skill", "shown_most_pages")}),
    (_("Rules"), {"fields": ("shown_method", "shown_lease", "shown_review", "shown_decision", "shown_broken",
                             "shown_reported")}),
)  # fmt: skip


def _as_asked(name: str, otherwise: Any = "–") -> Any:
    """Return what shows a campaign's column by the name that the step which asks for it gives it."""

    @admin.display(description=CALLED[name], ordering=name)
    def shown(_admin: Any, row: Campaign) -> str:
        chosen = getattr(row, f"get_{name}_display", None)
        value = chosen() if chosen else getattr(row, name)
        return str(otherwise if value in (None, "") else value)

    return shown


class Told(Scoped):
    """An admin page of campaigns that tells what each is, and lets nothing of it be typed over."""

    shown_purpose = _as_asked("purpose")
    shown_language = _as_asked("language")
    shown_warning = _as_asked("content_warning")
    shown_redundancy = _as_asked("redundancy")
    shown_most = _as_asked("redundancy_max", _("nobody is asked again"))
    shown_page_size = _as_asked("page_size")
    shown_channel = _as_asked("channel")
    shown_most_pages = _as_asked("most_pages", _("as many as there are"))
    shown_method = _as_asked("method")
    shown_review = _as_asked("review")
    shown_broken = _as_asked("broken_after")

    @admin.display(description=CALLED["kind"], ordering="kind")
    def shown_kind(self, row: Campaign) -> str:
        return of(row.kind).title if row.kind in names() else row.kind

    @admin.display(description=CALLED["price"], ordering="price")
    def shown_price(self, row: Campaign) -> str:
        tiers = [(amount(tier["price"], row.currency), f" ≥ {tier['skill']:.0%}") for tier in row.pay_tiers]
        return format_html_join("; ", "{}{}", [(amount(row.price, row.currency), ""), *tiers])

    @admin.display(description=CALLED["budget"], ordering="budget")
    def shown_budget(self, row: Campaign) -> str:
        return amount(row.budget, row.currency)

    @admin.display(description=CALLED["guidelines"])
    def shown_guidelines(self, row: Campaign) -> str:
        newest = row.guidelines.first()
        return prose(newest.text) if newest else "–"

    @admin.display(description=_("Question"))
    def shown_question(self, row: Campaign) -> str:
        return str(row.settings.get("question", "–"))

    @admin.display(description=CALLED["show"])
    def shown_fields(self, row: Campaign) -> str:
        return ", ".join(row.show) or str(_("all fields of an item"))

    @admin.display(description=CALLED["target_confidence"], ordering="target_confidence")
    def shown_target(self, row: Campaign) -> str:
        return f"{row.target_confidence:.0%}" if row.redundancy_max else "–"

    @admin.display(description=CALLED["senses"])
    def shown_senses(self, row: Campaign) -> str:
        return ", ".join(str(Campaign.Sense(one).label) for one in row.senses) or "–"

    @admin.display(description=CALLED["qualifications"])
    def shown_qualifications(self, row: Campaign) -> str:
        return ", ".join(row.qualifications) or str(_("none"))

    @admin.display(description=CALLED["pilot_items"])
    def shown_pilot(self, row: Campaign) -> str:
        if not row.pilot_items:
            return str(_("none: all items at once"))
        first = _("%(n)s items first") % {"n": row.pilot_items}
        return str(first if row.in_pilot else _("over: the first %(n)s items went well") % {"n": row.pilot_items})

    @admin.display(description=CALLED["gold_share"])
    def shown_gold(self, row: Campaign) -> str:
        return str(
            _("%(share)s of places, %(early)s among a worker's first ten")
            % {"share": f"{row.gold_share:.0%}", "early": row.early_gold}
        )

    @admin.display(description=CALLED["least_gold_accuracy"])
    def shown_bound(self, row: Campaign) -> str:
        return str(
            _("%(share)s, once a worker answered %(n)s: below it, a page is put before you")
            % {"share": f"{row.least_gold_accuracy:.0%}", "n": row.least_gold_answers}
        )

    @admin.display(description=CALLED["most_reported"])
    def shown_reported(self, row: Campaign) -> str:
        return str(
            _("more than %(n)s and %(share)s of a worker's questions")
            % {"share": f"{row.most_reported:.0%}", "n": FEW_REPORTS}
        )

    @admin.display(description=CALLED["suggested_to"])
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

    @admin.display(description=CALLED["groups"])
    def shown_groups(self, row: Campaign) -> str:
        return ", ".join(row.groups) or str(_("everybody"))

    @admin.display(description=CALLED["languages"])
    def shown_languages(self, row: Campaign) -> str:
        return ", ".join(row.languages) or str(_("any"))

    @admin.display(description=CALLED["least_skill"])
    def shown_skill(self, row: Campaign) -> str:
        return str(_("any") if row.least_skill is None else f"≥ {row.least_skill:.0%}")

    @admin.display(description=CALLED["lease_seconds"])
    def shown_lease(self, row: Campaign) -> str:
        return lasting(row.lease_seconds)

    @admin.display(description=CALLED["approve_after_seconds"])
    def shown_decision(self, row: Campaign) -> str:
        return (
            lasting(row.approve_after_seconds) if row.approve_after_seconds else str(_("no time: it is paid at once"))
        )
