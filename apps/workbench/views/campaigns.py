"""The campaigns that are open to a worker, each with its terms, and the next page of one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.campaigns.models import Campaign
from apps.core import rates
from apps.kinds import rendering
from apps.reports import offers
from apps.reports.offers import Offer
from apps.work import queries as work_queries
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment
from apps.workbench import queries, showing, traces, wording
from apps.workbench.asking import BadRequest, WorkerRequest, body, for_workers, refusal, saves_data, wants_json
from apps.workbench.views import frames
from apps.workforce import queries as workforce
from apps.workforce.models import Worker


@for_workers("GET")
def open_campaigns(request: WorkerRequest) -> HttpResponse:
    """Show the campaigns that are open to the user, and the pages in hand."""
    found = _offers(request)
    if wants_json(request):
        return JsonResponse({"campaigns": [_offer_json(offer) for offer in found]})
    context = {
        "offers": [offer for offer in found if offer.is_open],
        "others": [offer for offer in found if not offer.is_open],
        "in_hand": queries.pages_in_hand(request.user),
        "changeable": queries.changeable(request.user),
    }
    return render(request, "workbench/open.html", context)


@for_workers("GET")
def campaigns_json(request: WorkerRequest) -> HttpResponse:
    """List the campaigns that are open to the user, whatever the request accepts."""
    return JsonResponse({"campaigns": [_offer_json(offer) for offer in _offers(request)]})


def _offers(request: WorkerRequest) -> list[Offer]:
    return offers.offers(workforce.identities(request.user).order_by("created_at"))


@for_workers("GET")
def campaign(request: WorkerRequest, campaign_id: UUID) -> HttpResponse:
    """Show what a campaign asks and pays, with a question to try to those who may work in it now."""
    row, worker = _campaign_of(request, campaign_id)
    offer = offers.offer(row, worker)
    if wants_json(request):
        return JsonResponse(_offer_json(offer))
    may_look = queries.may_look(worker, row)
    items = queries.sampled(row) if may_look and not offer.kept else []
    samples = [work_queries.shown(item.data, row) for item in items]
    asking = showing.Asking.about(samples, campaign=row, is_small=saves_data(request))
    framed = frames.samples(request, row, items)
    page = render(
        request,
        "workbench/campaign.html",
        {
            "frames": framed,
            "offer": offer,
            "may_look": may_look,
            "guidelines": queries.guidelines(row) if may_look else None,
            "rules": wording.approval(row),
            "kind": asking.kind,
            "questions": [
                asking.question(f"sample-{n}", sample, number=n) for n, sample in enumerate(samples, start=1)
            ],
            "settings": asking.kind.write_settings(asking.settings),
            "script": rendering.script(asking.kind),
        },
    )
    return frames.letting(page, framed)


@for_workers("GET", "POST")
def lease(request: WorkerRequest, campaign_id: UUID) -> HttpResponse:
    """Lease the next page, or return to the one in hand."""
    row, worker = _campaign_of(request, campaign_id)
    if request.method != "POST":
        return redirect("workbench:campaign", campaign_id)
    after = _page_before(body(request)) if wants_json(request) else None
    browser = traces.leave(request, worker)
    return traces.name(_next_page(request, row, worker, after), browser)


def _campaign_of(request: WorkerRequest, campaign_id: UUID) -> tuple[Campaign, Worker]:
    """Return a campaign and who the user is there; raise `TooMany` where all its workers together ask too often."""
    row, worker = queries.campaign_of(request.user, campaign_id)
    rates.ask_of_campaign(row.organization_id, row.pk)
    return row, worker


def _next_page(request: WorkerRequest, row: Campaign, worker: Worker, after: UUID | None) -> HttpResponse:
    as_json = wants_json(request)
    try:
        page = work.lease(row, worker=worker, after=after)
    except NoWork as error:
        if as_json:
            return refusal(str(error), status=409, reason=error.reason)
        messages.info(request, wording.sentence(str(error)))
        return redirect("workbench:campaign", row.pk)
    return leased(page, as_json=as_json)


def leased(page: Assignment, *, as_json: bool) -> HttpResponse:
    """Answer with a page that was just leased."""
    if as_json:
        return JsonResponse(showing.as_json(work_queries.page(page)))
    return redirect("workbench:page", page.pk)


def _page_before(sent: dict[str, Any]) -> UUID | None:
    after = sent.get("after")
    if after is None:
        return None
    try:
        return UUID(str(after))
    except ValueError:
        raise BadRequest(f"after is {after!r}, it should be the id of a page in your hands") from None


def _offer_json(offer: Offer) -> dict[str, Any]:
    return {
        **offers.as_json(offer),
        "why_not": wording.sentence(offer.why_not),
        "lease_url": reverse("workbench:lease", args=[offer.campaign.pk]),
        "in_hand": [reverse("workbench:page", args=[page.pk]) for page in offer.in_hand],
    }
