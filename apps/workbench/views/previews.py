"""What workers would see, for requesters: the same questions, without a lease, and nothing can be handed in."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from apps.core import money
from apps.kinds import of, rendering
from apps.kinds.errors import Bad
from apps.work import previews
from apps.workbench import queries, showing, wording


@require_GET
@never_cache
@xframe_options_exempt  # the policy's frame-ancestors says who may
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # it takes any view
def preview(request: HttpRequest, signed: str) -> HttpResponse:
    """Show a page as a worker would get it; whoever holds the address may look for an hour."""
    try:
        found = previews.read(signed)
        asking = showing.Asking.about(found.items, campaign=found.campaign)
    except previews.NoPreview as error:
        return render(request, "workbench/no_preview.html", {"why": wording.sentence(str(error))}, status=404)
    except Bad:  # a draft's frame shows this until there is a question
        return render(request, "workbench/no_preview.html", {"why": _("The question is not finished yet.")})
    campaign = found.campaign
    kind = of(campaign.kind)
    context = {
        "campaign": campaign,
        "pay": money.show(campaign.price, campaign.currency),
        "guidelines": queries.guidelines(campaign),
        "rules": wording.approval(campaign),
        "questions": [
            asking.question(f"preview-{number}", data, number=number, suggestion=suggestion)
            for number, (data, suggestion) in enumerate(zip(found.items, found.suggested, strict=True), start=1)
        ],
        "settings": kind.write_settings(kind.read_settings(campaign.settings)),
        "script": rendering.script(kind),
    }
    return render(request, "workbench/preview.html", context)
