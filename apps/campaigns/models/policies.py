"""What an organization asks of all its campaigns."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.members.models import Organization


class PayPolicy(models.Model):
    """The least that an organization's campaigns should pay for an hour of work, in one currency."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="pay_policies")
    currency = models.CharField(max_length=3, default="USD")
    hourly = models.BigIntegerField(help_text=_("Least pay for an hour, in minor units."))

    class Meta:
        ordering = ("organization", "currency")
        verbose_name_plural = _("pay policies")
        constraints = [
            models.UniqueConstraint(fields=["organization", "currency"], name="pay_policy_once_a_currency"),
            models.CheckConstraint(condition=Q(hourly__gt=0), name="pay_policy_above_nothing"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="pay_policy_currency_iso"),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.currency}"
