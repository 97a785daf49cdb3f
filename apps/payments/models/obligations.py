"""What is owed to workers, and which payouts it was in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock, money
from apps.members.models import Organization, User
from apps.payments.models.payouts import Payout
from apps.work.models import Assignment
from apps.workforce.models import Worker


class Obligation(models.Model):
    """What a worker is owed for an approved page, as a bonus, or by an adjustment, which may be below 0.

    Owed once, whatever happens twice. Nothing of it changes but the payout it is in (trigger).
    """

    class Kind(models.TextChoices):
        WORK = "work", _("work")
        BONUS = "bonus", _("bonus")
        ADJUSTMENT = "adjustment", _("adjustment")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.WORK)
    assignment = models.OneToOneField(Assignment, models.PROTECT, null=True, blank=True, related_name="obligation")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="obligations")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="obligations")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="obligations")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(
        max_length=80, blank=True, help_text=_("What names a bonus or an adjustment; work is named by its page.")
    )
    reason = models.TextField(blank=True, help_text=_("Of a bonus or an adjustment; the worker reads it."))
    payout = models.ForeignKey(Payout, models.PROTECT, null=True, blank=True, related_name="obligations")
    owed_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(kind="adjustment") & ~Q(amount=0), name="obligation_owes_something"
            ),
            models.CheckConstraint(
                condition=Q(kind="work", assignment__isnull=False, campaign__isnull=False, reference="")
                | Q(kind__in=["bonus", "adjustment"], assignment=None, reference__gt="", reason__gt=""),
                name="obligation_for_a_page_or_a_reason",
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "reference"], condition=~Q(reference=""), name="obligation_once_a_name"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "owed_at"], name="obligation_by_time"),
            models.Index(fields=["organization", "currency"], name="obligation_unpaid", condition=Q(payout=None)),
        ]

    def __str__(self) -> str:
        of = f"page {self.assignment_id}" if self.assignment_id else f"{self.kind} {self.reference}"
        return f"{money.show(self.amount, self.currency)} for {of}"


class PayoutLine(models.Model):
    """One obligation in one payout, kept also where the payout failed. Append-only."""

    id = models.BigAutoField(primary_key=True)
    payout = models.ForeignKey(Payout, models.PROTECT, related_name="lines")
    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="lines")

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["payout", "obligation"], name="obligation_once_a_payout")]

    def __str__(self) -> str:
        return f"{self.obligation_id} in {self.payout_id}"
