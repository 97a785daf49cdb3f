"""What the belt remembers of its own: what went wrong with a step, and when something is due by the clock.

Whether a step is due is never here; that is in the rows of the apps below.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Delivery(models.Model):
    """A step for one row that was begun and has not ended well yet; gone when it has.

    A process that dies leaves its delivery counted, so that a step which kills its process is found out.
    """

    step = models.CharField(max_length=64)
    key = models.CharField(max_length=64, help_text="the id of the row that the step brings forward")
    count = models.PositiveSmallIntegerField(default=0, help_text="how often it was begun")
    begun_at = models.DateTimeField(null=True, blank=True, help_text="running since, or its process died")
    due_at = models.DateTimeField(null=True, blank=True, help_text="after a failure: not to be tried again before")
    parked_at = models.DateTimeField(null=True, blank=True, help_text="given up at, until a person decides")
    reason = models.TextField(blank=True, help_text="what went wrong the last time")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["step", "key"], name="one_delivery_per_step_and_row"),
            models.CheckConstraint(
                condition=Q(parked_at__isnull=True) | ~Q(reason=""), name="parked_deliveries_have_a_reason"
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.step} of {self.key}"


class Schedule(models.Model):
    """When something that is done by the clock is due next; what it does is said in the code."""

    name = models.CharField(primary_key=True, max_length=64)
    every_seconds = models.PositiveIntegerField()
    due_at = models.DateTimeField(db_default=Now())
    ran_at = models.DateTimeField(null=True, blank=True, help_text="last done, well or not")
    error = models.TextField(blank=True, help_text="what went wrong the last time; empty when it went well")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(every_seconds__gt=0), name="schedules_recur")]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} every {self.every_seconds} s"
