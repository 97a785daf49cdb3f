"""What the form in a requester's frame holds, on its way: from the frame to the page around it, and from there to us.

A frame keeps no cookie, so its form comes from nobody in particular: the requester's own server knows the assignment
too, and might post it. So the form's address takes nothing in. It hands the fields to the page that stands around the
frame, and only that page, which the worker has open and is logged in to, hands them in.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.kinds import of
from apps.kinds.framed import FramedKind
from apps.pipeline import flow
from apps.work.errors import BadPage, LeaseEnded, OtherAnswers
from apps.workbench import queries
from apps.workbench.asking import BadRequest, WorkerRequest, body, for_workers, refusal
from apps.workbench.wording import sentence

NO_ASSIGNMENT = "ASSIGNMENT_ID_NOT_AVAILABLE"  # what MTurk's pages know a preview by


@csrf_exempt  # the form is a stranger's; nothing is changed by it
@require_POST
@never_cache
def external_submit(request: HttpRequest) -> HttpResponse:
    """Give what the requester's form holds to the page around the frame."""
    return hand_over(request, request.POST.get("assignmentId", ""))


def fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a form holds, without the assignment that it names."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name != "assignmentId"]


def hand_over(request: HttpRequest, of: str) -> HttpResponse:
    """Give what the form holds to the page around the frame, which is `of` an assignment as that is written."""
    if of == NO_ASSIGNMENT:
        return _said_in_a_preview(request)
    assignment = _read(of)
    if assignment is None:
        return _said(request, _("This form is of no task: open the task where you took it."), status=404)
    held = fields(request)
    if not held:
        return _said(request, _("The form holds nothing to hand in."), status=422)
    given = {"assignment": str(assignment), "fields": held, "to": request.build_absolute_uri("/").rstrip("/")}
    return _said(request, _("Handing in …"), given=given)


@for_workers("POST")
def hand_in(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Hand in what a frame's form held, for the worker whose page it is. The same again is answered alike."""
    assignment = queries.page_of(request.user, assignment_id)
    sent = body(request)
    if sent.get("assignment") != str(assignment.pk):
        raise BadRequest(f"the form is of assignment {sent.get('assignment')!r}, not of this page")
    kind = of(assignment.campaign.kind)
    place = assignment.places.first()  # the only one; whether it is still to be had is seen when it is handed in
    if not isinstance(kind, FramedKind) or place is None:
        return refusal(_("This page is no longer in your hands."), status=410)
    try:
        given = {place.token.hex: {"answer": kind.read_posted(_fields(sent.get("fields")))}}
        handed_in = flow.submit(assignment.pk, worker=assignment.worker, answers=given)
    except BadPage as error:
        problems = {token: sentence(said) for token, said in error.problems.items()}
        return refusal(str(error), status=422, problems=problems)
    except OtherAnswers as error:
        return refusal(str(error), status=409)
    except LeaseEnded as error:
        return refusal(str(error), status=410)
    return JsonResponse({"state": handed_in.state, "url": reverse("workbench:page", args=[assignment.pk])})


def _fields(sent: object) -> list[tuple[str, str]]:
    if not isinstance(sent, list) or not all(
        isinstance(field, list) and len(field) == 2 and all(isinstance(part, str) for part in field) for field in sent
    ):
        raise BadRequest("the field 'fields' should be a list of pairs of texts: a name and its value")
    return [(name, value) for name, value in sent]


def _read(key: str) -> UUID | None:
    """Return the assignment that a form names, None for what is no such name."""
    is_named = len(key) == 32 and set(key.upper()) <= set("0123456789ABCDEF")
    return UUID(key) if is_named else None


def _said_in_a_preview(request: HttpRequest) -> HttpResponse:
    """Say it also in the admin's sandbox, which is no origin that a policy could name: it tells nobody's secret."""
    text = _("Nothing was sent: this is a preview. Workers take the page first, then hand it in.")
    answer = _said(request, text, status=409)
    answer["Content-Security-Policy"] = answer["Content-Security-Policy"].replace("; frame-ancestors 'self'", "")
    return answer


def _said(request: HttpRequest, text: str, *, status: int = 200, given: dict[str, Any] | None = None) -> HttpResponse:
    """Say something in the frame; `given` goes to the page around it."""
    script = request.build_absolute_uri(static("workbench/hand_over.js"))
    context = {"sentence": text, "given": given, "script": script}
    answer = render(request, "workbench/frame_said.html", context, status=status)
    answer.xframe_options_exempt = True
    answer._csp_exempt = True  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    answer["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {script}; style-src 'self'; img-src 'self'; frame-ancestors 'self'"
    )
    return answer
