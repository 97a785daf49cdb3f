"""Items that are kept for somebody."""

from django.db import models

from apps.campaigns.models.campaigns import Campaign
from apps.datasets.models import Item
from apps.workforce.models import Worker


class Reservation(models.Model):
    """An item that only the workers named for it may judge."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reservations")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["campaign", "item", "worker"], name="reservation_once")]

    def __str__(self) -> str:
        return f"{self.item} for {self.worker}"
