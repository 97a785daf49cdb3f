"""Who wants to be told what becomes of a campaign's HITs, in MTurk's words, and what they were told."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock, ids
from apps.core.resting import Resting
from apps.core.states import Moves, Stateful


class Kind(models.TextChoices):
    """What may happen, as MTurk names it; Ping happens to nothing, and is sent when it is asked for."""

    ACCEPTED = "AssignmentAccepted"
    ABANDONED = "AssignmentAbandoned"
    RETURNED = "AssignmentReturned"
    SUBMITTED = "AssignmentSubmitted"
    REJECTED = "AssignmentRejected"
    APPROVED = "AssignmentApproved"
    HIT_CREATED = "HITCreated"
    HIT_EXTENDED = "HITExtended"
    HIT_DISPOSED = "HITDisposed"
    HIT_REVIEWABLE = "HITReviewable"
    HIT_EXPIRED = "HITExpired"
    PING = "Ping"


class Listener(Resting):
    """Where the events of one campaign's HITs are told, and which. What happened before `since` is not told."""

    class Transport(models.TextChoices):
        SQS = "SQS"
        SNS = "SNS"
        WEBHOOK = "webhook", _("webhook")

    campaign = models.OneToOneField(Campaign, models.PROTECT, primary_key=True, related_name="hit_listener")
    transport = models.CharField(max_length=8, choices=Transport.choices)
    destination = models.CharField(max_length=500, help_text=_("A queue's URL, a topic's ARN or a web address."))
    version = models.CharField(max_length=16)
    kinds = ArrayField(models.CharField(max_length=32, choices=Kind.choices))
    active = models.BooleanField(default=True)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("campaign",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kinds__len__gte=1, kinds__contained_by=Kind.values), name="listener_kinds_known"
            )
        ]

    def __str__(self) -> str:
        return self.destination


class HitEvent(Stateful):
    """One thing that happened, for one listener: written from the rows, sent later, until it is taken or given up."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")

    MOVES: ClassVar[Moves] = {
        State.WAITING: frozenset({State.WAITING}),
        State.SENT: frozenset({State.WAITING}),
        State.FAILED: frozenset({State.WAITING}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    listener = models.ForeignKey(Listener, models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    hit = models.CharField(max_length=64)
    assignment = models.UUIDField(null=True, blank=True)
    once = models.CharField(max_length=64, blank=True, help_text=_("What tells this time from another of the same."))
    at = models.DateTimeField(help_text=_("When it happened, as far as that is written down."))
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    problem = models.TextField(blank=True, help_text=_("Why the last try failed."))

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["listener", "kind", "hit", "assignment", "once"],
                nulls_distinct=False,
                name="hit_event_told_once",
            )
        ]
        indexes = [models.Index(fields=["due_at"], name="hit_event_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.kind} of {self.hit}"
