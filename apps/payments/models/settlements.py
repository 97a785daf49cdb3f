"""What a market paid to a worker by itself, when we told it that the work is right."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.payments.models.obligations import Obligation


class Settlement(models.Model):
    """An obligation that an outside market paid, with what it took for that. Append-only; in no payout of ours."""

    obligation = models.OneToOneField(Obligation, models.PROTECT, primary_key=True, related_name="settlement")
    channel = models.CharField(max_length=16)
    fee = models.BigIntegerField(help_text=_("What the market took besides, in minor units."))
    receipt = models.CharField(max_length=200, help_text=_("The market's name for what it paid."))
    settled_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("obligation",)
        constraints = [
            models.CheckConstraint(condition=Q(fee__gte=0), name="settlement_fee_not_negative"),
            models.CheckConstraint(condition=~Q(receipt=""), name="settlement_proved"),
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} by {self.channel}"
