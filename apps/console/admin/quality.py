"""Reviews: pages that wait for a person, each decided by one who saw its answers."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.campaigns.models import Campaign
from apps.console import permissions
from apps.console.answered import answers
from apps.console.asking import address, ask
from apps.console.forms.quality import Reason, Verdict
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import amount, pill
from apps.members.models import User
from apps.pipeline import flow
from apps.quality.models import Adjudication, Review
from apps.quality.queries import WAITING
from apps.quality.services import UNDO
from apps.work.models import Assignment

MOST_AT_ONCE = 200
TAKE_BACK = Verdict.TAKE_BACK
ASKED = _("Your organization has two people reject that much within a day: a second one has to agree.")
LEFT = _("These are %(n)s at once, as many as go; %(left)s of the chosen are left: choose them again afterwards.")
# What is done with several pages -> what the page that asks says: title, note, button.
WORDS = {
    Review.Verdict.APPROVE: (
        _("Approve and pay %(n)s pages?"),
        _("What they earn is owed in two minutes; until then you can take it back."),
        _("Approve and pay"),
    ),
    Review.Verdict.REJECT: (
        _("Reject %(n)s pages?"),
        _("Each worker is told the reason, and can dispute it. You can take it back: then they are paid."),
        _("Reject"),
    ),
    TAKE_BACK: (
        _("Take it back for %(n)s pages?"),
        _("What is not paid yet waits for a person again; what was rejected is approved and paid."),
        _("Take it back"),
    ),
}


class Waiting(admin.SimpleListFilter):
    """What waits for a person, unless something else is asked for."""

    title = _("decided")
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("second", _("waiting for a second person")),
            ("rejected", _("rejected")),
            ("approved", _("approved by a person")),
            ("all", _("all")),
        ]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("waiting")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {
            "second": Q(verdict="", asked=Review.Verdict.REJECT),
            "rejected": Q(verdict=Review.Verdict.REJECT),
            "approved": Q(verdict=Review.Verdict.APPROVE, decided_by__isnull=False),
            "all": Q(),
        }.get(self.value() or "", WAITING)
        return queryset.filter(wanted)


@admin.register(Review)
class ReviewAdmin(ReadOnly):
    list_display = ("worker_name", "campaign_name", "saw", "shown_verdict", "approve_at")
    list_filter = (Waiting, ("assignment__campaign", OwnRelatedFilter))
    list_select_related = ("assignment__worker", "assignment__campaign")
    search_fields = ("assignment__worker__external_id", "assignment__worker__name")
    ordering = ("approve_at",)
    actions = ("approve_chosen", "reject_chosen")
    empty = _("No page waits for you.")

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
        return _standing(row) or "–"

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
            if form.cleaned_data["verdict"] == TAKE_BACK:
                flow.take_back(row, by=actor(request))
                self.message_user(request, _("It is taken back: the page waits for a person again."))
                return
            verdict = form.cleaned_data["verdict"]
            decided = self._decide(row, verdict, form.cleaned_data["reason"], actor(request))
            if decided.asked == Review.Verdict.APPROVE and not decided.verdict:
                self.message_user(request, _told([decided], verdict))
            else:
                self.message_user(request, _("The page is decided.") if decided.verdict else ASKED)

        return ask(
            self, request, row=row, title=_("Review of a page by %(name)s") % {"name": page.worker},
            form=partial(Verdict, initial={"reason": row.reason if row.waits_for_another else ""}), act=act,
            to=address(self, following), template="console/review.html",
            answers=answers(page), handed_in=page, campaign=page.campaign, pay=amount(page.pay, page.currency),
            verdict=_standing(row), original=None, seconds=row.waits_for_another and row.asked_by != actor(request),
            may_decide=_is_open(row) and self.has_decide_permission(request, row),
            waiting=self._waiting(request).count(), next=address(self, following) if following else "",
            may_settle=bool(permissions.organizations(request, "view", Campaign)), correct_from=row.pk,
            may_accept=page.organization_id in permissions.organizations(request, "change", Adjudication),
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
        if verdict not in (*Review.Verdict.values, TAKE_BACK) or not all(
            self.has_decide_permission(request, row) for row in rows
        ):
            raise PermissionDenied

        def act(form: Reason) -> None:
            done = [self._decide(row, verdict, form.cleaned_data.get("reason", ""), actor(request)) for row in rows]
            self.message_user(request, _told(done, verdict))

        title, note, go = WORDS[verdict]
        told, left = str(note), request.GET.get("left", "")
        if left.isdecimal() and len(left) < 19:
            told = f"{note} {LEFT % {'n': len(rows), 'left': int(left)}}"
        rejects = verdict == Review.Verdict.REJECT
        return ask(
            self, request, act=act, danger=rejects, form=Reason if rejects else Form, rows=rows, note=told, go=go,
            title=title % {"n": len(rows)}, template="console/many.html",
        )  # fmt: skip

    def _decide(self, row: Review, verdict: str, reason: str, by: User) -> Review:
        """Decide: an approval can be taken back for a moment, a rejection is one at once, and can be overturned."""
        if verdict == TAKE_BACK and not row.verdict:
            flow.take_back(row, by=by)
            return row
        if verdict == Review.Verdict.APPROVE and not row.verdict and not row.asked:
            return flow.approve_soon(row, by=by)
        return flow.decide(
            row, verdict=Review.Verdict.APPROVE if verdict == TAKE_BACK else verdict, reason=reason, by=by
        )

    def _waiting(self, request: HttpRequest) -> QuerySet[Review]:
        waiting: QuerySet[Review] = self.get_queryset(request).filter(WAITING)
        return waiting

    def _after(self, request: HttpRequest, row: Review) -> Review | None:
        """Return the page to look at next: the one that is paid next if nobody decides."""
        me = actor(request)
        not_mine = Q(asked=Review.Verdict.APPROVE) | Q(asked_by=me) | Q(assignment__worker__user=me)
        others = self._waiting(request).exclude(pk=row.pk).exclude(not_mine).order_by("approve_at", "pk")
        return others.filter(approve_at__gte=row.approve_at).first() or others.first()


def _is_open(row: Review) -> bool:
    page: Assignment = row.assignment
    return row.verdict != Review.Verdict.APPROVE and page.state in (
        Assignment.State.SUBMITTED,
        Assignment.State.REJECTED,
    )


def _many(rows: QuerySet[Review], verdict: str) -> HttpResponseBase:
    """Lead to the page that asks: an address holds so many, and the page says how many were left for later."""
    chosen = list(rows.values_list("pk", flat=True))
    ids, left = ",".join(map(str, chosen[:MOST_AT_ONCE])), max(len(chosen) - MOST_AT_ONCE, 0)
    more = f"&left={left}" if left else ""
    return HttpResponseRedirect(f"{reverse('admin:quality_review_many')}?verdict={verdict}&ids={ids}{more}")


def _standing(row: Review) -> str:
    """Return the verdict, or the one that was asked for and has not taken effect; "" for none."""
    if row.verdict:
        return pill(Review.Verdict(row.verdict))
    if row.waits_for_another:
        return format_html('<span class="console-pill warning">{}</span>', _("a second person decides"))
    return format_html('<span class="console-pill warning">{}</span>', _("approved in a moment")) if row.asked else ""


def _told(rows: list[Review], verdict: str) -> str:
    """Say what became of the pages, and lead to where that is taken back."""
    if verdict == TAKE_BACK:
        return str(_("It is taken back."))
    waiting = sum(row.waits_for_another for row in rows)
    n = len(rows) - waiting
    if verdict == Review.Verdict.APPROVE:
        words = ngettext(
            "%(n)s page is paid in %(minutes)s minutes.", "%(n)s pages are paid in %(minutes)s minutes.", n
        )
        said = words % {"n": n, "minutes": UNDO.seconds // 60}
    else:
        said = " ".join(
            str(words % {"n": number})
            for words, number in ((_("%(n)s pages are rejected."), n), (_("%(n)s wait for a second person."), waiting))
            if number
        )
    ids = ",".join(str(row.pk) for row in rows)
    back = f"{reverse('admin:quality_review_many')}?verdict={TAKE_BACK}&ids={ids}"
    return format_html('{} <a class="console-link" href="{}">{}</a>', said, back, _("Take it back"))
