"""What the service takes of a requester: its own schedule, of the settings; nothing unless an operator says so."""

from django.conf import settings

from apps.channels.mturk import costs
from apps.turkapi.models import HitType
from apps.turkapi.services import requirements


def of_assignment(of: HitType, *, most: int) -> int:
    """Return the fee for one assignment of a HIT that `most` workers may do, in minor units."""
    masters = any(each["QualificationTypeId"] in requirements.MASTERS for each in of.requirements)
    return costs.fee(costs.Offer(of.campaign.price, most, masters), _schedule())


def of_bonus(amount: int) -> int:
    return costs.bonus(amount, _schedule()).fees


def _schedule() -> costs.Schedule:
    return costs.Schedule(*settings.TURK_FEES)
