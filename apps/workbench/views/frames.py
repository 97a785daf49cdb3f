"""A question that is a page of the requester's own: shown in a sandboxed frame, handed in by the frame's own form.

Nothing here needs a cookie: browsers keep none in such a frame. What is shown is asked for by a signed address; how its
form comes back to us is in handing_over.py.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from csp.constants import SELF
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.kinds.framed import Frame, FramedKind
from apps.work import previews
from apps.work.models import Assignment
from apps.work.queries import Page
from apps.workbench import queries

LETS = "allow-scripts allow-forms allow-modals allow-popups allow-downloads allow-top-navigation-by-user-activation"
NO_ASSIGNMENT = "ASSIGNMENT_ID_NOT_AVAILABLE"  # what MTurk's pages know a preview by
SAMPLE = "sample:"
PREVIEW = "preview:"
SHOWN_FOR = timedelta(days=31)  # longer than any lease
_SALT = "workbench.frames"
_SUBMIT = re.compile(r"(?:https?:)?//(?:www|workersandbox)\.mturk\.com/mturk/externalSubmit")
_SCRIPT = re.compile(r"(?:https?:)?//s3\.amazonaws\.com/mturk-public/externalHIT_v1\.js")


def asks_in_a_frame(assignment: Assignment) -> bool:
    """Return whether the page's one question is shown in a frame."""
    return assignment.places_count == 1 and isinstance(of(assignment.campaign.kind), FramedKind)


@dataclass(frozen=True)
class Shown:
    """A frame as it stands in a page: what it loads, from where, and what it may do."""

    address: str
    lets: str
    height: int
    source: Any


def show(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Show the frame, and around it what every page has: the guidelines, the time, the way to give it back."""
    try:
        frame, item = _frame(assignment)
    except Bad as error:
        raise Http404(str(error)) from None
    parameters = {
        "assignmentId": assignment.pk.hex.upper(),
        "hitId": item,
        "workerId": f"A{assignment.worker_id.hex.upper()}",
    }
    return _around(request, _shown(request, frame, parameters, signed=str(assignment.pk)), assignment)


def preview(request: HttpRequest, page: Page, *, signed: str, more: Mapping[str, Any]) -> HttpResponse:
    """Show the frame of a page in nobody's hands, as a worker would get it; raise `Bad` where it holds no question."""
    shown = _shown(request, _in_nobodys_hands(page), {"assignmentId": NO_ASSIGNMENT}, signed=f"{PREVIEW}{signed}")
    return _around(request, shown, page.assignment, is_preview=True, **more)


def _around(request: HttpRequest, shown: Shown, assignment: Assignment, **more: Any) -> HttpResponse:
    context = {
        "page": assignment,
        "campaign": assignment.campaign,
        "guidelines": queries.guidelines(assignment.campaign, version=assignment.guidelines),
        "frame": shown,
        "is_late": assignment.expires_at <= clock.now(),
        **more,
    }
    return letting(render(request, "workbench/framed.html", context), [shown])


def samples(request: HttpRequest, campaign: Campaign, items: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """Return a look at items in frames, from which nothing can be handed in; none where the kind asks by itself."""
    kind = of(campaign.kind)
    if not isinstance(kind, FramedKind):
        return []
    found = []
    for number, item in enumerate(items):
        with suppress(Bad):  # an item that holds no question is its requester's to mend
            signed = f"{SAMPLE}{campaign.pk}:{number}"
            found.append(_shown(request, kind.frame(item), {"assignmentId": NO_ASSIGNMENT}, signed=signed))
    return found


def letting(answer: HttpResponse, frames: Sequence[Shown]) -> HttpResponse:
    """Let the page load these frames, and ours, to which their forms are sent."""
    if frames:
        sources = list(dict.fromkeys([*(frame.source for frame in frames), SELF]))
        answer._csp_update = {"frame-src": sources}  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    return answer


def _shown(request: HttpRequest, frame: Frame, parameters: dict[str, str], *, signed: str) -> Shown:
    address = frame.url or reverse("workbench:frame", args=[signing.dumps(signed, salt=_SALT)])
    is_foreign = bool(frame.url) and urlsplit(frame.url).netloc != request.get_host()
    given = parameters | {"turkSubmitTo": request.build_absolute_uri("/").rstrip("/")}
    # A page of another origin keeps its own storage; one of ours must not be taken for us.
    lets = f"{LETS} allow-same-origin" if is_foreign else LETS
    return Shown(with_parameters(address, given), lets, frame.height, _source(frame.url))


@require_safe
@never_cache
def document(request: HttpRequest, signed: str) -> HttpResponse:
    """Return the requester's document of a page, for a frame of ours: of an origin of its own, whoever opens it."""
    try:
        said = signing.loads(signed, salt=_SALT, max_age=SHOWN_FOR)
    except signing.BadSignature:
        raise Http404 from None
    frame = _of(said)
    submit = request.build_absolute_uri(reverse("external_submit"))
    script = request.build_absolute_uri(static("workbench/externalHIT_v1.js"))
    html = _SCRIPT.sub(lambda _: script, _SUBMIT.sub(lambda _: submit, frame.html))
    # The admin shows a preview in a sandbox, which is nobody's origin: not even our own may be asked for there.
    within = "" if said.startswith(PREVIEW) else "; frame-ancestors 'self'"
    return _framed(HttpResponse(html), f"sandbox {LETS}{within}")


def with_parameters(address: str, parameters: dict[str, str]) -> str:
    """Return an address with more parameters; those it has stay.

    >>> with_parameters("https://a.example/b?c=1", {"hitId": "X"})
    'https://a.example/b?c=1&hitId=X'
    """
    parts = urlsplit(address)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), parts.fragment))


