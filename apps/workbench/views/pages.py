"""A page of questions in a worker's hands: shown, handed in, given more time, given back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.kinds import of
from apps.pipeline import flow
from apps.work import queries as work_queries
from apps.work import services as work
from apps.work.errors import BadPage, LeaseEnded, NoWork, OtherAnswers
from apps.work.models import Assignment
from apps.work.services.ending import longest
from apps.work.services.submitting import SIGNS, are_signs
from apps.workbench import answers, guidelines, queries, showing, wording
from apps.workbench.answers import Posted, Typed
from apps.workbench.asking import BadRequest, WorkerRequest, body, for_workers, refusal, saves_data, wants_json
from apps.workbench.views import frames

Problems = Mapping[str, str]
# The work of these is at its end: nobody is offered their questions any more.
ENDED = (Campaign.State.STOPPING, Campaign.State.STOPPED, Campaign.State.COMPLETED)
OVER = "over"  # asked with: a script was told already that the page is not taken, and comes to read why


@for_workers("GET")
def page(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Show a page to work on, or what became of it."""
    assignment = queries.page_of(request.user, assignment_id)
    if assignment.state != Assignment.State.LEASED:
        if wants_json(request):
            return JsonResponse(_state_json(assignment))
        if OVER not in request.GET and _may_come_late(assignment):
            return work_on(request, assignment, said=_still())
        return _what_became(request, assignment)
    if wants_json(request):
        return JsonResponse(showing.as_json(work_queries.page(assignment)))
    if frames.asks_in_a_frame(assignment):
        return frames.show(request, work.show(assignment.pk, worker=assignment.worker))
    return work_on(request, work.show(assignment.pk, worker=assignment.worker))


