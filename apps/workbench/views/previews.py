"""What workers would see, for requesters: the very page, in nobody's hands, of which nothing is kept or sent."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.kinds import of
from apps.kinds.errors import Bad
from apps.work import previews
from apps.work.errors import BadPage
from apps.work.queries import Page
from apps.workbench import answers, showing, wording
from apps.workbench.answers import Posted
from apps.workbench.views import frames
from apps.workforce.models import OUTSIDE


@csrf_exempt  # what is posted changes nothing, and a frame of another site has no cookie
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@xframe_options_exempt  # the policy's frame-ancestors says who may
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # it takes any view
def preview(request: HttpRequest, signed: str) -> HttpResponse:
    """Show a page as a worker would get it; whoever holds the address may look for an hour.

    What its buttons post without a script comes here, and is answered by the same page: nothing is done with it.
    """
    try:
        return _show(request, previews.read(signed), signed)
    except previews.NoPreview as error:
        return render(request, "workbench/no_preview.html", {"why": wording.sentence(str(error))}, status=404)
    except Bad:  # a draft's frame shows this until there is a question
        return render(request, "workbench/no_preview.html", {"why": _("The question is not finished yet.")})


def _show(request: HttpRequest, page: Page, signed: str) -> HttpResponse:
    campaign = page.campaign
    says = _("This is a preview: nothing is handed in, extended or given back.")
    more: dict[str, Any] = {
        "says": says,
        "said": says if request.method == "POST" else "",
        "rules": wording.approval(campaign),
    }
    if frames.asks_in_a_frame(page.assignment):
        return frames.preview(request, page, signed=signed, more=more)
    posted, problems = _posted(request, page) if request.method == "POST" else (Posted(), {})
    more |= showing.as_html(page, posted, problems, seconds_left=campaign.lease_seconds)
    if campaign.channel in OUTSIDE:  # a market's frame
        looked_at = {"is_slot": True, "is_preview": False, "is_requesters": True}
        return render(request, "workbench/slot.html", more | looked_at)
    return render(request, "workbench/page.html", more | {"is_first_page": True})


def _posted(request: HttpRequest, page: Page) -> tuple[Posted, dict[str, str]]:
    """Return what was typed, and what could not be handed in of it; nothing of a button that hands nothing in."""
    kind = of(page.campaign.kind)
    tokens = [place.token for place in page.places]
    posted = answers.read(request.POST.lists(), tokens, kind, kind.read_settings(page.campaign.settings))
    try:
        if "then" in request.POST or "given" in request.POST:
            previews.check(page, posted.answers)
    except BadPage as error:
        return posted, {**error.problems, **posted.problems}
    return posted, {}
