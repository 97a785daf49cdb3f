"""Disputes: what a worker says against a rejection, decided by somebody else."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.console.answered import answers
from apps.console.asking import address, ask
from apps.console.forms.audits import Outcome
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import amount, pill
from apps.pipeline import flow
from apps.quality.models import Dispute, Review


class Open(admin.SimpleListFilter):
    """What waits for a person, unless something else is asked for."""

    title = _("decided")
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Dispute.Outcome.choices, ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("waiting")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value() or ""
        return queryset if wanted == "all" else queryset.filter(Q(outcome=wanted))


@admin.register(Dispute)
class DisputeAdmin(ReadOnly):
    list_display = ("worker_name", "campaign_name", "says", "shown_outcome", "decide_by")
    list_filter = (Open, ("assignment__campaign", OwnRelatedFilter))
    list_select_related = ("assignment__worker", "assignment__campaign")
    ordering = ("decide_by",)
    empty = _("No worker disputes a rejection.")

    @admin.display(description=_("worker"))
    def worker_name(self, row: Dispute) -> str:
        return str(row.assignment.worker)

    @admin.display(description=_("campaign"))
    def campaign_name(self, row: Dispute) -> str:
        return str(row.assignment.campaign)

    @admin.display(description=_("what the worker says"))
    def says(self, row: Dispute) -> str:
        return row.text if len(row.text) <= 80 else f"{row.text[:79]}…"

    @admin.display(description=_("outcome"), ordering="outcome")
    def shown_outcome(self, row: Dispute) -> str:
        return pill(Dispute.Outcome(row.outcome)) if row.outcome else "–"

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the page's answers, why it was rejected and what the worker says, and ask for the outcome."""
        row = self.row(request, object_id, "decide" if request.method == "POST" else "view")
        page = row.assignment
        review = page.review
        first = review.asked_by_id if review.asked == Review.Verdict.REJECT else None
        own = actor(request).pk in (row.rejected_by_id, first)

        def act(form: Outcome) -> None:
            asked = form.cleaned_data
            flow.decide_dispute(row, outcome=asked["outcome"], reason=asked["reason"], by=actor(request))

        return ask(
            self, request, row=row, title=_("Dispute of %(name)s") % {"name": page.worker}, form=Outcome, act=act,
            done=_("The dispute is decided."), to=address(self, None), template="console/dispute.html",
            answers=answers(page), handed_in=page, campaign=page.campaign, pay=amount(page.pay, page.currency),
            review=review, outcome=pill(Dispute.Outcome(row.outcome)) if row.outcome else "", own=own,
            may_decide=not row.outcome and not own and self.has_decide_permission(request, row),
        )  # fmt: skip
