"""What workers are told to do."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models.campaigns import Campaign
from apps.core import clock


class Guidelines(models.Model):
    """One version of what workers are told to do; a judgment knows the version it was made under."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="guidelines")
    version = models.PositiveIntegerField()
    text = models.TextField(help_text=_("Markdown."))
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("campaign", "-version")
        verbose_name_plural = _("guidelines")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "version"], name="guidelines_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="guidelines_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, version {self.version}"
