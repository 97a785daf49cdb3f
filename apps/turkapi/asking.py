"""The page on which a worker asks for a qualification, at the address that MTurk had for it; a test is in a frame."""

import json
from datetime import timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.kinds.errors import Bad
from apps.kinds.framed import SUBMIT, Frame
from apps.members import languages
from apps.members.models import User
from apps.turkapi import names
from apps.turkapi.models import QualificationRequest, QualificationType
from apps.turkapi.services import qualifying
from apps.turkapi.services.types import framed
from apps.workforce.models import Qualification, Worker

LETS = "allow-scripts allow-forms"
SALT = "turkapi.test"
SIGNED_FOR = timedelta(days=31)  # a test whose time is over is refused, whatever its address says
SCRIPT = "https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def request_qualification(request: HttpRequest) -> HttpResponse:
    """Show a qualification type with its test, and take what a worker answers."""
    type_, worker = _asked(request)
    address = f"{request.path}?{urlencode({'qualificationId': names.written(type_.pk)})}"
    if request.method == "POST":
        return _ask(request, type_, worker, address)
    said = _stands(type_, worker)
    context = {
        "type": type_,
        "said": said,
        "address": address,
        "lets": LETS,
        "minutes": ceil((type_.test_seconds or 0) / 60),
    }
    at_it = None if said else qualifying.under_way(type_, worker=worker)
    if at_it is not None:
        context["ends_at"] = qualifying.ends_at(at_it)
        at = signing.dumps([type_.pk.hex, worker.pk.hex], salt=SALT)
        parameters = urlencode({"assignmentId": names.written(type_.pk), "at": at})
        context["frame"] = f"{reverse('turkapi:test', args=[names.written(type_.pk)])}?{parameters}"
    answer = render(request, "turkapi/qualification.html", context)
    answer._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    return answer


@csrf_exempt  # the form is in a frame, which has no cookie; nothing is changed by it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def test(request: HttpRequest, key: str) -> HttpResponse:
    """Return a qualification's test as a document of an origin of its own; its form is sent on where it is as asked."""
    return _test_posted(request) if request.method == "POST" else _test_shown(request, key)


@login_required
def _test_shown(request: HttpRequest, key: str) -> HttpResponse:
    type_, worker = _find(request, key)
    if qualifying.under_way(type_, worker=worker) is None:
        raise Http404
    return _document(request, framed().frame(_item(type_)))


def _test_posted(request: HttpRequest) -> HttpResponse:
    """Show the test again with what is wrong in the answers, or send them on to the page around the frame.

    Who answers is in the address, signed: of a form in a frame no cookie says it.
    """
    try:
        of, by = signing.loads(request.GET.get("at", ""), salt=SALT, max_age=SIGNED_FOR)
    except signing.BadSignature:
        raise Http404 from None
    type_, worker = get_object_or_404(QualificationType, pk=of), get_object_or_404(Worker, pk=by)
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    with languages.of(worker.user):
        again = framed().again(_item(type_), fields) if qualifying.under_way(type_, worker=worker) else None
    if again is not None:
        return _document(request, again, status=422)
    return redirect("external_submit", preserve_request=True)


def _item(type_: QualificationType) -> dict[str, str]:
    return {"question": type_.test}


def _document(request: HttpRequest, frame: Frame, *, status: int = 200) -> HttpResponse:
    submit = request.build_absolute_uri(reverse("external_submit"))
    html = frame.html.replace(SUBMIT, submit).replace(
        SCRIPT, request.build_absolute_uri(static("workbench/externalHIT_v1.js"))
    )
    answer = HttpResponse(html, status=status)
    answer.xframe_options_exempt = True
    answer._csp_exempt = True  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    answer["Content-Security-Policy"] = f"sandbox {LETS}; frame-ancestors 'self'"
    return answer


def _ask(request: HttpRequest, type_: QualificationType, worker: Worker, address: str) -> HttpResponse:
    is_form = request.content_type != "application/json"
    try:
        if is_form and type_.test:
            qualifying.begin(type_, worker=worker)
        else:
            qualifying.ask(type_, worker=worker, fields=[] if is_form else _fields(request))
    except qualifying.CannotAsk as error:
        if not is_form:
            return JsonResponse({"sentence": str(error)}, status=409)
    except Bad as error:
        return JsonResponse({"sentence": str(error)}, status=422)
    return redirect(address) if is_form else JsonResponse({"url": address})


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        sent = json.loads(request.body)["fields"]
        return [(str(name), str(value)) for name, value in sent]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Bad(_("the request should hold the fields of the form"), where="fields") from None


def _stands(type_: QualificationType, worker: Worker) -> str:
    """Return a sentence on why the worker can't ask, "" where they can."""
    held = Qualification.objects.filter(worker=worker, name=type_.known_as).first()
    if held is not None:
        return _("You have this qualification. Your value: %(value)s") % {"value": held.value}
    rejected = QualificationRequest.objects.filter(type=type_, worker=worker, state="rejected").first()
    try:
        qualifying.check(type_, worker=worker)
    except qualifying.CannotAsk as error:
        reason = rejected.reason if rejected else ""
        return " ".join(filter(None, [str(error), _(reason) if reason == qualifying.TIME_OVER else reason]))
    return ""


def _asked(request: HttpRequest) -> tuple[QualificationType, Worker]:
    return _find(request, request.GET.get("qualificationId", ""))


def _find(request: HttpRequest, key: str) -> tuple[QualificationType, Worker]:
    """Return the type and who asks: a worker of its organization. Others are told that there is no such thing."""
    pk = names.read(key)
    type_ = QualificationType.objects.filter(pk=pk, deleted_at=None).first() if pk else None
    user: Any = request.user
    assert isinstance(user, User)
    worker = Worker.objects.filter(user=user, organization=type_.organization_id).first() if type_ else None
    if type_ is None or worker is None:
        raise Http404
    return type_, worker
