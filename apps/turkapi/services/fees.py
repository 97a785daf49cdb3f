"""What the service takes of a requester: its own schedule, of the settings; nothing unless an operator says so."""

from django.conf import settings

from apps.channels.mturk import costs


def of_assignment(reward: int, *, most: int) -> int:
    """Return the fee for one assignment of a HIT that `most` workers may do, in minor units."""
    return costs.fee(costs.Offer(reward, most), _schedule())


def of_bonus(amount: int) -> int:
    return costs.bonus(amount, _schedule()).fees


def _schedule() -> costs.Schedule:
    return costs.Schedule(*settings.TURK_FEES)
