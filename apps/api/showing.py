"""A page of questions as machines see it: nothing in it tells one task from another."""

from typing import Any

from apps.campaigns.models import Campaign
from apps.files.addresses import addresses_for
from apps.kinds.viewer import parts
from apps.work import queries as work
from apps.work.models import Assignment
from apps.workforce.models import Worker


def page(assignment: Assignment) -> dict[str, Any]:
    """Return a page in hand with its questions. `guidelines` is a version; the text has an address of its own."""
    found = work.page(assignment)
    campaign = found.campaign
    media = addresses_for(campaign.dataset_id, [place.data for place in found.places], page=assignment.pk)
    return {
        "id": str(assignment.pk),
        "campaign": str(campaign.pk),
        "expires_at": assignment.expires_at.isoformat(),
        "kind": campaign.kind,
        "settings": campaign.settings,
        "guidelines": assignment.guidelines,
        "places": [
            {
                "token": place.token,
                "position": number,
                "parts": [
                    part.as_json()
                    for part in parts(place.data, lambda name: media.get(name, ""), lang=campaign.language)
                ],
                **({} if place.suggestion is None else {"suggestion": place.suggestion}),
            }
            for number, place in enumerate(found.places, start=1)
        ],
    }


def handed_in(assignment: Assignment) -> dict[str, Any]:
    """Return what became of a page; money in minor units."""
    return {
        "id": str(assignment.pk),
        "campaign": str(assignment.campaign_id),
        "state": assignment.state,
        "pay": assignment.pay,
        "currency": assignment.currency,
    }


def offer(campaign: Campaign, worker: Worker) -> dict[str, Any]:
    """Return a campaign as it is offered to a worker: what it asks, its guidelines, and what it pays."""
    newest = campaign.guidelines.order_by("-version").first()
    return {
        "campaign": str(campaign.pk),
        "name": campaign.name,
        "requester": campaign.organization.name,
        "kind": campaign.kind,
        "settings": campaign.settings,
        "guidelines": newest.text if newest else "",
        "guidelines_version": newest.version if newest else 0,
        "price": work.rate(worker, campaign=campaign),
        "currency": campaign.currency,
        "page_size": campaign.page_size,
        "lease_seconds": campaign.lease_seconds,
        "in_hand": [str(page.pk) for page in work.in_hand(worker, campaign=campaign)],
    }
