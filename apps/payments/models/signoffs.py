"""Decisions by which a market pays, or is booked to have paid: two people's from the policy's limit on."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock, money
from apps.members.models import Organization, User


class SignOff(models.Model):
    """One decision about a market's money, and who signed it: for that no batch is planned that another approves.

    It counts for the limit also where one person was enough: what one decides within a day is taken together. Nothing
    of it changes but who signs or refuses it; what is decided anew about the same is another one.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="signoffs")
    verb = models.CharField(max_length=32)
    subject = models.CharField(max_length=80, help_text=_("What it is about, as in obligation:…"))
    about = models.JSONField(default=dict, help_text=_("What more there is to know, to do it."))
    amount = models.BigIntegerField(help_text=_("What leaves the organization by it, with the market's fee."))
    currency = models.CharField(max_length=3)
    reason = models.TextField()
    needs_second = models.BooleanField(default=False, help_text=_("By the policy, when it was asked for."))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "verb", "subject"],
                name="signoff_waits_once",
                condition=Q(needs_second=True, signed_by=None, refused_by=None),
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="signoff_not_below_nothing"),
            models.CheckConstraint(
                condition=Q(signed_by=None) | Q(needs_second=True) & ~Q(signed_by=F("asked_by")),
                name="signoff_by_another",
            ),
            models.CheckConstraint(condition=Q(signed_by=None) ^ Q(signed_at__isnull=False), name="signoff_since"),
            models.CheckConstraint(
                condition=Q(refused_by=None) ^ Q(refused_at__isnull=False), name="signoff_refused_since"
            ),
            models.CheckConstraint(
                condition=Q(refused_by=None) | Q(needs_second=True, signed_by=None), name="signoff_refused_unsigned"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization"],
                name="signoff_waiting",
                condition=Q(needs_second=True, signed_by=None, refused_by=None),
            ),
            models.Index(fields=["asked_by", "asked_at"], name="signoff_of_a_day"),
            models.Index(fields=["subject"], name="signoff_about"),
        ]

    def __str__(self) -> str:
        return f"{self.verb}: {money.show(self.amount, self.currency)}"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody else has still to agree or refuse."""
        return not self.is_given and self.refused_by_id is None

    @property
    def is_given(self) -> bool:
        """Whether all have signed who must."""
        return not self.needs_second or self.signed_by_id is not None
