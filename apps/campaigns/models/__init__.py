"""What is asked, of how many, at what price: campaigns, their guidelines, and questions with known answers."""

from apps.campaigns.models.campaigns import EARLY_PLACES, FEW_REPORTS, Campaign
from apps.campaigns.models.gold import Contest, GoldQuestion
from apps.campaigns.models.guidelines import Guidelines
from apps.campaigns.models.policies import PayPolicy
from apps.campaigns.models.reservations import Reservation

__all__ = [
    "EARLY_PLACES", "FEW_REPORTS", "Campaign", "Contest", "GoldQuestion", "Guidelines", "PayPolicy", "Reservation",
]  # fmt: skip
