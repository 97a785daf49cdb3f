"""What is told: to an organization's machines by webhooks, and to its people by mail."""

import json
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids
from apps.core.resting import Resting
from apps.core.states import Moves, Stateful
from apps.members.models import Organization, Role, User


class Event(models.TextChoices):
    CAMPAIGN_LAUNCHED = "campaign.launched", _("a campaign was launched")
    CAMPAIGN_OPENED = "campaign.opened", _("a campaign hands out pages")
    CAMPAIGN_PAUSED = "campaign.paused", _("a campaign was paused")
    CAMPAIGN_RESUMED = "campaign.resumed", _("a campaign hands out pages again")
    CAMPAIGN_STOPPED = "campaign.stopped", _("a campaign was stopped")
    CAMPAIGN_ENDED = "campaign.ended", _("a campaign has ended, and its labels are final")
    ASSIGNMENT_APPROVED = "assignment.approved", _("a page was approved")
    ASSIGNMENT_REJECTED = "assignment.rejected", _("a page was rejected")
    ASSIGNMENT_EXPIRED = "assignment.expired", _("a page's lease ran out")
    CONSENSUS_UPDATED = "consensus.updated", _("labels of a campaign were combined from new judgments")
    PAYOUT_SENT = "payout.sent", _("a payout was sent")
    PAYOUT_FAILED = "payout.failed", _("a payout did not go through")
    PAYOUT_RETURNED = "payout.returned", _("a payout came back")


class Endpoint(Resting):
    """An address that is told of events. Its secret signs what it is told; it lies here sealed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="endpoints")
    url = models.URLField(max_length=500)
    events = ArrayField(models.CharField(max_length=40, choices=Event.choices))
    sealed = models.TextField(help_text=_("The secret, under the vault's key."))
    sealed_before = models.TextField(blank=True, help_text=_("The one before it, which signs too for a while."))
    before_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("webhook endpoint")
        constraints = [
            models.CheckConstraint(
                condition=Q(events__len__gte=1, events__contained_by=Event.values), name="endpoint_events_known"
            ),
            models.CheckConstraint(
                condition=Q(sealed_before="") ^ Q(before_until__isnull=False), name="endpoint_before"
            ),
        ]

    def __str__(self) -> str:
        return self.url


class Notice(Stateful):
    """One event for one endpoint. Written with what it tells of; sent later, until it was taken or given up.

    `body` is what is sent, the same at every try; `key` names the event, so that it is told once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")

    MOVES: ClassVar[Moves] = {
        State.WAITING: frozenset({State.SENT, State.FAILED, State.WAITING}),
        State.SENT: frozenset({State.WAITING}),
        State.FAILED: frozenset({State.WAITING}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="notices", db_index=False)
    event = models.CharField(max_length=40, choices=Event.choices)
    key = models.CharField(max_length=160)
    body = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("Since it was made, or replayed."))
    due_at = models.DateTimeField(default=clock.now, help_text=_("When it is tried next."))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "key"], name="notice_once_an_event"),
            models.CheckConstraint(condition=Q(state="sent") ^ Q(sent_at=None), name="notice_sent_since"),
        ]
        indexes = [models.Index(fields=["due_at"], name="notice_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.event} for {self.endpoint_id}"

    @property
    def content(self) -> Any:
        """What is sent, read."""
        return json.loads(self.body)


class Attempt(models.Model):
    """One try to send a notice, and what came of it. The answer's text is kept nowhere."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=clock.now, editable=False)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Of the answer; empty without one."))
    problem = models.TextField(blank=True)
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.status or self.problem}"


class Mail(models.Model):
    """A mail to an organization's people, by their roles. Written with what it tells of; sent later, until it is.

    `key` names what it tells of, so that it is told once. Who has the roles is asked when it is sent.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    key = models.CharField(max_length=160)
    roles = ArrayField(models.CharField(max_length=16, choices=Role.choices))
    but = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", help_text=_("Who is not told, for they know.")
    )
    subject = models.CharField(max_length=250)
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="mail_once_an_event")]
        indexes = [models.Index(fields=["created_at"], name="mail_unsent", condition=Q(sent_at=None))]

    def __str__(self) -> str:
        return self.subject
