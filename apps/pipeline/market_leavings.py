"""What is made at a market for one campaign or one worker's slot, and deleted there when nothing needs it any more."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from apps.campaigns.models import Campaign
from apps.channels import discovery, queries
from apps.channels import services as channels
from apps.channels.base import ChannelError
from apps.channels.models import Publication, Qualifier
from apps.core import clock
from apps.payments.models import Settlement
from apps.pipeline.motor import Next

log = logging.getLogger(__name__)
# A completed campaign may be opened again, and a market may not give back a name at once.
KEPT = timedelta(days=30)


def outstanding() -> Iterator[Next]:
    """Yield the qualifications that markets need not have any more."""
    due = Qualifier.objects.filter(name__startswith="labelcrowd ", due_at__lte=clock.now())
    return (Next("forget", row.pk) for row in due.order_by("pk").iterator() if _is_needless(row))


def forget(qualifier_id: int) -> list[Next]:
    """Delete a qualification at its market that nothing needs."""
    row = Qualifier.objects.filter(pk=qualifier_id).first()
    if row is None or not _is_needless(row):
        return []
    market = discovery.of(row.channel)
    if market.environment != row.environment:  # another of its worlds, which is not asked now
        channels.unforgotten(row)
        return []
    try:
        market.forget(row.name)
    except ChannelError as error:
        log.warning("the qualification %r stays at %s for now: %s", row.name, row.environment, error)
        channels.unforgotten(row)
    else:
        channels.forgotten(row)
    return []


def _is_needless(row: Qualifier) -> bool:
    if row.owed:
        is_paid = Settlement.objects.filter(obligation=int(row.owed.partition(":")[2])).exists()
        return is_paid and not Publication.objects.filter(owed=row.owed).exclude(state__in=Publication.OVER).exists()
    campaign = Campaign.objects.filter(pk=row.campaign_id).first() if row.campaign_id is not None else None
    return campaign is not None and _is_over(campaign) and queries.is_cleaned(campaign)


def _is_over(campaign: Campaign) -> bool:
    if campaign.state == Campaign.State.COMPLETED and campaign.ended_at is not None:
        return campaign.ended_at < clock.now() - KEPT
    return campaign.state == Campaign.State.STOPPED
