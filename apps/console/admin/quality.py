"""Reviews: pages put up for rejection, each decided by a person who saw its answers."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console import permissions
from apps.console.asking import address, ask
from apps.console.forms.quality import Reason, Verdict
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import Shower, amount, answer, pill
from apps.pipeline import flow
from apps.quality.models import Consensus, Review
from apps.work.models import Assignment, Judgment
from apps.work.queries import shown

MOST_AT_ONCE = 200


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
    """One place of the page; `known` are the right answers where it asked gold, `right` whether it got one.

    `label` is what became the item's label, "" for none yet; `others` what other workers answered, and how often.
    """

    position: int
    task: int
    item: SafeString
    state: str
    answer: str
    known: list[str]
    right: bool
    label: str
    others: list[tuple[str, int]]
    note: str


@admin.register(Review)
class ReviewAdmin(ReadOnly):
    list_display = ("worker_name", "campaign_name", "saw", "shown_verdict", "approve_at")
    list_filter = (Waiting, ("assignment__campaign", OwnRelatedFilter))
    list_select_related = ("assignment__worker", "assignment__campaign")
    search_fields = ("assignment__worker__external_id", "assignment__worker__name")
    ordering = ("approve_at",)
    actions = ("approve_chosen", "reject_chosen")
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
        """Show the page's answers beside gold, label and the others' answers; after the verdict the next one opens."""
        row = self.row(request, object_id, "decide" if request.method == "POST" else "view")
        page: Assignment = row.assignment
        following = self._after(request, row)

        def act(form: Verdict) -> None:
            flow.decide(
                row, verdict=form.cleaned_data["verdict"], reason=form.cleaned_data["reason"], by=actor(request)
            )

        return ask(
            self, request, row=row, title=_("Review of a page by %(name)s") % {"name": page.worker}, form=Verdict,
            act=act, done=_("The page is decided."), to=address(self, following), template="console/review.html",
            answers=answers(page), handed_in=page, campaign=page.campaign, pay=amount(page.pay, page.currency),
            verdict=pill(Review.Verdict(row.verdict)) if row.verdict else "", original=None,
            may_decide=_is_open(row) and self.has_decide_permission(request, row),
            waiting=self._waiting(request).count(), next=address(self, following) if following else "",
            may_settle=bool(permissions.organizations(request, "change", Campaign)),
        )  # fmt: skip

    # Many at once

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide_many)
        return [path("many/", view, name="quality_review_many"), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> Any:
        return super().get_actions(request) if self.has_decide_permission(request) else {}

    @admin.action(description=_("Approve and pay the chosen pages"))
    def approve_chosen(self, request: HttpRequest, rows: QuerySet[Review]) -> HttpResponseBase:
        return _many(rows, Review.Verdict.APPROVE)

    @admin.action(description=_("Reject the chosen pages, for one written reason"))
    def reject_chosen(self, request: HttpRequest, rows: QuerySet[Review]) -> HttpResponseBase:
        return _many(rows, Review.Verdict.REJECT)

    def decide_many(self, request: HttpRequest) -> HttpResponseBase:
        """Ask once for the verdict on several pages; each is decided by itself, and a rejection can be taken back."""
        verdict = request.GET.get("verdict", "")
        wanted = [pk for pk in request.GET.get("ids", "").split(",") if pk.isdecimal() and len(pk) < 19]
        rows = [row for row in self.get_queryset(request).filter(pk__in=wanted) if _is_open(row)]
        if verdict not in Review.Verdict.values or not all(self.has_decide_permission(request, row) for row in rows):
            raise PermissionDenied

        def act(form: Reason) -> None:
            for row in rows:
                flow.decide(row, verdict=verdict, reason=form.cleaned_data.get("reason", ""), by=actor(request))
            self.message_user(request, _told(rows, verdict))

        rejects = verdict == Review.Verdict.REJECT
        return ask(
            self, request, act=act, danger=rejects, form=Reason if rejects else Form, rows=rows,
            title=_("Reject %(n)s pages?") % {"n": len(rows)} if rejects
            else _("Approve and pay %(n)s pages?") % {"n": len(rows)},
            note=_("Each worker is told the reason, and can dispute it. You can take it back.") if rejects
            else _("What they earn is owed at once; that is not taken back."),
            go=_("Reject") if rejects else _("Approve and pay"), template="console/many.html",
        )  # fmt: skip

    def _waiting(self, request: HttpRequest) -> QuerySet[Review]:
        waiting: QuerySet[Review] = self.get_queryset(request).filter(verdict="", proposal=Review.Verdict.REJECT)
        return waiting

    def _after(self, request: HttpRequest, row: Review) -> Review | None:
        """Return the page to look at next: the one that is paid next if nobody decides."""
        others = self._waiting(request).exclude(pk=row.pk).order_by("approve_at", "pk")
        return others.filter(approve_at__gte=row.approve_at).first() or others.first()


def _is_open(row: Review) -> bool:
    page: Assignment = row.assignment
    return row.verdict != Review.Verdict.APPROVE and page.state in (
        Assignment.State.SUBMITTED,
        Assignment.State.REJECTED,
    )


def _many(rows: QuerySet[Review], verdict: str) -> HttpResponseBase:
    ids = ",".join(str(pk) for pk in rows.values_list("pk", flat=True)[:MOST_AT_ONCE])
    return HttpResponseRedirect(f"{reverse('admin:quality_review_many')}?verdict={verdict}&ids={ids}")


def _told(rows: list[Review], verdict: str) -> str:
    if verdict == Review.Verdict.APPROVE:
        return _("%(n)s pages are approved.") % {"n": len(rows)}
    ids = ",".join(str(row.pk) for row in rows)
    back = f"{reverse('admin:quality_review_many')}?verdict={Review.Verdict.APPROVE}&ids={ids}"
    return format_html(
        '{} <a class="console-link" href="{}">{}</a>',
        _("%(n)s pages are rejected.") % {"n": len(rows)}, back, _("Take it back"),
    )  # fmt: skip


def answers(page: Assignment) -> list[Answered]:
    """Return what is on a page with what was answered, and what others made of the same items; seven queries."""
    campaign = page.campaign
    places = list(page.places.select_related("task__item", "judgment").order_by("position"))
    tasks = [place.task_id for place in places]
    known = dict(
        campaign.gold.filter(item__in=[place.task.item_id for place in places]).values_list("item_id", "answers")
    )
    labels = dict(Consensus.objects.filter(task__in=tasks).values_list("task", "answer"))
    others = _others(page, tasks)
    seen = [shown(place.task.item.data, campaign) for place in places]
    shower = Shower(campaign.dataset_id, seen)
    return [
        Answered(
            place.position,
            place.task_id,
            shower.item(data),
            place.get_state_display(),
            given := answer(place.judgment.answer, campaign) if hasattr(place, "judgment") else "",
            known=(
                right := [answer(one, campaign) for one in known.get(place.task.item_id, [])] if place.task.gold else []
            ),
            right=given in right,
            label=answer(labels[place.task_id], campaign) if place.task_id in labels else "",
            others=others.get(place.task_id, []),
            note=place.note,
        )
        for place, data in zip(places, seen, strict=True)
    ]


def _others(page: Assignment, tasks: list[int]) -> dict[int, list[tuple[str, int]]]:
    """Return by task how often other workers gave which answer."""
    rows = (
        Judgment.objects.filter(task__in=tasks, counted=True)
        .exclude(worker=page.worker_id)
        .values_list("task", "answer")
        .annotate(n=Count("pk"))
        .order_by("task", "-n", "answer")
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for task, given, n in rows:
        found.setdefault(task, []).append((answer(given, page.campaign), n))
    return found