def _of(said: str) -> Frame:
    if said.startswith(SAMPLE):
        return _sample(said)
    if not said.startswith(PREVIEW):
        return _frame(_with_id(said))[0]
    try:
        return _in_nobodys_hands(previews.read(said.removeprefix(PREVIEW)))
    except (previews.NoPreview, Bad):
        raise Http404 from None


def _in_nobodys_hands(page: Page) -> Frame:
    kind = of(page.campaign.kind)
    if not isinstance(kind, FramedKind):
        raise Http404
    return kind.frame(page.places[0].data)


def _sample(said: str) -> Frame:
    pk, _, number = said.removeprefix(SAMPLE).partition(":")
    campaign = Campaign.objects.filter(pk=pk).first()
    items = queries.samples(campaign) if campaign is not None else []
    kind = of(campaign.kind) if campaign is not None else None
    if not isinstance(kind, FramedKind) or int(number) >= len(items):
        raise Http404
    return kind.frame(items[int(number)])


def _with_id(pk: str) -> Assignment:
    found = Assignment.objects.select_related("campaign").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _frame(assignment: Assignment) -> tuple[Frame, str]:
    """Return what is shown, and the item's name, which is the HIT's id where a program asked for it."""
    kind = of(assignment.campaign.kind)
    place = assignment.places.select_related("task__item").first()
    if place is None or not isinstance(kind, FramedKind):
        raise Http404
    return kind.frame(place.task.item.data), place.task.item.external_id


def _source(url: str) -> Any:
    """Return what the frame may be loaded from: a page of the requester's may lead on to others of theirs."""
    if not url:
        return SELF
    parts = urlsplit(url)
    return "https:" if parts.scheme == "https" else f"{parts.scheme}://{parts.netloc}"


def _framed(answer: HttpResponse, policy: str) -> HttpResponse:
    """Let the answer stand in a frame of ours, under this policy."""
    answer.xframe_options_exempt = True
    answer._csp_exempt = True  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    answer["Content-Security-Policy"] = policy
    return answer
