"""Pay tiers: a page pays more to workers whose skill is proven, by the lower end of its interval.

A tier is {skill, price}: kept in minor units, written in a campaign's file in the major one. Skill is that of the
campaign's `skill_scope`. Which rate is in force is told when a page is leased, and stored with it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from apps.campaigns.models import Campaign
from apps.core import money

FIELDS = {"skill", "price"}
MOST = 10
Tiers = Sequence[Mapping[str, Any]]


def rate(campaign: Campaign, *, skill: float | None) -> int:
    """Return what a full page pays in minor units to a worker the lower end of whose skill is this; None for no skill.

    >>> from apps.campaigns.models import Campaign
    >>> campaign = Campaign(price=10, pay_tiers=[{"skill": 0.8, "price": 12}, {"skill": 0.9, "price": 15}])
    >>> [rate(campaign, skill=skill) for skill in (None, 0.79, 0.8, 0.95)]
    [10, 10, 12, 15]
    """
    reached = [int(tier["price"]) for tier in campaign.pay_tiers if skill is not None and skill >= tier["skill"]]
    return max([campaign.price, *reached])


def above(campaign: Campaign, *, price: int) -> list[dict[str, Any]]:
    """Return the tiers that pay more than this, the nearest first."""
    return sorted((tier for tier in campaign.pay_tiers if tier["price"] > price), key=lambda tier: tier["skill"])


def in_minor(tiers: Tiers, currency: str) -> list[dict[str, Any]]:
    """Return tiers of a file as the column keeps them, from the lowest skill on."""
    kept = [{"skill": tier["skill"], "price": money.to_minor(str(tier["price"]), currency)} for tier in tiers]
    return sorted(kept, key=lambda tier: tier["skill"])


def in_major(tiers: Tiers, currency: str) -> list[dict[str, Any]]:
    """Return a column's tiers as a file has them."""
    return [{"skill": tier["skill"], "price": str(money.to_decimal(tier["price"], currency))} for tier in tiers]


def wrong(tiers: Any, *, price: str, currency: str) -> list[str]:
    """Return what is wrong with the tiers of a file, in sentences; `price` is what a page pays without any."""
    if len(tiers) > MOST:
        return [f"pay_tiers has {len(tiers)} tiers, it should have at most {MOST}"]
    problems = [problem for tier in tiers for problem in _wrong_tier(tier, price, currency)]
    if problems:
        return problems
    ranked = sorted(tiers, key=lambda tier: tier["skill"])
    for lower, higher in pairwise(ranked):
        if lower["skill"] == higher["skill"]:
            problems.append(f"pay_tiers has two tiers from a skill of {lower['skill']}, it should have one")
        elif Decimal(str(higher["price"])) <= Decimal(str(lower["price"])):
            problems.append(
                f"pay_tiers pays {higher['price']} from a skill of {higher['skill']}, "
                f"it should be more than the {lower['price']} of {lower['skill']}"
            )
    return problems


def _wrong_tier(tier: Any, price: str, currency: str) -> list[str]:
    if not isinstance(tier, Mapping) or set(tier) != FIELDS:
        return [f"pay_tiers has {tier!r}, each should be a mapping with 'skill' and 'price'"]
    skill = tier["skill"]
    if isinstance(skill, bool) or not isinstance(skill, int | float) or not 0 < skill <= 1:
        return [f"pay_tiers has a skill of {skill!r}, it should be above 0 and at most 1"]
    try:
        if money.to_minor(str(tier["price"]), currency) > money.to_minor(str(price), currency):
            return []
    except money.BadAmount as error:
        return [f"pay_tiers: {error}"]
    return [f"pay_tiers pays {tier['price']} from a skill of {skill}, it should be more than the price, {price}"]
