"""Who asks, and in which form they want the answer: the door that every page of the workbench has."""

import json
import math
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.core import rates
from apps.members import consent
from apps.members.models import User
from apps.work.errors import NotYours
from apps.workbench.held_back import held_back
from apps.workbench.wording import sentence
from apps.workforce import queries as workforce

# What is open before new terms are agreed to: they themselves, and what a person may always ask for.
BEFORE_TERMS = ("/work/terms", "/work/account", "/work/earnings")
AS_USER = "Labelcrowd-User"  # who must be logged in for it: what one person handed in is never answered to another
P = ParamSpec("P")
View = Callable[Concatenate["WorkerRequest", P], HttpResponseBase]


class WorkerRequest(HttpRequest):
    """A request of somebody who is logged in and is a worker."""

    user: User


class BadRequest(Exception):
    """What was sent can't be read; the text says why."""


def wants_json(request: HttpRequest) -> bool:
    """Return whether a program asks: one that accepts JSON rather than HTML, or sends it."""
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return preferred == "application/json" or request.content_type == "application/json"


def refusal(said: str, *, status: int, **more: Any) -> JsonResponse:
    """Return why not, for programs."""
    return JsonResponse({"sentence": sentence(said), **more}, status=status)


def body(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent, {} where nothing was; raise `BadRequest`."""
    try:
        sent = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the request is not JSON: {error}") from None
    if not isinstance(sent, dict):
        raise BadRequest("the request should be a JSON object")
    return sent


def saves_data(request: HttpRequest) -> bool:
    """Return whether small pictures are wanted: the browser says so, or who chose it on a page (`prefs.js`)."""
    return request.headers.get("Save-Data", "").lower() == "on" or request.COOKIES.get("saves-data") == "on"


def for_workers(*methods: str) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Let only workers in, by these methods; say no to others in the form they asked for. Nothing is cached."""

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        @never_cache
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                _count(request)
                refused = _refuse(request, methods)
                return view(cast(WorkerRequest, request), *args, **kwargs) if refused is None else refused
            except rates.TooMany as full:
                return _too_often(request, full)
            except RequestDataTooBig:
                return _too_large()
            except BadRequest as error:
                return refusal(str(error), status=400)
            except (NotYours, Http404) as error:
                if wants_json(request):
                    return refusal(str(error), status=404)
                raise Http404(str(error)) from None

        return guarded

    return decorate


def _refuse(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse | None:
    if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
        return HttpResponseNotAllowed(methods)
    if not request.user.is_authenticated or request.headers.get(AS_USER, str(request.user.pk)) != str(request.user.pk):
        return _ask_to_log_in(request)
    if not workforce.identities(request.user).exists():
        if wants_json(request):
            return refusal(_("you are not a worker of any organization"), status=403)
        return render(request, "workbench/nobody.html", status=403)
    return _ask_to_agree(request, request.user)


def _ask_to_log_in(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return refusal(_("you are not logged in"), status=401)
    if held := held_back(request):
        return render(request, "workbench/log_in_again.html", {"held": held}, status=401)
    return redirect_to_login(request.get_full_path())


def _too_often(request: HttpRequest, full: rates.TooMany) -> HttpResponse:
    """Say when to come again, where too many come: scripts try by themselves, and keep what was handed in till then."""
    seconds = math.ceil(full.wait)
    said = _("so many requests at once are not taken: wait %(n)s s, then try again") % {"n": seconds}
    answer: HttpResponse
    if wants_json(request):
        answer = refusal(said, status=429)
    else:
        answer = render(request, "workbench/too_often.html", {"said": sentence(said)}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def _too_large() -> HttpResponse:
    """Say that what was sent is more than we read: programs alone send that much, a form's is refused before."""
    most = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    said = _("what was sent is larger than %(most)s: make answers shorter or simpler, or skip a question")
    return refusal(said % {"most": most}, status=413)


def _count(request: HttpRequest) -> None:
    """Raise `TooMany` by address or account, whose bucket is the API's too, over all processes."""
    rates.ask("address", rates.address(request))
    if request.user.is_authenticated:
        rates.ask("account", str(request.user.pk))


def _ask_to_agree(request: HttpRequest, user: User) -> HttpResponse | None:
    """Send who opens a page to new terms first; what is being handed in is never held up."""
    if request.method != "GET" or request.path.startswith(BEFORE_TERMS) or not has_new_terms(user):
        return None
    if wants_json(request):
        return refusal(_("there are new terms to agree to"), status=403, terms_url=reverse("workbench:terms"))
    return redirect(f"{reverse('workbench:terms')}?{urlencode({'next': request.get_full_path()})}")


def has_new_terms(user: User) -> bool:
    """Return whether an organization that the user works for has terms in force that the user did not agree to."""
    return consent.not_agreed(user, organizations=workforce.own_organizations(user)).exists()
