"""Is it owed, and was it paid."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock, ids, money
from apps.core.states import Moves, Stateful
from apps.members.models import Organization, User
from apps.work.models import Assignment
from apps.workforce.models import Worker


class PayoutBatch(Stateful):
    """Everything owed up to a moment, in one currency, put together to be paid."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        APPROVED = "approved", _("approved")
        CLOSED = "closed", _("closed")

    MOVES: ClassVar[Moves] = {
        State.APPROVED: frozenset({State.PLANNED}),
        State.CLOSED: frozenset({State.APPROVED}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="payout_batches")
    currency = models.CharField(max_length=3)
    owed_until = models.DateTimeField(help_text=_("Obligations made before then are in it."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = _("payout batches")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="planned") ^ Q(approved_at__isnull=False), name="batch_approved_since"
            ),
        ]

    def __str__(self) -> str:
        return f"payout of {self.created_at:%Y-%m-%d} in {self.currency}"


class Payout(Stateful):
    """One payment to one worker: the intent is committed before anything is sent, the receipt after."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENDING = "sending", _("sending")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")  # owed again

    MOVES: ClassVar[Moves] = {
        State.SENDING: frozenset({State.PLANNED}),
        State.SENT: frozenset({State.SENDING}),
        State.FAILED: frozenset({State.SENDING}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="payouts")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="payouts")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    receipt = models.CharField(
        max_length=200, blank=True, help_text=_("What proves it: a bank's or platform's reference.")
    )
    problem = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("batch", "worker")
        constraints = [
            models.UniqueConstraint(fields=["batch", "worker"], name="payout_once_a_batch"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_pays_something"),
            models.CheckConstraint(condition=Q(state="sent") ^ Q(receipt=""), name="receipt_iff_sent"),
            models.CheckConstraint(condition=Q(state="sent") ^ Q(sent_at=None), name="payout_sent_since"),
            models.CheckConstraint(condition=Q(state="failed") ^ Q(problem=""), name="payout_failed_why"),
        ]

    def __str__(self) -> str:
        return f"payout to {self.worker}"


class Obligation(models.Model):
    """What an approved assignment earned its worker; owed once, whatever happens twice."""

    id = models.BigAutoField(primary_key=True)
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="obligation")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="obligations")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="obligations")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="obligations")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payout = models.ForeignKey(Payout, models.PROTECT, null=True, blank=True, related_name="obligations")
    owed_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="obligation_owes_something")]
        indexes = [
            models.Index(fields=["organization", "owed_at"], name="obligation_by_time"),
            models.Index(fields=["organization", "currency"], name="obligation_unpaid", condition=Q(payout=None)),
        ]

    def __str__(self) -> str:
        return f"{money.show(self.amount, self.currency)} for page {self.assignment_id}"
