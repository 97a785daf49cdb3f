"""A page of questions as machines see it: nothing in it tells one task from another."""

from typing import Any

from apps.campaigns import queries as campaigns
from apps.campaigns.models import Guidelines
from apps.files.addresses import addresses_for
from apps.kinds.viewer import parts
from apps.reports import offers as shown
from apps.reports.offers import Offer
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


def offers(workers: list[Worker]) -> list[dict[str, Any]]:
    """Return the campaigns that are offered to one of these workers."""
    found = shown.offers(workers)
    guidelines = campaigns.newest_guidelines([offer.campaign for offer in found])
    return [_offer(offer, guidelines.get(offer.campaign.pk)) for offer in found]


def _offer(offer: Offer, newest: Guidelines | None) -> dict[str, Any]:
    """Return a campaign as it is offered to a worker: what it asks, its guidelines, and what it pays.

    Who was stopped there, and has no page of it, is told what it is called and why not, as on the pages.
    """
    is_open = bool(offer.in_hand) or not offer.is_stopped
    newest = newest if is_open else None
    return {
        **shown.as_json(offer),
        "settings": offer.campaign.settings if is_open else {},
        "guidelines": newest.text if newest else "",
        "guidelines_version": newest.version if newest else 0,
        "why_not": offer.why_not,
        "in_hand": [str(page.pk) for page in offer.in_hand],
    }
