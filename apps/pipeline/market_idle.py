"""Offers whose open slots wait for workers who can't come: taken off, so that as many are offered anew, or told."""

import logging

from apps.campaigns.models import Campaign
from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import Channel
from apps.channels.models import Publication

log = logging.getLogger(__name__)
TOLD = 5  # offers of a campaign, of each of which it is said; of a large one thousands may wait


def see(row: Publication, market: Channel) -> None:
    """Take an offer off that all who come have a slot of, once its open slots have waited; of another, say that.

    The market is told first: so never more slots are open there than are wanted. Where nobody writes down that it is
    off, the next look sees it, as of one that somebody took off there. Markets are paid for slots, not for offers.
    """
    for wait in channels.waits(row.campaign, Publication.objects.filter(pk=row.pk)):
        if wait.is_used_up:
            _take_off(row, market, wait)
        elif row.looked_at is None or row.looked_at < wait.since + channels.QUIET:  # once, not at each look
            level = logging.INFO if wait.is_wanted else logging.WARNING
            log.log(level, "%s of %s: %s", row, row.campaign, wait)


def _take_off(row: Publication, market: Channel, wait: channels.Wait) -> None:
    if not wait.is_payable and market.standing(row.name).pending:
        return  # somebody accepted a slot there, and did not open our page: till that ends, the money of all is held
    log.info("%s of %s: %s", row, row.campaign, wait)
    market.withdraw(row.name)
    if channels.withdraw(row):
        channels.taken_off(row)
    row.refresh_from_db()


def sentences(campaign: Campaign) -> list[str]:
    """Return what is to be said of the campaign's open slots that wait, of the first offers; of our own pool nothing.

    So many questions are asked for it however many offers there are.
    """
    if campaign.channel not in discovery.names():
        return []
    offers = queries.here(campaign)
    more = channels.waiting(offers).count() - TOLD
    said = [f"{wait.offer}: {wait}" for wait in channels.waits(campaign, offers, most=TOLD)]
    return [*said, f"and {more} more"] if more > 0 else said
