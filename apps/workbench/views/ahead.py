"""The page fetched ahead of the one in hand: leased before it is needed, its clock started when it is shown."""

import math
from uuid import UUID

from django.http import HttpResponse, JsonResponse

from apps.work import services as work
from apps.work.errors import NotYours, NoWork
from apps.work.models import Assignment
from apps.workbench import queries
from apps.workbench.asking import BadRequest, WorkerRequest, body, for_workers, refusal
from apps.workbench.views import pages


@for_workers("POST")
def ahead(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Lease the page behind one in hand and answer with its HTML, for a script that keeps it until it is needed."""
    before = queries.page_of(request.user, assignment_id)
    try:
        following = work.lease(before.campaign, worker=before.worker, after=before.pk)
    except NoWork as error:
        return refusal(str(error), status=409, reason=error.reason)
    except NotYours:  # it was theirs: who handed it in, to stop, or gave it back did so meanwhile
        return refusal("this page was given back or handed in meanwhile", status=409, reason="released")
    if following.shown_at is not None:
        return refusal("two pages are in your hands already: hand one in first", status=409, reason="held")
    return pages.work_on(request, following)


@for_workers("POST")
def shown(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Start the clock of a page that is now shown, or was before there was a connection again."""
    ago = body(request).get("seconds_ago", 0) if request.content_type == "application/json" else 0
    if isinstance(ago, bool) or not isinstance(ago, int | float) or not 0 <= ago < math.inf:
        raise BadRequest(f"seconds_ago is {ago!r}, it should be a number of seconds, 0 or more")
    assignment = queries.page_of(request.user, assignment_id)
    page = work.show(assignment.pk, worker=assignment.worker, seconds_ago=ago)
    if page.state != Assignment.State.LEASED:
        return refusal("this page is no longer in your hands", status=410)
    return JsonResponse(pages.time_json(page))


@for_workers("POST")
def release(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Give a page back that was fetched ahead and never shown; one that was shown stays."""
    assignment = queries.page_of(request.user, assignment_id)
    released = work.release_unshown(assignment.pk, worker=assignment.worker)
    return JsonResponse({"state": released.state})
