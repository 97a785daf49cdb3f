"""What a campaign goes through: launched, run, paused, stopped, ended; and what its budget gets and gives back."""

from typing import Any

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.campaigns.queries import can_pay, missing
from apps.core import clock
from apps.core.money import BadAmount
from apps.core.states import IllegalMove
from apps.ledger import queries as ledger_queries
from apps.ledger import services as ledger
from apps.members import trail
from apps.members.models import User

TOPPED_UP = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED, Campaign.State.COMPLETED)


def lock(campaign: Campaign) -> None:
    """Lock the campaign's row until the transaction ends, and read it anew: what follows is decided on what it is.

    Whoever needs a budget too locks it after this, as everybody does.
    """
    campaign.refresh_from_db(from_queryset=Campaign.objects.select_for_update(no_key=True))


@transaction.atomic
def launch(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Fund a draft's budget and let it start; raise `NotEnoughMoney` or `IllegalMove` and change nothing."""
    lock(campaign)  # a draft that was revised meanwhile is launched as it stands now
    campaign.move(Campaign.State.LAUNCHING, launched_at=clock.now())
    ledger.fund(
        campaign.organization,
        owner=campaign.key,
        amount=campaign.budget,
        currency=campaign.currency,
        reference=f"{campaign.key}:launch",
    )
    _record(campaign, "launch", by, budget=campaign.budget, currency=campaign.currency)
    return campaign


@transaction.atomic
def top_up(campaign: Campaign, *, amount: int, reference: str, by: User | None = None) -> Campaign:
    """Add to a launched campaign's budget. Once for a reference.

    Raises `BadAmount` unless it is above 0, and `IllegalMove` for a draft, whose budget is a plan, or once stopped.
    """
    if amount <= 0:
        raise BadAmount(f"{amount} minor units of {campaign.currency} add nothing to a budget: it should be above 0")
    lock(campaign)
    if campaign.state not in TOPPED_UP:
        raise IllegalMove(
            f"campaign {campaign} is {campaign.state!r}, so its budget can't be added to",
            field="campaign.state", found=campaign.state, wanted=sorted(map(str, TOPPED_UP)),
        )  # fmt: skip
    before = _funded(campaign)
    budget = ledger.fund(
        campaign.organization, owner=campaign.key, amount=amount, currency=campaign.currency,
        reference=f"{campaign.key}:{reference}",
    )  # fmt: skip
    if budget.amount == before:
        return campaign  # this reference added already
    campaign.budget += amount
    campaign.save(update_fields=["budget"])
    _record(campaign, "top up", by, amount=amount, currency=campaign.currency)
    return campaign


@transaction.atomic
def open_ended(campaign: Campaign, *, requirements: list[dict[str, Any]], by: User | None = None) -> Campaign:
    """Launch a draft that waits for tasks, each with its own money; a person reviews them. Raise `IllegalMove`."""
    Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.DRAFT).update(
        open_ended=True, requirements=requirements, review=Campaign.Review.PERSON, grace_seconds=0, broken_after=1
    )
    launch(campaign, by=by)
    run(campaign)
    return campaign


@transaction.atomic
def give_back(campaign: Campaign, *, amount: int) -> int:
    """Take from a campaign's budget what was given for work that is not wanted any more; return how much it still had.

    Such money is not the campaign's again when it reopens.
    """
    lock(campaign)
    given_back = ledger.give_back(campaign.key, amount=amount)
    if given_back:
        campaign.budget -= given_back
        campaign.save(update_fields=["budget"])
        _record(campaign, "give back", None, given_back=given_back, currency=campaign.currency)
    return given_back


@transaction.atomic
def run(campaign: Campaign) -> bool:
    """Open a campaign whose tasks have been made; return whether this call did it. One that was paused stays so."""
    lock(campaign)
    return campaign.state == Campaign.State.LAUNCHING and campaign.try_move(Campaign.State.RUNNING)


@transaction.atomic
def reopen(campaign: Campaign) -> bool:
    """Open a completed campaign again, as it got new work; return whether this call did it.

    It takes back from the funds what it gave them at its end; when they hold less, it opens with what it was topped up
    with, and without that it stays completed.
    """
    lock(campaign)
    if campaign.state != Campaign.State.COMPLETED or campaign.ended_at is None or not can_pay(campaign):
        return False
    taken_back = missing(campaign)
    try:
        ledger.fund(
            campaign.organization, owner=campaign.key, amount=taken_back, currency=campaign.currency,
            reference=f"{campaign.key}:after {campaign.ended_at.isoformat()}",
        )  # fmt: skip
    except ledger.NotEnoughMoney:
        taken_back = 0
    campaign.move(Campaign.State.RUNNING, ended_at=None)
    _record(campaign, "reopen", None, taken_back=taken_back, currency=campaign.currency)
    return True


@transaction.atomic
def pause(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Hand out no new pages; those in hand may be finished."""
    campaign.move(Campaign.State.PAUSED)
    _record(campaign, "pause", by)
    return campaign


@transaction.atomic
def resume(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Hand out pages again; raise `IllegalMove` unless it is paused."""
    lock(campaign)
    if campaign.state != Campaign.State.PAUSED:
        raise IllegalMove(
            f"campaign {campaign} is {campaign.state!r}, only a paused one can be resumed",
            field="campaign.state", found=campaign.state, wanted=Campaign.State.PAUSED,
        )  # fmt: skip
    campaign.move(Campaign.State.RUNNING)
    _record(campaign, "resume", by)
    return campaign


@transaction.atomic
def stop(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """End a campaign for good, as soon as the pages in hand are settled."""
    campaign.move(Campaign.State.STOPPING)
    _record(campaign, "stop", by)
    return campaign


@transaction.atomic
def end(campaign: Campaign) -> bool:
    """Close a campaign whose work is done: COMPLETED if it ran out of work, STOPPED if it was stopped; free its budget.

    Returns whether this call did it. Run again after the end, it gives back what was let go since.
    """
    lock(campaign)
    if campaign.ended_at is not None:
        _give_back(campaign, "give back")
        return False
    stopping = campaign.state == Campaign.State.STOPPING
    to = Campaign.State.STOPPED if stopping else Campaign.State.COMPLETED
    if not campaign.try_move(to, ended_at=clock.now()):
        return False
    _give_back(campaign, str(to), told_always=True)
    return True


def _funded(campaign: Campaign) -> int:
    budget = ledger_queries.budget(campaign.key)
    return budget.amount if budget else 0


def _give_back(campaign: Campaign, verb: str, *, told_always: bool = False) -> None:
    """Give what the budget neither holds nor spent to the funds, with a line in the trail."""
    given_back = ledger.close(campaign.key)
    if given_back or told_always:
        _record(campaign, verb, None, given_back=given_back, currency=campaign.currency)


def _record(campaign: Campaign, verb: str, by: User | None, **data: Any) -> None:
    trail.record(campaign.organization, verb=verb, subject=campaign.key, actor=by, **data)
