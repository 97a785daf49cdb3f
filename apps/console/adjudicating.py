"""All answers to one item side by side, with what is known and what became the label: where a person settles it."""

import json
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.campaigns.spec import BadSpec, Gold
from apps.console import permissions
from apps.console.asking import address, sentences
from apps.console.scope import Scoped
from apps.console.showing import Shower, answer, pill
from apps.kinds.errors import Bad
from apps.pipeline import flow
from apps.quality.models import Consensus, Review
from apps.work.models import Assignment, Judgment, Task
from apps.work.queries import shown
from apps.workforce.models import Skill


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
    """An admin page of campaigns whose items can be looked at one by one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.task)
        return [path("<path:object_id>/task/", view, name="campaigns_campaign_task"), *super().get_urls()]

    def task(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show an item's answers; on POST, take one of them for the right one: the item becomes a gold question."""
        row = self.row(request, object_id, "change" if request.method == "POST" else "view")
        task = _task(row, request)
        if request.method == "POST":
            return self._settled(request, row, task)
        label = Consensus.objects.filter(task=task).first()
        data = shown(task.item.data, row)
        known = row.gold.filter(item=task.item_id).first()
        harder = Consensus.objects.filter(campaign=row).order_by("confidence", "task")
        following = (
            harder.filter(confidence__gte=label.confidence).exclude(task__lte=task.pk, confidence=label.confidence)
            if label
            else harder
        ).first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("Answers to %(item)s") % {"item": task.item.external_id},
            "task": task,
            "item": Shower(row.dataset_id, [data]).item(data),
            "label": label,
            "known": [answer(one, row) for one in known.answers] if known else [],
            "given": self._given(request, row, task, label),
            "next": following.task_id if following else None,
            "may_change": self.has_change_permission(request, row),
            "back": address(self, row),
        }
        return TemplateResponse(request, "console/task.html", context)

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
                same=label is not None and label.answer == one.answer,
                state=pill(Assignment.State(one.place.assignment.state)),
                skill=skills.get(one.worker_id),
                review=_review_address(one) if may_review else "",
            )
            for one in judgments
        ]

    def _settled(self, request: HttpRequest, row: Campaign, task: Task) -> HttpResponse:
        try:
            right = json.loads(request.POST.get("answer", ""))
            flow.add_gold(row, rows=[Gold(task.item.external_id, [right], request.POST.get("reason", ""))])
        except ValueError as refusal:
            for sentence in sentences(refusal) if isinstance(refusal, BadSpec | Bad) else [str(refusal)]:
                self.message_user(request, sentence, level="error")
        else:
            self.message_user(request, _("The answer is kept as the right one: this item is a gold question now."))
            self.log_change(request, row, f"gold: {task.item.external_id}")
        return HttpResponseRedirect(f"{request.path}?task={task.pk}")


def _task(row: Campaign, request: HttpRequest) -> Task:
    wanted = request.GET.get("task", "")
    found = Task.objects.filter(campaign=row, pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    task = found.select_related("item").first() if found is not None else None
    if task is None:
        task = Task.objects.filter(campaign=row).select_related("item").order_by("pk").first()
    if task is None:
        raise Http404
    return task


def _review_address(judgment: Judgment) -> str:
    review = getattr(judgment.place.assignment, "review", None)
    return reverse("admin:quality_review_change", args=[review.pk]) if review else ""
