"""Reviews: pages put up for rejection, each decided by a person who saw its answers."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.console.asking import address, ask
from apps.console.forms.quality import Verdict
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import Shower, amount, answer, pill
from apps.pipeline import flow
from apps.quality.models import Review
from apps.work.models import Assignment, Place
from apps.work.queries import shown


class Waiting(admin.SimpleListFilter):
    """What waits for a person, unless something else is asked for."""

    title = _("decided")
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("rejected", _("rejected")), ("approved", _("approved by a person")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("waiting")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {
            "rejected": Q(verdict=Review.Verdict.REJECT),
            "approved": Q(verdict=Review.Verdict.APPROVE, decided_by__isnull=False),
            "all": Q(),
        }.get(self.value() or "", Q(verdict="", proposal=Review.Verdict.REJECT))
        return queryset.filter(wanted)


@dataclass(frozen=True)
class Answered:
    """One place of the page; `known` are the right answers where it asked gold, `right` whether it got one."""

    position: int
    item: SafeString
    state: str
    answer: str
    known: list[str]
    right: bool
    note: str


@admin.register(Review)
class ReviewAdmin(ReadOnly):
    list_display = ("worker_name", "campaign_name", "saw", "shown_verdict", "approve_at")
    list_filter = (Waiting, ("assignment__campaign", OwnRelatedFilter))
    list_select_related = ("assignment__worker", "assignment__campaign")
    search_fields = ("assignment__worker__external_id", "assignment__worker__name")
    ordering = ("approve_at",)
    empty = _("Nothing waits for you: no page is put up for rejection.")

    @admin.display(description=_("worker"))
    def worker_name(self, row: Review) -> str:
        return str(row.assignment.worker)

    @admin.display(description=_("campaign"))
    def campaign_name(self, row: Review) -> str:
        return str(row.assignment.campaign)

    @admin.display(description=_("grounds"))
    def saw(self, row: Review) -> str:
        return row.grounds.partition(";")[0]

    @admin.display(description=_("verdict"), ordering="verdict")
    def shown_verdict(self, row: Review) -> str:
        return pill(Review.Verdict(row.verdict)) if row.verdict else "–"

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the page's answers beside gold, and ask for the verdict."""
        row = self.row(request, object_id, "decide" if request.method == "POST" else "view")
        page: Assignment = row.assignment
        open_still = row.verdict != Review.Verdict.APPROVE and page.state in (
            Assignment.State.SUBMITTED,
            Assignment.State.REJECTED,
        )

        def act(form: Verdict) -> None:
            flow.decide(
                row, verdict=form.cleaned_data["verdict"], reason=form.cleaned_data["reason"], by=actor(request)
            )

        return ask(
            self, request, row=row, title=_("Review of a page by %(name)s") % {"name": page.worker}, form=Verdict,
            act=act, done=_("The page is decided."), to=address(self, None), template="console/review.html",
            answers=answers(page), handed_in=page, campaign=page.campaign, pay=amount(page.pay, page.currency),
            verdict=pill(Review.Verdict(row.verdict)) if row.verdict else "",
            may_decide=open_still and self.has_decide_permission(request, row),
        )  # fmt: skip


def answers(page: Assignment) -> list[Answered]:
    """Return what is on a page with what was answered; five queries."""
    campaign = page.campaign
    places = list(page.places.select_related("task__item", "judgment").order_by("position"))
    known = dict(
        campaign.gold.filter(item__in=[place.task.item_id for place in places]).values_list("item_id", "answers")
    )
    seen = [shown(place.task.item.data, campaign) for place in places]
    shower = Shower(campaign.dataset_id, seen)
    return [
        _answered(place, shower.item(data), known.get(place.task.item_id, []) if place.task.gold else [])
        for place, data in zip(places, seen, strict=True)
    ]


def _answered(place: Place, item: SafeString, known: list[Any]) -> Answered:
    campaign = place.assignment.campaign
    given = answer(place.judgment.answer, campaign) if hasattr(place, "judgment") else ""
    right = [answer(one, campaign) for one in known]
    return Answered(
        place.position, item, place.get_state_display(), given, right, right=given in right, note=place.note
    )
