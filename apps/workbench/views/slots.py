"""The page that an outside market shows in a frame of its own: a slot's questions, handed in here and then there.

No cookie comes back from such a frame, so none is set: the signed address opens the page, and its form is posted to the
same address. What the address says besides (who, which slot, where to hand in) is the frame's word, and believed only
as far as it costs nothing. Loaded again, at any time, it shows what is to be done next.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.channels import addresses
from apps.channels import services as channels
from apps.channels.models import Claim, Publication
from apps.kinds import of, rendering
from apps.work import queries as work_queries
from apps.work.errors import BadPage, LeaseEnded, NoWork, OtherAnswers
from apps.work.models import Assignment
from apps.workbench import answers, queries, showing, wording
from apps.workbench.answers import Posted

PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"
NAMES = ("assignmentId", "hitId", "workerId", "turkSubmitTo")
MOST_CARRIED = 60_000  # characters of answers that go along to the market
EXTERNAL_SUBMIT = "/mturk/externalSubmit"
STATUS_OF: dict[type[Exception], int] = {channels.NotOffered: 410, channels.NotYet: 409, channels.Full: 409}
Given = dict[str, str]


@csrf_exempt  # no cookie counts here: the signed address says what may be done
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def slot(request: HttpRequest, signed: str) -> HttpResponse:
    """Show a slot's page, take it back, and lead on to the market; what can't be done is said in a sentence."""
    given = parameters(request)
    try:
        offer = Publication.objects.select_related("campaign__organization").get(pk=addresses.read(signed))
    except (addresses.NoAddress, Publication.DoesNotExist):
        return _said(request, _("This address is over, or was never one of ours: return the task."), status=404)
    if given["assignmentId"] in ("", PREVIEW):
        return _preview(request, offer)
    if not allowed(given["turkSubmitTo"]):
        return _said(request, _("This page was opened from a place that is no market of ours."), status=403)
    return _claimed(request, offer, given)


def _claimed(request: HttpRequest, offer: Publication, given: Given) -> HttpResponse:
    try:
        claim = channels.claim(offer.pk, assignment=given["assignmentId"], worker=given["workerId"])
    except (channels.NotOffered, channels.NotYet, channels.Full) as error:
        if isinstance(error, channels.NotYet):
            channels.is_said_to_be_made(offer)
        return _said(request, str(error), status=STATUS_OF[type(error)])
    except NoWork as error:
        return _said(request, f"{wording.sentence(str(error))} {_('Please return the task.')}", status=403)
    if request.method == "POST" and claim.answers is None:
        return _take(request, claim, given)
    return _next(request, claim, given)


def parameters(request: HttpRequest) -> Given:
    """Return what the market says in the address; some clients write an ampersand as it stands in XML."""
    found = request.GET
    return {name: found.get(name) or found.get(f"amp;{name}") or "" for name in NAMES}


def allowed(submit_to: str) -> bool:
    """Return whether answers may be sent there: to an origin that the settings name, and nowhere else.

    >>> allowed("https://www.mturk.com/"), allowed("https://www.mturk.com.example.org"), allowed("")
    (True, False, False)
    """
    try:
        parts = urlsplit(submit_to)
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}" in settings.MARKET_ORIGINS


def _next(request: HttpRequest, claim: Claim, given: Given, **more: Any) -> HttpResponse:
    """Show what is to be done: the questions, or what was handed in here to be handed in at the market."""
    if claim.answers is not None or claim.state == Claim.State.CONFIRMED or claim.page is None:
        return _hand_over(request, claim, given)
    return _show(request, claim, claim.page, **more)


def _take(request: HttpRequest, claim: Claim, given: Given) -> HttpResponse:
    page = claim.page
    if page is None:
        return _next(request, claim, given)
    posted = _posted(request, page)
    try:
        saved = channels.save(claim.pk, answers=posted.answers, active_seconds=_seconds(request))
    except BadPage as error:
        problems = {**error.problems, **posted.problems}
        return _show(request, claim, page, posted=posted, problems=problems, status=422)
    except (LeaseEnded, OtherAnswers) as error:
        return _said(request, str(error), status=409)
    return _hand_over(request, saved, given)


def _show(
    request: HttpRequest, claim: Claim, page: Assignment, *, posted: Posted | None = None,
    problems: dict[str, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    campaign = claim.publication.campaign
    told = problems or {}
    asked = work_queries.page(page)
    questions = showing.questions(asked, posted or Posted(), told)
    known = {question.token for question in questions}
    context = {
        **_asking(campaign), "page": page, "questions": questions, "is_slot": True,
        "guidelines": queries.guidelines(campaign, version=page.guidelines or None),
        "problems": [question for question in questions if question.problem],
        "problems_of_page": [text for token, text in told.items() if token not in known],
    }  # fmt: skip
    return _framed(render(request, "workbench/slot.html", context, status=status))


def _preview(request: HttpRequest, offer: Publication) -> HttpResponse:
    """Show what would be asked: nothing is leased, and nothing can be handed in."""
    campaign = offer.campaign
    items = queries.samples(campaign)
    asking = showing.Asking.about(items, campaign=campaign)
    questions = [asking.question(f"preview-{n}", item, number=n) for n, item in enumerate(items, start=1)]
    context = {
        **_asking(campaign), "questions": questions, "is_slot": True, "is_preview": True,
        "guidelines": queries.guidelines(campaign), "rules": wording.approval(campaign),
    }  # fmt: skip
    return _framed(render(request, "workbench/slot.html", context))


def _hand_over(request: HttpRequest, claim: Claim, given: Given) -> HttpResponse:
    """Show the form that hands in at the market: a proof of what is kept here, and what we would need without it."""
    fields = {"assignmentId": given["assignmentId"], "submission": claim.pk.hex, "digest": claim.digest}
    carried = json.dumps(claim.answers or {}, sort_keys=True, separators=(",", ":"))
    if len(carried) <= MOST_CARRIED:
        fields["answers"] = carried
    context = {"to": given["turkSubmitTo"].rstrip("/") + EXTERNAL_SUBMIT, "fields": fields, "claim": claim}
    return _framed(render(request, "workbench/slot_over.html", context))


def _posted(request: HttpRequest, page: Assignment) -> Posted:
    """Return what was handed in: as the page's script says, or by the form's own fields."""
    try:
        given = json.loads(request.POST.get("given", ""))
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        return Posted(answers=given)
    asked = work_queries.page(page)
    kind = of(asked.campaign.kind)
    tokens = [place.token for place in asked.places]
    return answers.read(request.POST.lists(), tokens, kind, kind.read_settings(asked.campaign.settings))


def _seconds(request: HttpRequest) -> float | None:
    try:
        return float(request.POST.get("seconds", ""))
    except ValueError:
        return None


def _asking(campaign: Any) -> dict[str, Any]:
    kind = of(campaign.kind)
    return {
        "campaign": campaign,
        "settings": kind.write_settings(kind.read_settings(campaign.settings)),
        "script": rendering.script(kind),
    }


def _said(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    context = {"sentence": wording.sentence(sentence)}
    return _framed(render(request, "workbench/slot_said.html", context, status=status))


def _framed(answer: HttpResponse) -> HttpResponse:
    """Let the markets that the settings name show the answer in a frame, and take the form that it ends in."""
    answer.xframe_options_exempt = True
    answer._csp_replace = {  # type: ignore[attr-defined]  # noqa: SLF001  # its API
        "frame-ancestors": settings.MARKET_ORIGINS,
        "form-action": [SELF, *settings.MARKET_ORIGINS],
    }
    return answer
