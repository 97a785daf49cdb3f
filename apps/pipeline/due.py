"""What a campaign is due for, as its rows say: asked by the steps before they act, and by the sweep."""

from collections.abc import Iterator

from apps.campaigns import queries as campaigns
from apps.campaigns.models import Campaign
from apps.channels import queries as channels
from apps.core import clock
from apps.ledger import queries as ledger
from apps.members import accounts
from apps.members.models import User
from apps.payments import queries as payments
from apps.quality import queries as quality
from apps.work import queries as work
from apps.workforce import queries as workforce

State = Campaign.State
# New items become tasks in these; a completed campaign is opened again by them.
WORKING = (State.LAUNCHING, State.RUNNING, State.PAUSED, State.COMPLETED)


def can_split(campaign: Campaign) -> bool:
    """Return whether items wait to be made tasks, tasks to be made gold, or the campaign to be opened."""
    if campaign.state not in WORKING:
        return False
    return (
        campaign.state == State.LAUNCHING
        or work.items_to_split(campaign)
        or work.has_gold_to_mark(campaign)
        or can_reopen(campaign)
    )


def can_reopen(campaign: Campaign) -> bool:
    """Return whether a completed campaign has work again, and money for it."""
    return campaign.state == State.COMPLETED and work.has_unfinished_tasks(campaign) and campaigns.can_pay(campaign)


def takes_money(campaign: Campaign) -> bool:
    """Return whether more budget would do something: not for a completed campaign without new work."""
    return campaign.state != State.COMPLETED or work.has_unfinished_tasks(campaign) or work.items_to_split(campaign)


def is_finished(campaign: Campaign) -> bool:
    """Return whether a campaign can be ended; of one that has ended, whether its budget has something to give back."""
    if campaign.ended_at is not None:
        return _has_free_budget(campaign) and not can_reopen(campaign)
    if campaign.state == State.STOPPING:
        return not work.has_unsettled_pages(campaign) and not channels.is_out(campaign)
    return (
        campaign.state == State.RUNNING
        and not campaign.open_ended
        and not campaign.in_pilot
        and campaign.is_work
        and not work.has_unfinished_tasks(campaign)
        and not work.has_unsettled_pages(campaign)
        and not channels.is_out(campaign)
        and not work.items_to_split(campaign)
        and not quality.is_asking_due(campaign)
    )


def is_pilot_over(campaign: Campaign) -> bool:
    """Return whether a campaign's pilot is to be judged."""
    return campaign.state == State.RUNNING and has_done_pilot(campaign)


def has_done_pilot(campaign: Campaign) -> bool:
    """Return whether all of the first items have their judgments, and the others did not follow yet."""
    return campaign.in_pilot and not work.items_to_split(campaign) and not work.has_unfinished_tasks(campaign)


def is_moving(campaign: Campaign) -> bool:
    """Return whether the belt has something to do for the campaign now; pages that wait for a person are none of it."""
    return (
        can_split(campaign)
        or is_finished(campaign)
        or is_pilot_over(campaign)
        or quality.is_combination_due(campaign)
        or quality.is_asking_due(campaign)
        or quality.unsettled(clock.now()).filter(campaign=campaign).exists()
    )


def _has_free_budget(campaign: Campaign) -> bool:
    budget = ledger.budget(campaign.key)
    return budget is not None and budget.free > 0


def to_erase() -> Iterator[User]:
    """Yield who asked to be erased and has nothing more coming."""
    return (user for user in accounts.to_erase() if not payments.is_owed(workforce.identities(user)))