@for_workers("GET", "POST")
def submit(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Hand a page in. The same again changes nothing and is answered alike."""
    assignment = queries.page_of(request.user, assignment_id)
    if request.method != "POST":
        return redirect("workbench:page", assignment_id)
    return _submit_json(request, assignment) if wants_json(request) else _submit_form(request, assignment)


@for_workers("GET", "POST")
def extend(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Give a page more time; what was typed stays."""
    assignment = queries.page_of(request.user, assignment_id)
    if request.method != "POST":
        return redirect("workbench:page", assignment_id)
    try:
        extended = work.extend(assignment_id, worker=assignment.worker)
    except LeaseEnded as error:
        if wants_json(request):
            return refusal(str(error), status=410)
        return _no_more_time(request, queries.page_of(request.user, assignment_id), said=str(error))
    if wants_json(request):
        return JsonResponse(time_json(extended))
    got_more = extended.expires_at > assignment.expires_at
    assignment.expires_at, assignment.shown_at = extended.expires_at, extended.shown_at
    said = _("You have more time.") if got_more else _("This page can't get more time.")
    return work_on(request, assignment, _posted(request, assignment), said=said)


@for_workers("GET", "POST")
def give_back(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Give a page back, so that others get its questions."""
    assignment = queries.page_of(request.user, assignment_id)
    if request.method != "POST":
        return redirect("workbench:page", assignment_id)
    returned = work.give_back(assignment_id, worker=assignment.worker)
    if wants_json(request):
        return JsonResponse(_state_json(returned))
    return redirect("workbench:page", assignment_id)


def _may_come_late(assignment: Assignment) -> bool:
    return not frames.asks_in_a_frame(assignment) and work.may_come(assignment, worker=assignment.worker)


def _still() -> str:
    return _("Time is over. You can still hand in, as long as nobody else got the questions.")


def _no_more_time(request: WorkerRequest, assignment: Assignment, *, said: str) -> HttpResponse:
    """Say why there is none, on the page itself where it can still be handed in: what was typed stays."""
    if _may_come_late(assignment):
        return work_on(request, assignment, _posted(request, assignment), said=_still(), status=410)
    return _what_became(request, assignment, said=said, status=410)


def _submit_form(request: WorkerRequest, assignment: Assignment) -> HttpResponse:
    posted = _posted(request, assignment)
    try:
        handed_in = flow.submit(assignment.pk, worker=assignment.worker, answers=posted.answers)
    except BadPage as error:
        return work_on(request, assignment, posted, problems={**error.problems, **posted.problems}, status=422)
    except OtherAnswers as error:
        return _what_became(request, assignment, said=str(error), status=409)
    except LeaseEnded as error:
        return _what_became(request, queries.page_of(request.user, assignment.pk), said=str(error), status=410)
    if request.POST.get("then") == "stop":
        return redirect("workbench:page", assignment.pk)
    messages.success(request, _confirmation(handed_in))
    return _next_page(request, assignment)


def _submit_json(request: WorkerRequest, assignment: Assignment) -> HttpResponse:
    sent = body(request)
    given, active, signs = sent.get("answers"), sent.get("active_seconds"), sent.get("signs")
    if not isinstance(given, dict):
        raise BadRequest("the field 'answers' should be an object of places' tokens and what is given for each")
    if active is not None and (isinstance(active, bool) or not isinstance(active, int | float)):
        raise BadRequest(f"active_seconds is {active!r}, it should be a number of seconds")
    if signs is not None and not are_signs(signs):
        raise BadRequest(f"signs is {signs!r}, it should be counts of {', '.join(SIGNS)}")
    try:
        handed_in = flow.submit(
            assignment.pk, worker=assignment.worker, answers=given, active_seconds=active, signs=signs
        )
    except BadPage as error:
        problems = {token: wording.sentence(said) for token, said in error.problems.items()}
        return JsonResponse({"problems": problems}, status=422)
    except OtherAnswers as error:
        return refusal(str(error), status=409)
    except LeaseEnded as error:
        return refusal(str(error), status=410)
    answer = {**_state_json(handed_in), "said": _confirmation(handed_in)}
    if handed_in.review_after:
        answer["change_url"] = reverse("workbench:change", args=[handed_in.pk])
    return JsonResponse(answer)


def _confirmation(handed_in: Assignment) -> str:
    if not handed_in.pay:
        return _("Handed in.")
    pay = wording.amount(handed_in.pay, handed_in.currency)
    return _("Handed in: %(pay)s.") % {"pay": pay}


def _state_json(assignment: Assignment) -> dict[str, Any]:
    return {
        "state": assignment.state,
        "pay": assignment.pay,
        "currency": assignment.currency,
        "next_url": reverse("workbench:lease", args=[assignment.campaign_id]),
    }


def time_json(assignment: Assignment) -> dict[str, Any]:
    """Return how long a page is in hand, in seconds too for whose clock is wrong, and whether that is the longest."""
    return {
        "expires_at": assignment.expires_at.isoformat(),
        "seconds_left": queries.seconds_left(assignment),
        "is_longest": assignment.expires_at >= longest(assignment),
    }


def _posted(request: WorkerRequest, assignment: Assignment) -> Posted:
    page = work_queries.page(assignment)
    kind = of(page.campaign.kind)
    tokens = [place.token for place in page.places]
    return answers.read(request.POST.lists(), tokens, kind, kind.read_settings(page.campaign.settings))


def _next_page(request: WorkerRequest, assignment: Assignment) -> HttpResponse:
    try:
        following = work.lease(assignment.campaign, worker=assignment.worker)
    except NoWork as error:
        messages.info(request, wording.sentence(str(error)))
        return redirect("workbench:page", assignment.pk)
    return redirect("workbench:page", following.pk)


def work_on(
    request: WorkerRequest,
    assignment: Assignment,
    posted: Posted | None = None,
    *,
    problems: Problems | None = None,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    """Answer with a page to work on."""
    if frames.asks_in_a_frame(assignment):
        typed = next(iter((posted or Posted()).typed.values()), Typed())
        problem = next(iter((problems or {}).values()), "")
        return frames.show(request, assignment, said=said, problem=problem, note=typed.note, status=status)
    page = work_queries.page(assignment)
    context = {
        **showing.as_html(
            page,
            posted or Posted(),
            problems or {},
            seconds_left=queries.seconds_left(assignment),
            is_small=saves_data(request),
        ),
        "changes": guidelines.changes_for(assignment),
        "is_first_page": queries.pages_done(page.campaign, assignment.worker) == 0,
        "said": said,
    }
    return render(request, "workbench/page.html", context, status=status)


def _what_became(request: WorkerRequest, assignment: Assignment, *, said: str = "", status: int = 200) -> HttpResponse:
    context = {
        "page": assignment,
        "campaign": assignment.campaign,
        "is_over": assignment.campaign.state in ENDED,
        "pay": wording.amount(assignment.pay, assignment.currency),
        "review": getattr(assignment, "review", None),
        "said": said,
    }
    return render(request, "workbench/ended.html", context, status=status)
