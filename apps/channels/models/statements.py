"""The money that a market holds for us, and its list of payments against ours."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.members.models import Organization


class Purse(models.Model):
    """The money that a market holds for us, as last seen; and since when it is low, told once each time."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=16)
    environment = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField()
    needed = models.BigIntegerField(default=0, help_text=_("What open offers may still cost."))
    seen_at = models.DateTimeField(default=clock.now)
    low_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("channel", "environment")
        constraints = [models.UniqueConstraint(fields=["channel", "environment"], name="purse_once_a_world")]

    def __str__(self) -> str:
        return f"{self.channel} at {self.environment}"


class Reconciliation(models.Model):
    """The market's list of payments against ours, at one moment: append-only."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="reconciliations")
    channel = models.CharField(max_length=16)
    publications = models.PositiveIntegerField(help_text=_("How many were compared."))
    pending = models.PositiveIntegerField(help_text=_("Payments left out that were just on their way."))
    ours = models.PositiveIntegerField(help_text=_("Payments in our books."))
    ours_amount = models.BigIntegerField()
    market = models.PositiveIntegerField(help_text=_("Payments in the market's list."))
    market_amount = models.BigIntegerField()
    fees = models.BigIntegerField(help_text=_("That we booked for them: the market's list names none."))
    currency = models.CharField(max_length=3)
    differences = models.JSONField(default=list, help_text=_("What one side has and the other has not."))
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.channel} {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def agrees(self) -> bool:
        return not self.differences
