"""What Amazon Mechanical Turk charges, exactly, before anything is published: pure arithmetic in cents.

As mturk.com/pricing said it: 20 % of the reward, 20 % more on HITs with ten or more assignments, 5 % for Masters,
premium qualifications at a price each, at least one cent for an assignment or a bonus, rounded half up to the cent.
Where several percentages apply they are added and rounded once: how MTurk rounded then was never published.
"""

from dataclasses import dataclass

from apps.channels.base import Cost
from apps.core.money import half_up

LARGE = 10  # assignments
WAVE = LARGE - 1  # what a HIT may ask for without being large


@dataclass(frozen=True)
class Offer:
    """What one HIT asks for. `reward` and `premium` (of premium qualifications, for an assignment) are in cents."""

    reward: int
    assignments: int
    masters: bool = False
    premium: int = 0

    def __post_init__(self) -> None:
        if self.reward < 0 or self.premium < 0 or self.assignments < 1:
            raise ValueError(f"{self} can't be offered: amounts are not below 0, and somebody is asked")


@dataclass(frozen=True)
class Schedule:
    """What a market takes, in percent of a reward or bonus, and in cents at least."""

    base: int
    large: int  # more, on every assignment of a HIT of ten or more
    masters: int
    bonus: int
    least: int


AMAZON = Schedule(base=20, large=20, masters=5, bonus=20, least=1)
FREE = Schedule(0, 0, 0, 0, 0)
NOTHING = Cost(0, 0)


def fee(offer: Offer, schedule: Schedule = AMAZON) -> int:
    """Return the fee for one assignment of a HIT, in cents.

    >>> fee(Offer(100, assignments=9)), fee(Offer(100, assignments=10)), fee(Offer(2, assignments=1))
    (20, 40, 1)
    """
    percent = schedule.base
    percent += schedule.large if offer.assignments >= LARGE else 0
    percent += schedule.masters if offer.masters else 0
    return max(schedule.least, half_up(offer.reward * percent, 100)) + offer.premium


def hit(offer: Offer, schedule: Schedule = AMAZON) -> Cost:
    """Return what a HIT costs if all its assignments are approved; what is rejected costs nothing.

    >>> hit(Offer(reward=100, assignments=10)).total
    1400
    """
    return Cost(offer.reward * offer.assignments, fee(offer, schedule) * offer.assignments)


def bonus(cents: int, schedule: Schedule = AMAZON) -> Cost:
    """Return what a bonus costs.

    >>> bonus(100), bonus(1)
    (Cost(rewards=100, fees=20), Cost(rewards=1, fees=1))
    """
    if cents < 1:
        raise ValueError(f"a bonus of {cents} cents gives nothing: it should be at least 1")
    return Cost(cents, max(schedule.least, half_up(cents * schedule.bonus, 100)))


def waves(assignments: int) -> list[int]:
    """Return the sizes of the HITs that so many assignments are asked for in, each below the dearer tier.

    >>> waves(12), waves(9), waves(0)
    ([9, 3], [9], [])
    """
    if assignments < 0:
        raise ValueError(f"{assignments} assignments can't be asked for")
    whole, rest = divmod(assignments, WAVE)
    return [WAVE] * whole + [rest] * (rest > 0)


def slots(count: int, *, reward: int, masters: bool = False, premium: int = 0, schedule: Schedule = AMAZON) -> Cost:
    """Return what so many slots cost in the cheapest HITs they can be asked for in.

    >>> slots(12, reward=100).total
    1440
    """
    offers = (Offer(reward, size, masters, premium) for size in waves(count))
    return sum((hit(offer, schedule) for offer in offers), NOTHING)
