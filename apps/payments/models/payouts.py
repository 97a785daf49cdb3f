"""How workers are paid: where to, and together with whom."""

import base64
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.members.models import Organization, User
from apps.workforce.models import Worker


class Method(models.TextChoices):
    """By what a worker is paid."""

    BANK = "bank", _("bank account")
    PAYPAL = "paypal", _("PayPal")


class PayoutMethod(models.Model):
    """Where a worker wants to be paid, entered by the worker: sealed, and shown to others only masked."""

    worker = models.OneToOneField(Worker, models.PROTECT, primary_key=True, related_name="payout_method")
    method = models.CharField(max_length=16, choices=Method.choices)
    sealed = models.TextField(help_text=_("JSON under the vault's key: name and IBAN, or address."))
    shown = models.CharField(max_length=80, help_text=_("The same, masked."))
    set_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("worker",)
        constraints = [
            models.CheckConstraint(condition=Q(method__in=Method.values), name="payout_method_known"),
            models.CheckConstraint(condition=~Q(sealed="") & ~Q(shown=""), name="payout_method_leads_somewhere"),
        ]

    def __str__(self) -> str:
        return self.shown


class PayoutBatch(Stateful):
    """Everything owed up to a moment, in one currency, put together to be paid."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        APPROVED = "approved", _("approved")
        CLOSED = "closed", _("closed")
        CANCELLED = "cancelled", _("cancelled")  # all of it is owed again

    MOVES: ClassVar[Moves] = {
        State.CANCELLED: frozenset({State.PLANNED}),
        State.APPROVED: frozenset({State.PLANNED}),
        State.CLOSED: frozenset({State.APPROVED}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="payout_batches")
    currency = models.CharField(max_length=3)
    owed_until = models.DateTimeField(help_text=_("Obligations made before then are in it."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    needs_second = models.BooleanField(
        default=False, help_text=_("Whether who planned it may not approve it: by its total, when it was planned.")
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = _("payout batches")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planned", "cancelled"]) ^ Q(approved_at__isnull=False),
                name="batch_approved_since",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(approved_by__isnull=False), name="batch_approved_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | Q(approved_by=None)
                | Q(created_by__isnull=False) & ~Q(approved_by=F("created_by")),
                name="batch_approved_by_another",
            ),
        ]

    @property
    def left_out(self) -> int:
        """What it would have paid who approved it: left out then, and owed again."""
        if self.approved_at is None:
            return 0
        rows = self.payouts.filter(state=Payout.State.CANCELLED)
        return int(rows.aggregate(sum=models.Sum("amount", default=0))["sum"])

    def __str__(self) -> str:
        return f"payout of {self.created_at:%Y-%m-%d %H:%M} in {self.currency}"


class Payout(Stateful):
    """One payment to one worker: the intent is committed before anything is sent, the receipt after."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENDING = "sending", _("sending")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")  # owed again
        RETURNED = "returned", _("came back")  # it was sent, and the bank sent it back: owed again
        CANCELLED = "cancelled", _("cancelled")  # with its batch, or left out of it: owed again

    MOVES: ClassVar[Moves] = {
        State.CANCELLED: frozenset({State.PLANNED}),
        State.RETURNED: frozenset({State.SENT}),
        State.SENDING: frozenset({State.PLANNED}),
        State.SENT: frozenset({State.SENDING}),
        State.FAILED: frozenset({State.PLANNED, State.SENDING}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="payouts")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="payouts")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    method = models.CharField(max_length=16, choices=Method.choices, blank=True)
    destination = models.TextField(blank=True, help_text=_("The worker's payout method when it was approved, sealed."))
    shown_destination = models.CharField(max_length=80, blank=True)
    sent_in = models.CharField(max_length=40, blank=True, help_text=_("Format of the bank file it is in."))
    begun_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(
        max_length=200, blank=True, help_text=_("What proves it: a bank's or platform's reference.")
    )
    problem = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was booked."))
    executed_on = models.DateField(
        null=True, blank=True, help_text=_("The day (UTC) of its payment as the bank says, by which tax years count.")
    )
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("batch", "worker")
        constraints = [
            models.UniqueConstraint(fields=["batch", "worker"], name="payout_once_a_batch"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_pays_something"),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "returned"]) ^ Q(receipt=""), name="receipt_iff_sent"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "returned"]) ^ Q(sent_at=None), name="payout_sent_since"
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) ^ Q(executed_on__isnull=False), name="payout_executed_once_sent"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["failed", "returned"]) ^ Q(problem=""), name="payout_failed_why"
            ),
            models.CheckConstraint(condition=Q(state="returned") ^ Q(returned_at=None), name="payout_returned_since"),
            models.CheckConstraint(
                condition=Q(method="") ^ Q(destination__gt=""), name="payout_method_with_its_destination"
            ),
        ]

    def __str__(self) -> str:
        return f"payout to {self.worker}"

    @property
    def reference(self) -> str:
        """How banks' files name it: 26 characters of its id, as some take no more than 30."""
        return base64.b32encode(self.pk.bytes).decode().rstrip("=")


class BankFile(models.Model):
    """A file for a bank or platform as it was made: fetched again, it has the same bytes, whatever changed since.

    It says where workers are paid, so it is forgotten after some years but for its SHA-256.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="files")
    format = models.CharField(max_length=40)
    sealed = models.TextField(help_text=_("The file under the vault's key; empty once forgotten."))
    sha256 = models.CharField(max_length=64, help_text=_("Of the file."))
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("batch", "format")
        constraints = [models.UniqueConstraint(fields=["batch", "format"], name="bank_file_once_a_format")]

    def __str__(self) -> str:
        return f"{self.format} file of the {self.batch}"
