"""What a campaign may owe beside its pages by the wage that its organization promises, at a bound that holds.

A promise is the organization's least wage. Who is slower than the price pays for gets the rest as a bonus
(`fair_pay.top_up`), for no more time of a page than three times the median. Half of the pages at most take longer than
the median: so if that is what the campaign is taken to need, no more than these can be owed, each to three times that.
"""

from math import ceil

from apps.campaigns.models import Campaign
from apps.channels import discovery
from apps.core import money
from apps.pipeline import fair_pay, fairness
from apps.workforce.models import Channel


def bonuses(campaign: Campaign, *, places: int) -> int:
    """Return the most that so many places may cost in bonuses up to the promised wage, the market's fees included.

    What was given of it is not to come any more. Nothing where no wage is promised, or nobody knows how long a question
    takes: where both is so, nothing is launched. Asks nobody.
    """
    wage, seconds = fairness.least_hourly(campaign), fairness.seconds_of_a_question(campaign)
    if wage is None or seconds is None or campaign.channel == Channel.SIMULATED:
        return 0
    usual, pages = seconds * campaign.page_size, ceil(places / campaign.page_size)
    slow = pages // 2
    owed = slow * _bonus(campaign, _short(campaign, wage, fair_pay.MOST_MEDIANS * usual))
    owed += (pages - slow) * _bonus(campaign, _short(campaign, wage, usual))
    return max(0, owed - _bonus(campaign, fair_pay.given(campaign)))


def told(campaign: Campaign, amount: int) -> str:
    """Return what is said of such bonuses, after what the campaign costs."""
    wage = money.show(fairness.least_hourly(campaign) or 0, campaign.currency)
    return f"and up to {money.show(amount, campaign.currency)} in bonuses, so that everybody gets {wage} an hour"


def _short(campaign: Campaign, wage: int, seconds: float) -> int:
    return max(0, ceil(wage * seconds / 3600) - campaign.price)


def _bonus(campaign: Campaign, cents: int) -> int:
    """Return what a bonus costs with its fee."""
    if not cents or campaign.channel not in discovery.names():
        return cents
    return discovery.of(campaign.channel).quote_bonus(cents).total
