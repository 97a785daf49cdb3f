"""What stands in a requester's frame, by a signed address: a document of theirs, and what its form is answered with.

A form goes to MTurk's address, which is ours in what we show, or, where it names none, to the document itself. It is
shown again with what was typed where its question says that something of that is no answer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.campaigns.models import Campaign
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.kinds.framed import Frame, FramedKind
from apps.members import languages
from apps.members.models import User
from apps.work import previews
from apps.work.models import Assignment
from apps.work.queries import Page
from apps.workbench import queries
from apps.workbench.views import handing_over

LETS = "allow-scripts allow-forms allow-modals allow-popups allow-downloads allow-top-navigation-by-user-activation"
SAMPLE = "sample:"
PREVIEW = "preview:"
SHOWN_FOR = timedelta(days=31)  # longer than any lease
_SALT = "workbench.frames"
_SUBMIT = re.compile(r"(?:https?:)?//(?:www|workersandbox)\.mturk\.com/mturk/externalSubmit")
_SCRIPT = re.compile(r"(?:https?:)?//s3\.amazonaws\.com/mturk-public/externalHIT_v1\.js")


@dataclass(frozen=True)
class Asked:
    """A question as it is asked: its item, with its name, which is the HIT's id where a program asked for it; and who
    is at it, None in a preview."""

    kind: FramedKind[Any, Any]
    item: Mapping[str, Any]
    name: str = ""
    user: User | None = None

    @property
    def frame(self) -> Frame:
        """Return what is shown; raises `Bad` for an item that holds no question."""
        return self.kind.frame(self.item)


def address(said: str) -> str:
    """Return the address of the document of an assignment's id, or of a preview or sample."""
    return reverse("workbench:frame", args=[signing.dumps(said, salt=_SALT)])


@csrf_exempt  # the form is a stranger's; nothing is changed by it
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def document(request: HttpRequest, signed: str) -> HttpResponse:
    """Return the requester's document of a page, for a frame of ours: of an origin of its own, whoever opens it."""
    try:
        said = signing.loads(signed, salt=_SALT, max_age=SHOWN_FOR)
    except signing.BadSignature:
        if request.method == "POST":
            return handing_over.hand_over(request, "")
        raise Http404 from None
    # The admin shows a preview in a sandbox, which is nobody's origin: not even our own may be asked for there.
    ancestors = "" if said.startswith(PREVIEW) else "; frame-ancestors 'self'"
    try:
        asked = _named(said)
        if request.method != "POST":
            return _drawn(request, asked.frame, ancestors)
        with languages.of(asked.user):  # of a form in a frame no cookie says who sends it
            again = asked.kind.again(asked.item, handing_over.fields(request))
            if again is not None:
                return _drawn(request, again, ancestors, status=422)
            is_page = not said.startswith((SAMPLE, PREVIEW))
            return handing_over.hand_over(request, UUID(said).hex if is_page else handing_over.NO_ASSIGNMENT)
    except (previews.NoPreview, Bad):
        raise Http404 from None


def asked_of(assignment: Assignment) -> Asked:
    """Return what the page's one place asks; raise `Http404` where it has none, or no frame."""
    place = assignment.places.select_related("task__item").first()
    if place is None:
        raise Http404
    item = place.task.item
    return Asked(_kind(assignment.campaign), item.data, item.external_id, assignment.worker.user)


def in_nobodys_hands(page: Page) -> Asked:
    """Return what a preview asks."""
    place = page.places[0]
    return Asked(_kind(page.campaign), place.data, place.item)


def _drawn(request: HttpRequest, frame: Frame, ancestors: str, *, status: int = 200) -> HttpResponse:
    submit = request.build_absolute_uri(reverse("external_submit"))
    script = request.build_absolute_uri(static("workbench/externalHIT_v1.js"))
    html = _SCRIPT.sub(lambda _: script, _SUBMIT.sub(lambda _: submit, frame.html))
    answer = HttpResponse(html, status=status)
    answer.xframe_options_exempt = True
    answer._csp_exempt = True  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    answer["Content-Security-Policy"] = f"sandbox {LETS}{ancestors}"
    return answer


def _named(said: str) -> Asked:
    if said.startswith(SAMPLE):
        return _sample(said)
    if said.startswith(PREVIEW):
        return in_nobodys_hands(previews.read(said.removeprefix(PREVIEW)))
    found = Assignment.objects.select_related("campaign", "worker__user").filter(pk=said).first()
    if found is None:
        raise Http404
    return asked_of(found)


def _sample(said: str) -> Asked:
    pk, _, number = said.removeprefix(SAMPLE).partition(":")
    campaign = Campaign.objects.filter(pk=pk).first()
    items = queries.sampled(campaign) if campaign is not None else []
    if campaign is None or int(number) >= len(items):
        raise Http404
    item = items[int(number)]
    return Asked(_kind(campaign), item.data, item.external_id)


def _kind(campaign: Campaign) -> FramedKind[Any, Any]:
    kind = of(campaign.kind)
    if not isinstance(kind, FramedKind):
        raise Http404
    return kind
