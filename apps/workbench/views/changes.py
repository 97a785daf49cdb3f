"""Changing a page that was handed in, until its review."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.kinds import of, rendering
from apps.pipeline import flow
from apps.work import queries as work_queries
from apps.work.errors import BadPage, CannotChange
from apps.work.models import Assignment
from apps.work.services.changing import check_changeable
from apps.workbench import answers, queries, showing, wording
from apps.workbench.answers import ANSWER, Posted
from apps.workbench.asking import BadRequest, WorkerRequest, body, for_workers, refusal, saves_data, wants_json


@for_workers("GET", "POST")
def change(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Show a page that was handed in with its answers, to be changed; take the changes."""
    assignment = queries.page_of(request.user, assignment_id)
    if request.method == "POST":
        return _change_json(request, assignment) if wants_json(request) else _change_form(request, assignment)
    try:
        check_changeable(assignment)
    except CannotChange as error:
        return _too_late(request, assignment, error)
    return _show(request, assignment, Posted(typed=queries.typed(assignment)))


def _change_form(request: WorkerRequest, assignment: Assignment) -> HttpResponse:
    page = work_queries.page(assignment)
    kind = of(page.campaign.kind)
    tokens = [place.token for place in page.places]
    posted = answers.read(request.POST.lists(), tokens, kind, kind.read_settings(page.campaign.settings))
    try:
        flow.change(assignment.pk, worker=assignment.worker, answers=posted.answers)
    except BadPage as error:
        return _show(request, assignment, posted, problems={**error.problems, **posted.problems}, status=422)
    except CannotChange as error:
        return _too_late(request, assignment, error)
    messages.success(request, _("Your changes are kept."))
    return redirect("workbench:page", assignment.pk)


def _change_json(request: WorkerRequest, assignment: Assignment) -> HttpResponse:
    given = body(request).get("answers")
    if not isinstance(given, dict):
        raise BadRequest("the field 'answers' should be an object of places' tokens and what is given for each")
    try:
        changed = flow.change(assignment.pk, worker=assignment.worker, answers=given)
    except BadPage as error:
        problems = {token: wording.sentence(said) for token, said in error.problems.items()}
        return JsonResponse({"problems": problems}, status=422)
    except CannotChange as error:
        return refusal(str(error), status=409)
    return JsonResponse(
        {
            "state": changed.state,
            "pay": changed.pay,
            "currency": changed.currency,
            "page_url": reverse("workbench:page", args=[changed.pk]),
        }
    )


def _too_late(request: WorkerRequest, assignment: Assignment, error: CannotChange) -> HttpResponse:
    messages.info(request, wording.sentence(str(error)))
    return redirect("workbench:page", assignment.pk)


def _show(
    request: WorkerRequest,
    assignment: Assignment,
    posted: Posted,
    *,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = work_queries.page(assignment)
    kind = of(page.campaign.kind)
    shown = showing.questions(page, posted, problems or {}, is_small=saves_data(request), suggests=False)
    known = {question.token for question in shown}
    context = {
        "page": assignment,
        "campaign": page.campaign,
        "questions": shown,
        "problems": [question for question in shown if question.problem],
        "has_let_go": any(typed.way != ANSWER for typed in queries.typed(assignment).values()),
        "problems_of_page": [text for token, text in (problems or {}).items() if token not in known],
        "guidelines": queries.guidelines(page.campaign, version=assignment.guidelines),
        "settings": kind.write_settings(kind.read_settings(page.campaign.settings)),
        "script": rendering.script(kind),
    }
    return render(request, "workbench/change.html", context, status=status)
