"""After a campaign's first items: whether they went well enough for the others to follow."""

from uuid import UUID

from django.db import transaction

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.notices.models import Event
from apps.pipeline import announcing, due, telling
from apps.pipeline.motor import Next
from apps.quality import queries as quality_queries
from apps.quality import services as quality
from apps.quality.models import Combination


def judge_pilot(campaign_id: UUID) -> list[Next]:
    """Fit the pilot's answers; let the other items follow, or pause the campaign with the reasons in the trail."""
    campaign = Campaign.objects.get(pk=campaign_id)
    if not due.is_pilot_over(campaign):
        return []
    quality.count_change(campaign)  # so that the fit is of all answers
    combination = quality.combine(campaign)
    found = problems(campaign, combination)
    told: list[Next] = []
    with transaction.atomic():
        if campaigns.end_pilot(campaign, problems=found) and found:
            told += announcing.campaign(campaign, Event.CAMPAIGN_PAUSED, once=f"{clock.now()}")
            told += telling.of_a_bad_pilot(campaign, found)
    return [Next("split", campaign_id)] if not campaign.in_pilot else told


def problems(campaign: Campaign, combination: Combination) -> list[str]:
    """Return why the pilot did not go well, in sentences: also where what is asked of it could not be measured."""
    found = []
    least = campaign.pilot_least_gold_accuracy
    gold = quality_queries.gold_score_of_all(campaign)
    if least is not None and not gold.answers:
        found.append(f"nobody answered gold, of which {least:.0%} should be right: look at the answers yourself")
    elif least is not None and gold.accuracy < least:
        found.append(f"{gold.accuracy:.0%} of {gold.answers} gold answers were right, it should be {least:.0%}")
    bound, alpha = campaign.pilot_least_agreement, combination.alpha
    if bound is not None and alpha is None and combination.percent_agreement != 1:  # of answers all alike there is none
        found.append(
            f"how far workers agree can't be told (alpha, which should be {bound:.2f}), as no item has two answers: "
            "look at them yourself"
        )
    elif bound is not None and alpha is not None and alpha < bound:
        found.append(f"workers agree by {alpha:.2f} (alpha), it should be {bound:.2f}")
    return found
