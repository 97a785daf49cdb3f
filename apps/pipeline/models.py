"""What the belt remembers of its own: what went wrong with a step, when something is due by the clock, and what was
asked for that takes longer than a request.

Whether a step is due is otherwise never here; that is in the rows of the apps below.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.members.models import Organization, User


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


class Overdue(models.Model):
    """A step that the sweep found due for a row, and that nobody has done since; gone when somebody has."""

    step = models.CharField(max_length=64)
    key = models.CharField(max_length=64, help_text="the id of the row that the step brings forward")
    since = models.DateTimeField(help_text="when the sweep found it first")

    class Meta:
        verbose_name_plural = "overdue"
        constraints = [models.UniqueConstraint(fields=["step", "key"], name="overdue_once_a_step_and_row")]
        ordering = ["since"]

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


class Backup(models.Model):
    """A dump that was made of this database, so that every machine knows, whichever disk it lies on."""

    folder = models.CharField(max_length=1000, help_text="as it is called on the machine that made it")
    bytes = models.BigIntegerField()
    made_at = models.DateTimeField(help_text="what was committed before is in it")

    class Meta:
        indexes = [models.Index(fields=["folder", "made_at"], name="newest_backup")]
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} in {self.folder}"


class Operation(Stateful):
    """Long work that somebody asked for, to be polled: what it is (a verb of `operations.VERBS`), about which row, how
    far it is, and what came of it.

    `subject` is a typed key, as in "campaign:…"; `asked` holds what else the verb wants to know, `result` what it gave.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    MOVES: ClassVar[Moves] = {
        State.WAITING: frozenset({State.FAILED}),
        State.RUNNING: frozenset({State.WAITING, State.RUNNING}),
        State.DONE: frozenset({State.RUNNING}),
        State.FAILED: frozenset({State.WAITING, State.RUNNING}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="operations")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    done = models.BigIntegerField(default=0, help_text=_("How much is done, in whatever the verb counts."))
    total = models.BigIntegerField(default=0, help_text=_("Of how much; 0 while that is not known."))
    result = models.JSONField(default=dict)
    problem = models.TextField(blank=True, help_text=_("Why it failed, in a sentence."))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"]) ^ Q(finished_at=None), name="operation_finished_since"
            ),
            models.CheckConstraint(condition=Q(state="failed") ^ Q(problem=""), name="failed_operation_says_why"),
            models.CheckConstraint(
                condition=Q(done__gte=0, total__gte=0) & (Q(total=0) | Q(done__lte=F("total"))),
                name="operation_done_of_total",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="operation_unfinished", condition=Q(state__in=["waiting", "running"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} of {self.subject}"
