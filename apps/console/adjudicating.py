"""All answers to one item side by side, with what is known and what became the label: where a person settles it."""

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions
from apps.console import permissions
from apps.console.answered import in_words
from apps.console.asking import address, capital
from apps.console.permissions import actor
from apps.console.scope import Scoped
from apps.console.showing import Shower, answer, is_same, pill
from apps.kinds import of, rendering
from apps.kinds.errors import Bad, BadAnswer
from apps.kinds.forms import relative
from apps.pipeline import flow
from apps.quality.models import Adjudication, Consensus, Review
from apps.quality.services import CannotAdjudicate
from apps.work.models import Assignment, Judgment, Task
from apps.work.queries import shown
from apps.workforce.models import Skill

PLACE = "answer"


@dataclass(frozen=True)
class Given:
    """One worker's answer; `same` where it is the label, `raw` for the form, `review` the address of its page's."""

    judgment: Judgment
    text: str
    raw: str
    same: bool
    state: str
    skill: Skill | None
    review: str


class Adjudicated(Scoped):
    """An admin page of campaigns whose items can be looked at one by one, and settled."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.task)
        return [path("<path:object_id>/task/", view, name="campaigns_campaign_task"), *super().get_urls()]

    def task(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show an item's answers; on POST, make one of them or the person's own the label, or take that word back."""
        row = self.row(request, object_id, "view")
        task = _task(row, request)
        may_settle = row.organization_id in permissions.organizations(request, "change", Adjudication)
        problem = ""
        if request.method == "POST":
            if not may_settle:
                raise PermissionDenied
            try:
                self._settle(request, row, task)
                return HttpResponseRedirect(_after(request, row, task))
            except (Bad, CannotAdjudicate, ValueError) as refusal:
                problem = capital(str(refusal))
        context = self._shown(request, row, task, may_settle=may_settle, problem=problem)
        return TemplateResponse(request, "console/task.html", context)

    def _settle(self, request: HttpRequest, row: Campaign, task: Task) -> None:
        if "withdraw" in request.POST:
            if flow.withdraw_adjudication(task, by=actor(request)):
                self.message_user(request, _("The label is combined from the workers’ answers again."))
            return
        kind = of(row.kind)
        note = request.POST.get("note", "")
        if "suggested" in request.POST:
            raw, note = _suggested(row, task), _accepted(row)
        elif "given" in request.POST:
            raw = json.loads(request.POST["given"])
        else:
            raw = kind.read_form(relative(request.POST.lists(), PLACE), kind.read_settings(row.settings))
        if raw is None:
            raise BadAnswer(_("give an answer first"))
        flow.adjudicate(task, answer=raw, note=note, by=actor(request))
        self.message_user(request, _("The label of %(item)s is settled.") % {"item": task.item.external_id})
        self.log_change(request, row, f"adjudicated: {task.item.external_id}")

    def _shown(
        self, request: HttpRequest, row: Campaign, task: Task, *, may_settle: bool, problem: str
    ) -> dict[str, Any]:
        label = Consensus.objects.filter(task=task).first()
        said = Adjudication.objects.filter(task=task).select_related("by").first()
        data = shown(task.item.data, row)
        shower = Shower(row.dataset_id, [data])
        known = row.gold.filter(item=task.item_id).first() if task.gold else None
        review = _review_of(request)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("Answers to %(item)s") % {"item": task.item.external_id},
            "task": task,
            "item": shower.item(data),
            "label": label,
            "method": dict(Campaign.Method.choices).get(label.method, label.method) if label else "",
            "said": said,
            "suggestion": in_words(_suggested(row, task), row),
            "known": [answer(one, row) for one in known.answers] if known else [],
            "given": self._given(request, row, task, label),
            "next": _harder(row, task, label),
            "may_settle": may_settle and not task.gold,
            "back": review or address(self, row),
            "from_review": bool(review),
            **_widget(row, shower.parts(data), label.answer if label else None, problem),
        }

    def _given(self, request: HttpRequest, row: Campaign, task: Task, label: Consensus | None) -> list[Given]:
        rows = Judgment.objects.filter(task=task).select_related("worker", "place__assignment__review").order_by("pk")
        judgments = list(rows)
        skills = {
            skill.worker_id: skill
            for skill in Skill.objects.filter(worker__in=[one.worker_id for one in judgments], scope=row.key)
        }
        may_review = bool(permissions.organizations(request, "view", Review))
        return [
            Given(
                judgment=one,
                text=answer(one.answer, row),
                raw=json.dumps(one.answer),
                same=label is not None and is_same(one.answer, label.answer, row),
                state=pill(Assignment.State(one.place.assignment.state)),
                skill=skills.get(one.worker_id),
                review=_review_address(one) if may_review else "",
            )
            for one in judgments
        ]


def _widget(row: Campaign, parts: Any, raw: Any, problem: str) -> dict[str, Any]:
    """Return the kind's own controls, beginning with the label or with what was refused."""
    kind = of(row.kind)
    try:
        settings = kind.read_settings(row.settings)
    except Bad:
        return {"problem": problem}
    return {
        "widget": rendering.widget(kind, settings, place=PLACE, item=parts, answer=raw, error=problem),
        "script": rendering.script(kind),
        "settings": kind.write_settings(settings),
        "problem": problem,
    }


def _suggested(row: Campaign, task: Task) -> Any | None:
    reader = Suggestions.of(row)
    return reader.usable(task.item.data) if reader else None


def _accepted(row: Campaign) -> str:
    """Return why a label is what it is, where a suggestion was made it: for those who read the label later."""
    return f"as {row.suggestion_model} suggested" if row.suggestion_model else "as a model suggested"


def _task(row: Campaign, request: HttpRequest) -> Task:
    wanted = request.GET.get("task", "")
    found = Task.objects.filter(campaign=row, pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    task = found.select_related("item", "campaign").first() if found is not None else None
    if task is None:
        task = Task.objects.filter(campaign=row).select_related("item", "campaign").order_by("pk").first()
    if task is None:
        raise Http404
    return task


def _harder(row: Campaign, task: Task, label: Consensus | None) -> int | None:
    """Return the task that is next by doubt, the least sure first."""
    rows = Consensus.objects.filter(campaign=row).order_by("confidence", "task")
    if label:
        rows = rows.filter(confidence__gte=label.confidence).exclude(task__lte=task.pk, confidence=label.confidence)
    return rows.values_list("task", flat=True).first()


def _review_of(request: HttpRequest) -> str:
    """Return the address of the review that a person came from, "" for none."""
    given = request.GET.get("review", "")
    return reverse("admin:quality_review_change", args=[given]) if given.isdecimal() and len(given) < 19 else ""


def _after(request: HttpRequest, row: Campaign, task: Task) -> str:
    back = _review_of(request)
    return f"{back}#task-{task.pk}" if back else f"{request.path}?task={task.pk}"


def _review_address(judgment: Judgment) -> str:
    review = getattr(judgment.place.assignment, "review", None)
    return reverse("admin:quality_review_change", args=[review.pk]) if review else ""
