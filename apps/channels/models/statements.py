"""The money that a market holds for us, and its list of payments against ours."""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now
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
    seen_at = models.DateTimeField(default=clock.now)
    low_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("channel", "environment")
        constraints = [models.UniqueConstraint(fields=["channel", "environment"], name="purse_once_a_world")]

    def __str__(self) -> str:
        return f"{self.channel} at {self.environment}"


class Reconciliation(models.Model):
    """The market's list of payments against ours, as of one moment: append-only, open until every list was read."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="reconciliations")
    channel = models.CharField(max_length=16)
    publications = models.PositiveIntegerField(default=0, help_text=_("How many were compared."))
    unread = models.PositiveIntegerField(default=0, help_text=_("Lists that the market did not give."))
    pending = models.PositiveIntegerField(default=0, help_text=_("Payments left out that were just on their way."))
    on_their_way = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), help_text=_("What was on its way, and since when.")
    )
    ours = models.PositiveIntegerField(default=0, help_text=_("Payments in our books."))
    ours_amount = models.BigIntegerField(default=0)
    market = models.PositiveIntegerField(default=0, help_text=_("Payments in the market's list."))
    market_amount = models.BigIntegerField(default=0)
    fees = models.BigIntegerField(default=0, help_text=_("That we booked for them: the market's list names none."))
    currency = models.CharField(max_length=3)
    differences = models.JSONField(default=list, help_text=_("What one side has and the other has not."))
    orphans = models.JSONField(default=list, help_text=_("Offers of ours at the market that nothing here watches."))
    made_at = models.DateTimeField(default=clock.now, editable=False, help_text=_("As of when both are compared."))
    read_at = models.DateTimeField(default=clock.now, editable=False, help_text=_("When a list was last read for it."))
    due_at = models.DateTimeField(
        db_default=Now(), default=clock.now, editable=False, help_text=_("When it is gone on with.")
    )
    ended_at = models.DateTimeField(null=True, blank=True, help_text=_("When all of them were read."))

    class Meta:
        ordering = ("-made_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "channel"], condition=Q(ended_at=None), name="reconciliation_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def agrees(self) -> bool | None:
        """Whether both are equal to the cent, offers too; None while that is not known, as of lists not read."""
        if self.differences or self.orphans:
            return False
        return None if self.unread or self.ended_at is None else True
