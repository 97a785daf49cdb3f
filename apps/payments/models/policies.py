"""By which rules an organization pays, and which of its campaigns' budgets run out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock, money
from apps.members.models import Organization


class PayoutPolicy(models.Model):
    """How an organization pays in one currency: from which account, when two must agree, from where tax is reported."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="payout_policies")
    currency = models.CharField(max_length=3)
    second_person_from = models.BigIntegerField(
        null=True,
        blank=True,
        help_text=_("From so much on, planned by one person within a day, batches are approved by another."),
    )
    tax_report_from = models.BigIntegerField(
        null=True, blank=True, help_text=_("Workers who were paid this much in a year are reported by name.")
    )
    payer_name = models.CharField(max_length=70, blank=True, help_text=_("Of the account that is paid from."))
    payer_account = models.TextField(blank=True, help_text=_("Its IBAN, sealed."))
    payer_shown = models.CharField(max_length=60, blank=True, help_text=_("Its IBAN, masked."))
    payer_bic = models.CharField(max_length=11, blank=True)

    class Meta:
        ordering = ("organization", "currency")
        verbose_name_plural = _("payout policies")
        constraints = [
            models.UniqueConstraint(fields=["organization", "currency"], name="payout_policy_once_a_currency"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="payout_policy_currency_iso"),
            models.CheckConstraint(
                condition=Q(second_person_from=None) | Q(second_person_from__gte=0),
                name="payout_policy_limit",
            ),
            models.CheckConstraint(
                condition=Q(tax_report_from=None) | Q(tax_report_from__gte=0),
                name="payout_policy_threshold",
            ),
            models.CheckConstraint(
                condition=Q(payer_account="") ^ Q(payer_shown__gt=""), name="payout_policy_account_is_shown_masked"
            ),
        ]

    def __str__(self) -> str:
        return f"payouts in {self.currency}"


class BudgetAlert(models.Model):
    """That so much of a campaign's budget is used: told once for each mark, and anew after a top-up."""

    MARKS = (50, 80, 100)

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="budget_alerts")
    percent = models.PositiveSmallIntegerField()
    budget = models.BigIntegerField(help_text=_("What the budget was, in minor units."))
    used = models.BigIntegerField(help_text=_("What was spent or held of it, in minor units."))
    at = models.DateTimeField(default=clock.now, editable=False)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["campaign", "percent", "budget"], name="alert_once_a_mark"),
            models.CheckConstraint(condition=Q(percent__in=[50, 80, 100]), name="alert_at_a_mark"),
        ]
        indexes = [models.Index(fields=["campaign"], name="alert_to_be_mailed", condition=Q(mailed_at=None))]

    def __str__(self) -> str:
        return f"{self.percent} % of {money.show(self.budget, self.campaign.currency)} used"
