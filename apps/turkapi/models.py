"""What MTurk's API knows and the house has no noun for: access keys, HIT types, HITs, qualification types, tokens.

A HIT type is a campaign, a HIT a task of it, an assignment a page; rows here only add what their API says besides.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.members.models import Organization, Token, User
from apps.payments.models import Obligation
from apps.work.models import Assignment, Task
from apps.workforce.models import Worker


class AccessKey(models.Model):
    """A requester's key to the API: acts for one organization, in the name of one of its members."""

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="access_keys")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", help_text=_("In whose name it acts."))
    note = models.CharField(max_length=100, blank=True, help_text=_("What it is for."))
    token = models.ForeignKey(
        Token, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("That made it, with which it ends.")
    )
    secret = models.TextField(editable=False, help_text=_("Sealed under a key outside the database."))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("access key")

    def __str__(self) -> str:
        return self.id


class HitType(models.Model):
    """What the HITs of one campaign have in common, in MTurk's words; equal values are one type."""

    campaign = models.OneToOneField(Campaign, models.PROTECT, primary_key=True, related_name="hit_type")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    digest = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("SHA-256 of the values it was made of; empty once it was stopped and another took its place."),
    )
    title = models.CharField(max_length=128)
    description = models.TextField()
    keywords = models.TextField(blank=True)
    requirements = models.JSONField(default=list, help_text=_("Qualification requirements as they were given."))

    class Meta:
        ordering = ("campaign",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "digest"], condition=~Q(digest=""), name="hit_type_once")
        ]

    def __str__(self) -> str:
        return self.title


class Hit(models.Model):
    """One question asked of so many workers until a time: a task, with what MTurk says of it besides."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    type = models.ForeignKey(HitType, models.PROTECT, related_name="hits")
    task = models.OneToOneField(Task, models.PROTECT, related_name="hit")
    annotation = models.CharField(max_length=255, blank=True)
    most = models.PositiveIntegerField(help_text=_("MaxAssignments."))
    reviewing = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    disposed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "HIT"
        constraints = [models.CheckConstraint(condition=Q(most__gte=1), name="hit_asks_somebody")]

    def __str__(self) -> str:
        return self.id.hex.upper()


class RequestToken(models.Model):
    """A UniqueRequestToken that was used, and what the call made; a day later it may be used again.

    Or, where a call has none, its client's own id for it, and the whole answer.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    operation = models.CharField(max_length=64)
    token = models.CharField(max_length=64)
    made = models.CharField(max_length=64, blank=True, help_text=_("A HIT's id, where the call made one."))
    answer = models.JSONField(null=True, help_text=_("Of a call without a token of the requester's."))
    used_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "operation", "token"], name="request_token_once")
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.token}"


class Bonus(models.Model):
    """For which assignment a bonus was given: MTurk's are, ours may be for anything."""

    obligation = models.OneToOneField(Obligation, models.PROTECT, primary_key=True, related_name="turk_bonus")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="turk_bonuses")

    class Meta:
        ordering = ("obligation",)
        verbose_name_plural = _("bonuses")

    def __str__(self) -> str:
        return str(self.obligation)


class QualificationType(models.Model):
    """A qualification that a requester made: grants of it are the workforce's, by the name that it alone has there."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="qualification_types")
    name = models.CharField(max_length=100)
    other_name = models.CharField(
        max_length=100, blank=True, default="", db_default="",
        help_text=_("What the workforce calls it, where another type had its name before, or it is not to be granted."),
    )  # fmt: skip
    description = models.TextField()
    keywords = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    retry_seconds = models.PositiveIntegerField(null=True, blank=True)
    test = models.TextField(blank=True)
    answer_key = models.TextField(blank=True)
    test_seconds = models.PositiveIntegerField(null=True, blank=True)
    auto_granted = models.BooleanField(default=False)
    auto_value = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], condition=Q(deleted_at=None), name="qualification_type_name_once"
            ),
            models.CheckConstraint(
                condition=Q(auto_granted=False) | Q(test=""), name="qualification_granted_or_tested"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def known_as(self) -> str:
        """What workers are granted and campaigns ask for: no type made since is known as another one was."""
        return self.other_name or self.name


class QualificationRequest(Stateful):
    """A worker's wish for a qualification, with the answers to its test; a requester grants or rejects it."""

    class State(models.TextChoices):
        STARTED = "started", _("at the test")  # its time runs from `requested_at`
        PENDING = "pending", _("pending")
        GRANTED = "granted", _("granted")
        REJECTED = "rejected", _("rejected")

    MOVES: ClassVar[Moves] = {
        State.PENDING: frozenset({State.STARTED}),
        State.GRANTED: frozenset({State.STARTED, State.PENDING}),
        State.REJECTED: frozenset({State.STARTED, State.PENDING}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    type = models.ForeignKey(QualificationType, models.PROTECT, related_name="requests")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    answer = models.TextField(blank=True, help_text=_("To the test, as QuestionFormAnswers."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    reason = models.TextField(blank=True, help_text=_("Why it was rejected."))
    requested_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["type", "worker"], condition=Q(state="pending"), name="qualification_requested_once"
            ),
            models.UniqueConstraint(
                fields=["type", "worker"], condition=Q(state="started"), name="qualification_test_started_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} asks for {self.type}"
