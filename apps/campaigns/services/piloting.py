"""A campaign's first items: they go well and the others follow, or it pauses and a person decides."""

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.campaigns.services.lifecycle import lock
from apps.core import clock
from apps.members import trail
from apps.members.models import User


@transaction.atomic
def end_pilot(campaign: Campaign, *, problems: list[str]) -> bool:
    """Let the other items follow, or pause the campaign if anything went badly; return whether this call did either."""
    lock(campaign)
    if campaign.state != Campaign.State.RUNNING or not campaign.in_pilot:
        return False
    if problems:
        campaign.move(Campaign.State.PAUSED)
        trail.record(campaign.organization, verb="pause after pilot", subject=campaign.key, reason="; ".join(problems))
    else:
        _pass(campaign, None)
    return True


@transaction.atomic
def pass_pilot(campaign: Campaign, *, by: User | None = None) -> bool:
    """Let the other items follow although the pilot went badly; return whether this call did it."""
    lock(campaign)
    if not campaign.in_pilot:
        return False
    _pass(campaign, by)
    return True


def _pass(campaign: Campaign, by: User | None) -> None:
    campaign.pilot_passed_at = clock.now()
    campaign.save(update_fields=["pilot_passed_at"])
    trail.record(campaign.organization, verb="pass pilot", subject=campaign.key, actor=by)
