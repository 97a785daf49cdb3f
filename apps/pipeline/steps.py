"""The order of things: what a row goes through, read downwards.

    a dataset's items   -> split  -> tasks, and the campaign runs
    a page handed in    -> settle -> approved and owed, or put before a person
    judgments           -> combine -> consensus, scores, agreement
    the last page       -> finish -> the final fit, the campaign's end, the rest of the budget given back
    a lease run out     -> expire;  a rejection past dispute -> release

Each step brings one row forward if it is due, may run twice, and returns what follows. Those who need several domains
in one transaction (a verdict and what is owed for it) are joined here, for neighbours don't know each other.
"""

from uuid import UUID

from django.db import transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.datasets import services as datasets
from apps.payments import services as payments
from apps.pipeline.motor import Next
from apps.quality import services as quality
from apps.quality.models import Review
from apps.work import queries as work_queries
from apps.work import services as work
from apps.work.models import Assignment

WORKING = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED, Campaign.State.COMPLETED)


def bring_in(import_id: UUID) -> list[Next]:
    """Read a file into its dataset; campaigns over it get the new items."""
    finished = datasets.run_import(import_id)
    over_it = Campaign.objects.filter(dataset=finished.dataset_id, state__in=WORKING)
    return [Next("split", pk) for pk in over_it.values_list("pk", flat=True)]


def split(campaign_id: UUID) -> list[Next]:
    """Make tasks of the next items; when none are left, open the campaign."""
    campaign = Campaign.objects.get(pk=campaign_id)
    if campaign.state not in WORKING:
        return []
    if work.split(campaign):
        return [Next("split", campaign_id)]
    opens = campaign.state == Campaign.State.LAUNCHING or (
        campaign.state == Campaign.State.COMPLETED and work_queries.has_unfinished_tasks(campaign)
    )
    if opens:
        campaigns.run(campaign)
    return [Next("finish", campaign_id)]


def settle(assignment_id: UUID) -> list[Next]:
    """Decide on a page that was handed in, and owe what it earns, in one transaction: neither is without the other."""
    assignment = Assignment.objects.select_related("campaign", "worker").get(pk=assignment_id)
    if assignment.state != Assignment.State.SUBMITTED:
        return []
    review = quality.review(assignment)
    if review.approve_at > clock.now():
        return []  # put up for rejection: a person decides, or the sweep when time is up
    with transaction.atomic():
        quality.decide(review, verdict=Review.Verdict.APPROVE)
        payments.owe(assignment)
    if work_queries.has_unfinished_tasks(assignment.campaign):
        return []
    return [Next("finish", assignment.campaign_id)]


def combine(campaign_id: UUID) -> list[Next]:
    """Bring a campaign's consensus up to its judgments."""
    quality.combine(Campaign.objects.get(pk=campaign_id))
    return []


def finish(campaign_id: UUID) -> list[Next]:
    """End a campaign that has no work left, or was stopped, once every page is settled."""
    campaign = Campaign.objects.get(pk=campaign_id)
    if not is_finished(campaign):
        return []
    quality.combine(campaign, final=True)
    campaigns.end(campaign)
    return []


def expire(assignment_id: UUID) -> list[Next]:
    """End a lease whose time is over, so that its tasks are offered again."""
    assignment = Assignment.objects.select_related("campaign").get(pk=assignment_id)
    work.expire(assignment)
    return [Next("finish", assignment.campaign_id)] if assignment.campaign.state == Campaign.State.STOPPING else []


def release(assignment_id: UUID) -> list[Next]:
    """Let go of the money held for a rejected page that nobody can dispute any more."""
    work.release_rejected(Assignment.objects.get(pk=assignment_id))
    return []


def is_finished(campaign: Campaign) -> bool:
    """Return whether a campaign can be ended."""
    if campaign.state == Campaign.State.STOPPING:
        return not work_queries.has_unsettled_pages(campaign)
    return (
        campaign.state == Campaign.State.RUNNING
        and not work_queries.has_unfinished_tasks(campaign)
        and not work_queries.has_unsettled_pages(campaign)
        and not work_queries.items_to_split(campaign)
    )
