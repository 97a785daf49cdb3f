"""A question that is a page of the requester's own: shown in a sandboxed frame, handed in by the frame's own form.

Nothing here needs a cookie: browsers keep none in such a frame. What is shown is asked for by a signed address, in
documents.py; how its form comes back to us is in handing_over.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from csp.constants import SELF
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.campaigns.models import Campaign
from apps.datasets.models import Item
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.kinds.framed import Frame, FramedKind
from apps.work.models import Assignment
from apps.work.queries import Page
from apps.workbench import queries
from apps.workbench.views import documents
from apps.workbench.views.documents import LETS, PREVIEW, SAMPLE
from apps.workbench.views.handing_over import NO_ASSIGNMENT


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


def show(request: HttpRequest, assignment: Assignment, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show the frame, and around it what every page has: the guidelines, the time, the ways out of it.

    `more` is what a form around the frame comes back with: said, problem, note.
    """
    try:
        asked = documents.asked_of(assignment)
        frame = asked.frame
    except Bad as error:
        raise Http404(str(error)) from None
    parameters = {
        "assignmentId": assignment.pk.hex.upper(),
        "hitId": asked.name,
        "workerId": f"A{assignment.worker_id.hex.upper()}",
    }
    token = assignment.places.values_list("token", flat=True).first()
    if token is None:
        raise Http404("this page's question is in other hands by now")
    more["token"] = token.hex
    answer = _around(request, _shown(request, frame, parameters, said=str(assignment.pk)), assignment, **more)
    answer.status_code = status
    return answer


def preview(request: HttpRequest, page: Page, *, signed: str, more: Mapping[str, Any]) -> HttpResponse:
    """Show the frame of a page in nobody's hands, as a worker would get it; raise `Bad` where it holds no question."""
    asked = documents.in_nobodys_hands(page)
    shown = _shown(request, asked.frame, _of_nobody(asked.name), said=f"{PREVIEW}{signed}")
    return _around(request, shown, page.assignment, is_preview=True, **more)


def _around(request: HttpRequest, shown: Shown, assignment: Assignment, **more: Any) -> HttpResponse:
    context = {
        "page": assignment,
        "campaign": assignment.campaign,
        "guidelines": queries.guidelines(assignment.campaign, version=assignment.guidelines),
        "frame": shown,
        "seconds_left": queries.seconds_left(assignment),
        **more,
    }
    return letting(render(request, "workbench/framed.html", context), [shown])


def samples(request: HttpRequest, campaign: Campaign, items: Iterable[Item]) -> list[Shown]:
    """Return a look at items in frames, from which nothing can be handed in; none where the kind asks by itself."""
    kind = of(campaign.kind)
    if not isinstance(kind, FramedKind):
        return []
    found = []
    for number, item in enumerate(items):
        with suppress(Bad):  # an item that holds no question is its requester's to mend
            said = f"{SAMPLE}{campaign.pk}:{number}"
            found.append(_shown(request, kind.frame(item.data), _of_nobody(item.external_id), said=said))
    return found


def _of_nobody(item: str) -> dict[str, str]:
    """Return what a preview is told: no worker is at it."""
    return {"assignmentId": NO_ASSIGNMENT, "hitId": item}


def letting(answer: HttpResponse, frames: Sequence[Shown]) -> HttpResponse:
    """Let the page load these frames, and ours, to which their forms are sent."""
    if frames:
        sources = list(dict.fromkeys([*(frame.source for frame in frames), SELF]))
        answer._csp_update = {"frame-src": sources}  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    return answer


def _shown(request: HttpRequest, frame: Frame, parameters: dict[str, str], *, said: str) -> Shown:
    address = frame.url or documents.address(said)
    is_foreign = bool(frame.url) and urlsplit(frame.url).netloc != request.get_host()
    given = parameters | {"turkSubmitTo": request.build_absolute_uri("/").rstrip("/")}
    # A page of another origin keeps its own storage; one of ours must not be taken for us.
    lets = f"{LETS} allow-same-origin" if is_foreign else LETS
    return Shown(with_parameters(address, given), lets, frame.height, _source(frame.url))


def with_parameters(address: str, parameters: dict[str, str]) -> str:
    """Return an address with more parameters; those it has stay.

    >>> with_parameters("https://a.example/b?c=1", {"hitId": "X"})
    'https://a.example/b?c=1&hitId=X'
    """
    parts = urlsplit(address)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), parts.fragment))


def _source(url: str) -> Any:
    """Return what the frame may be loaded from: a page of the requester's may lead on to others of theirs."""
    if not url:
        return SELF
    parts = urlsplit(url)
    return "https:" if parts.scheme == "https" else f"{parts.scheme}://{parts.netloc}"
