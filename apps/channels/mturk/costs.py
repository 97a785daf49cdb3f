"""What Amazon Mechanical Turk charges, exactly, before anything is published: pure arithmetic in cents.

As mturk.com/pricing said it: 20 % of the reward, 20 % more on HITs with ten or more assignments, 5 % for Masters,
premium qualifications at a price each, at least one cent for an assignment or a bonus, rounded half up to the cent.
Where several percentages apply they are added and rounded once: how MTurk rounded then was never published.
"""

from dataclasses import dataclass

from apps.core.money import half_up

BASE_PERCENT = 20
LARGE_PERCENT = 20  # more, on every assignment of a HIT of ten or more
MASTERS_PERCENT = 5
BONUS_PERCENT = 20
LARGE = 10  # assignments
LEAST = 1  # cent
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
class Cost:
    """Cents: what workers get, and what the market takes."""

    rewards: int
    fees: int

    @property
    def total(self) -> int:
        return self.rewards + self.fees

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.rewards + other.rewards, self.fees + other.fees)


NOTHING = Cost(0, 0)


def fee(offer: Offer) -> int:
    """Return the fee for one assignment of a HIT, in cents.

    >>> fee(Offer(100, assignments=9)), fee(Offer(100, assignments=10)), fee(Offer(2, assignments=1))
    (20, 40, 1)
    """
    percent = BASE_PERCENT
    percent += LARGE_PERCENT if offer.assignments >= LARGE else 0
    percent += MASTERS_PERCENT if offer.masters else 0
    return max(LEAST, half_up(offer.reward * percent, 100)) + offer.premium


def hit(offer: Offer) -> Cost:
    """Return what a HIT costs if all its assignments are approved; what is rejected costs nothing.

    >>> hit(Offer(reward=100, assignments=10)).total
    1400
    """
    return Cost(offer.reward * offer.assignments, fee(offer) * offer.assignments)


def bonus(cents: int) -> Cost:
    """Return what a bonus costs.

    >>> bonus(100), bonus(1)
    (Cost(rewards=100, fees=20), Cost(rewards=1, fees=1))
    """
    if cents < 1:
        raise ValueError(f"a bonus of {cents} cents gives nothing: it should be at least 1")
    return Cost(cents, max(LEAST, half_up(cents * BONUS_PERCENT, 100)))


def waves(assignments: int) -> list[int]:
    """Return the sizes of the HITs that so many assignments are asked for in, each below the dearer tier.

    >>> waves(12), waves(9), waves(0)
    ([9, 3], [9], [])
    """
    if assignments < 0:
        raise ValueError(f"{assignments} assignments can't be asked for")
    whole, rest = divmod(assignments, WAVE)
    return [WAVE] * whole + [rest] * (rest > 0)


def slots(count: int, *, reward: int, masters: bool = False, premium: int = 0) -> Cost:
    """Return what so many slots cost in the cheapest HITs they can be asked for in.

    >>> slots(12, reward=100).total
    1440
    """
    offers = (Offer(reward, size, masters, premium) for size in waves(count))
    return sum(map(hit, offers), NOTHING)
