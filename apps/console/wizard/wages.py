"""What an hour of a campaign's work pays, and what a page should."""

from dataclasses import dataclass
from math import ceil

from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.core import money
from apps.pipeline import preflight


@dataclass(frozen=True)
class Wage:
    """`seconds` for a question as the requester needed, None before that was measured; `hourly` in minor units.

    `wanted` is the hour's pay that was asked about, and `suggested` the price of a page that pays it, "" for none.
    """

    seconds: float | None
    hourly: int | None
    shown: str
    wanted: str
    suggested: str
    problem: str
    policy: str


def of(campaign: Campaign, *, wanted: str = "") -> Wage:
    """Return what the campaign pays, and what it should to pay `wanted` for an hour."""
    hourly = preflight.hourly_pay(campaign)
    least = preflight.least_hourly(campaign)
    suggested, problem = _suggested(campaign, wanted) if wanted and campaign.seconds_tried else ("", "")
    return Wage(
        seconds=campaign.seconds_tried,
        hourly=hourly,
        shown="" if hourly is None else money.show(hourly, campaign.currency),
        wanted=wanted or ("" if least is None else str(money.to_decimal(least, campaign.currency))),
        suggested=suggested,
        problem=problem,
        policy="" if least is None else money.show(least, campaign.currency),
    )


def _suggested(campaign: Campaign, wanted: str) -> tuple[str, str]:
    try:
        hour = money.to_minor(wanted.strip(), campaign.currency)
    except money.BadAmount as error:
        return "", str(error)
    if hour <= 0 or campaign.seconds_tried is None:
        return "", _("An hour should pay more than nothing.")
    return money.show(ceil(hour * campaign.seconds_tried * campaign.page_size / 3600), campaign.currency), ""
