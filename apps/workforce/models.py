"""The people who judge: workers, what they can, and what they may not."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.members.models import Organization, User


class Channel(models.TextChoices):
    """Where a worker is met; a campaign is offered on one channel."""

    INTERNAL = "internal", _("our own pool")
    SIMULATED = "simulated", _("simulated crowd")
    MTURK = "mturk", _("a market that speaks MTurk's API")


# Where an outside market shows our pages, and pays: nothing of these goes into payouts of ours.
OUTSIDE = frozenset({Channel.MTURK.value})


class Group(models.Model):
    """Workers a requester names together, to invite or to keep apart."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="worker_groups")
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ("name",)
        verbose_name = _("worker group")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="group_name_once")]

    def __str__(self) -> str:
        return self.name


class Worker(models.Model):
    """A person as one identity on one channel of one organization; a user may be several workers."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="workers")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="workers")
    channel = models.CharField(max_length=16, choices=Channel.choices, default=Channel.INTERNAL)
    external_id = models.CharField(max_length=100, help_text=_("The channel's own name for this person."))
    name = models.CharField(max_length=150, blank=True)
    languages = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    groups = models.ManyToManyField(Group, blank=True, related_name="workers")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "channel", "external_id"], name="worker_once_a_channel"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="worker_channel_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class Invitation(Stateful):
    """An e-mail address that may become a worker, by a signed link, until it expires."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MOVES: ClassVar[Moves] = {
        State.ACCEPTED: frozenset({State.OPEN}),
        State.WITHDRAWN: frozenset({State.OPEN}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="invitations")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    email = models.EmailField(blank=True, help_text=_("Empty once the person had it erased."))
    languages = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    groups = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    worker = models.ForeignKey(Worker, models.PROTECT, null=True, blank=True, related_name="invitations")

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"], name="invited_once_at_a_time", condition=Q(state="open")
            ),
            models.CheckConstraint(condition=Q(state="accepted") ^ Q(worker=None), name="accepted_by_a_worker"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="invitation_unsent", condition=Q(state="open", sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email or 'somebody'}"


class Skill(models.Model):
    """An estimate of how often a worker is right, within a scope named by an opaque key ("campaign:…").

    What raises pay rests on known answers, too (`aggregation.online.PROVEN`, at least), and what stops a worker on a
    crowd that these bear out: a crowd that shares an error agrees with itself.
    """

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="skills")
    scope = models.CharField(max_length=80)
    mean = models.FloatField(help_text=_("Posterior mean of the share of right answers."))
    low = models.FloatField(help_text=_("Lower end of the 95 % interval."))
    high = models.FloatField(help_text=_("Upper end of the 95 % interval."))
    gold_right = models.FloatField(default=0)
    gold_answers = models.PositiveIntegerField(default=0)
    agreed = models.FloatField(default=0, help_text=_("Answers that agree with the consensus, weighed by confidence."))
    compared = models.PositiveIntegerField(default=0)
    weight = models.FloatField(
        default=0, db_default=0, help_text=_("What these weigh: an answer beside few others tells little.")
    )
    estimated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("worker", "scope")
        constraints = [
            models.UniqueConstraint(fields=["worker", "scope"], name="skill_once_a_scope"),
            models.CheckConstraint(
                condition=Q(low__gte=0, high__lte=1, mean__gte=F("low"), mean__lte=F("high")), name="skill_in_interval"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker}: {self.mean:.2f} ({self.low:.2f} to {self.high:.2f})"


class Qualification(models.Model):
    """Something a worker was granted: a language test passed, a training done; campaigns may ask for it."""

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="qualifications")
    name = models.CharField(max_length=100)
    value = models.IntegerField(default=1)
    granted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("worker", "name")
        constraints = [models.UniqueConstraint(fields=["worker", "name"], name="qualification_once")]

    def __str__(self) -> str:
        return f"{self.worker}: {self.name} = {self.value}"


class Restriction(models.Model):
    """A stop for one worker, with a reason and an end, within a scope ("campaign:…", or "" for the organization)."""

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="restrictions")
    scope = models.CharField(max_length=80, blank=True)
    reason = models.TextField()
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-starts_at",)
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="restriction_has_a_reason"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="restriction_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.worker}: {self.reason}"


class Trace(models.Model):
    """A sign by which two accounts may be one person's, as a keyed digest: whoever reads it can compare, no more."""

    class Kind(models.TextChoices):
        PAYOUT = "payout", _("paid at the same place")
        DEVICE = "device", _("working in the same browser")
        NETWORK = "network", _("working in the same range of addresses")

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="traces")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["worker", "kind", "digest"], name="trace_once")]
        indexes = [
            models.Index(fields=["digest"], name="trace_by_digest"),
            models.Index(fields=["seen_at"], name="trace_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.worker}: {self.kind}"


class Link(models.Model):
    """Two accounts that look like one person's: they never judge the same item, until a person finds they are two."""

    id = models.BigAutoField(primary_key=True)
    first = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    second = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Trace.Kind.choices, help_text=_("What both have, at first sight."))
    found_at = models.DateTimeField(default=clock.now)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True, help_text=_("Why they are two people."))

    class Meta:
        ordering = ("-found_at",)
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="link_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="link_in_order"),
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_by=None, reason="")
                | (Q(cleared_at__isnull=False, cleared_by__isnull=False) & ~Q(reason="")),
                name="link_cleared_by_a_person_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["second"], name="link_by_second", condition=Q(cleared_at=None))]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"
