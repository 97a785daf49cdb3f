"""Questions with known answers, and who says that one is wrong."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models.campaigns import Campaign
from apps.core import clock
from apps.datasets.models import Item
from apps.workforce.models import Worker


class GoldQuestion(models.Model):
    """An item whose right answers are known; a worker can't tell it from the others."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="gold")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    answers = models.JSONField(help_text=_("A list of right answers, as the kind writes them; any of them counts."))
    reason = models.TextField(blank=True, help_text=_("Why that is the answer, for who got it wrong."))
    teaching = models.BooleanField(
        default=False, help_text=_("Workers are told the answer and the reason afterwards; it never scores.")
    )
    suspended_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when it is neither asked nor scored, as workers contest it.")
    )

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["campaign", "item"], name="gold_item_once")]

    def __str__(self) -> str:
        return f"gold {self.item}"


class Contest(models.Model):
    """A worker's word that the known answer of a gold question is wrong."""

    id = models.BigAutoField(primary_key=True)
    gold = models.ForeignKey(GoldQuestion, models.CASCADE, related_name="contests")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["gold", "worker"], name="contest_once_a_worker"),
            models.CheckConstraint(condition=~Q(text=""), name="contest_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.worker} contests {self.gold}"
