"""Offers whose open slots wait for workers who can't come: taken off, so that as many are offered anew, or told."""

import logging

from apps.campaigns.models import Campaign
from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import Channel
from apps.channels.models import Publication

log = logging.getLogger(__name__)


def see(row: Publication, market: Channel) -> None:
    """Take an offer off that all who come have a slot of, once its open slots have waited; of another, say that.

    The market is told first: so never more slots are open there than are wanted. Where nobody writes down that it is
    off, the next look sees it, as of one that somebody took off there. Markets are paid for slots, not for offers.
    """
    since = channels.waits_since(row)
    if since is None or not (why := channels.why_waiting(row)):
        return
    if channels.is_used_up(row):
        log.info("%s of %s: %s", row, row.campaign, why)
        market.withdraw(row.name)
        if channels.withdraw(row):
            channels.taken_off(row)
        row.refresh_from_db()
    elif row.looked_at is None or row.looked_at < since + channels.QUIET:  # once, not at each look
        log.warning("%s of %s: %s", row, row.campaign, why)


def sentences(campaign: Campaign) -> list[str]:
    """Return what is to be said of the campaign's open slots that wait; of our own pool nothing."""
    if campaign.channel not in discovery.names():
        return []
    offers = queries.here(campaign).filter(owed="", state=Publication.State.LIVE)
    return [f"{offer}: {why}" for offer in offers if (why := channels.why_waiting(offer))]
