"""Tasks, the pages of them that workers lease, and the judgments that come back.

What the database keeps, whatever the code does: no task is taken beyond the judgments it wants, no worker gets a task
twice, a worker holds at most two pages of a campaign, one judgment for one place.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.datasets.models import Item
from apps.members.models import Organization
from apps.workforce.models import Worker


class Task(models.Model):
    """One item to be judged in one campaign; knows how many judgments it still wants.

    `taken` counts its live places (open or answered) and `judged` its answers. Gold tasks want none: they stand outside
    redundancy. `shuffle` is the random order in which workers walk through the campaign.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        BROKEN = "broken", _("broken")  # reported by workers; no longer served
        SUSPENDED = "suspended", _("suspended")  # gold whose known answer workers contest; no longer served
        SETTLED = "settled", _("settled")  # a person gave its label; no longer served

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="tasks", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="tasks")
    gold = models.BooleanField(default=False)
    reserved = models.BooleanField(default=False, help_text=_("Only for the workers named for it."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    wanted = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    fee = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        help_text=_("For a judgment, of a task asked for by itself: minor units to whom it is due."),
    )
    judged = models.PositiveSmallIntegerField(default=0)
    shuffle = models.IntegerField()
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Handed out no more from then on; empty means as long as its campaign runs.")
    )

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["campaign", "item"], name="task_once"),
            models.CheckConstraint(condition=Q(taken__lte=F("wanted")), name="task_never_past_redundancy"),
            models.CheckConstraint(condition=Q(judged__lte=F("taken")), name="task_judged_was_taken"),
            models.CheckConstraint(condition=Q(gold=False) | Q(wanted=0), name="gold_outside_redundancy"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "shuffle"],
                name="task_open",
                condition=Q(state="open", gold=False, reserved=False, taken__lt=F("wanted")),
            ),
            models.Index(fields=["campaign", "shuffle"], name="task_gold", condition=Q(state="open", gold=True)),
            models.Index(
                fields=["campaign", "id"],
                name="task_unfinished",
                condition=Q(state="open", gold=False, judged__lt=F("wanted")),
            ),
            models.Index(
                fields=["closes_at"],
                name="task_closing",
                condition=Q(closes_at__isnull=False, taken__lt=F("wanted")),
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"


class Split(models.Model):
    """How far a campaign's dataset has been split into tasks: what is due is a comparison of two numbers."""

    campaign = models.OneToOneField(Campaign, models.PROTECT, primary_key=True, related_name="split")
    up_to_item = models.BigIntegerField(default=0)
    left_out = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("Items without a suggestion, where workers see one at every question.")
    )

    class Meta:
        ordering = ("campaign",)

    def __str__(self) -> str:
        return f"{self.campaign} up to item {self.up_to_item}"


class Seat(models.Model):
    """One worker in one campaign: how far the walk through its tasks has come, and what was handed out.

    Its row lock is what makes parallel fetches of one worker wait for each other, and its counters are why a lease
    costs the same for the first page and the fifty-thousandth.
    """

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="seats")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="seats")
    task_cursor = models.IntegerField()
    gold_cursor = models.IntegerField()
    places = models.PositiveIntegerField(default=0)
    golds = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0, help_text=_("Pages handed in."))
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["campaign", "worker"], name="seat_once")]

    def __str__(self) -> str:
        return f"{self.worker} in {self.campaign}"


class Assignment(Stateful):
    """One page leased to one worker, with a deadline; pay attaches here, at the rate in force when it was leased."""

    class State(models.TextChoices):
        LEASED = "leased", _("in hand")
        SUBMITTED = "submitted", _("handed in")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        RETURNED = "returned", _("given back")
        EXPIRED = "expired", _("expired")

    MOVES: ClassVar[Moves] = {
        # Late, where nobody else was asked; of a market's slot also what was given back as that did not list it yet.
        State.SUBMITTED: frozenset({State.LEASED, State.EXPIRED, State.RETURNED}),
        State.RETURNED: frozenset({State.LEASED}),
        State.EXPIRED: frozenset({State.LEASED}),
        State.APPROVED: frozenset({State.SUBMITTED, State.REJECTED}),
        State.REJECTED: frozenset({State.SUBMITTED}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="assignments", db_index=False)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="assignments", db_index=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.LEASED)
    slot = models.PositiveSmallIntegerField(default=1, help_text=_("1, or 2 for the page fetched ahead."))
    guidelines = models.PositiveIntegerField(help_text=_("Version shown."))
    price = models.BigIntegerField(help_text=_("Of a full page, in minor units, when it was leased."))
    page_size = models.PositiveSmallIntegerField(help_text=_("Of a full page, when it was leased."))
    currency = models.CharField(max_length=3)
    whole = models.BooleanField(
        default=False, help_text=_("It earns its price as a whole, whatever is on it: a market pays by the page.")
    )
    places_count = models.PositiveSmallIntegerField()
    held = models.BigIntegerField(help_text=_("Held of the campaign's budget for this page, in minor units."))
    pay = models.BigIntegerField(default=0, help_text=_("What it earns if approved: fixed when it is handed in."))
    leased_at = models.DateTimeField(default=clock.now, editable=False)
    shown_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its clock started: a page fetched ahead waits for that.")
    )
    expires_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submit_digest = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of what was handed in."))
    active_seconds = models.FloatField(
        null=True,
        blank=True,
        help_text=_("Time worked on it, pauses left out, as the worker's browser says; at most its time in hand."),
    )
    signs = models.JSONField(
        null=True,
        blank=True,
        help_text=_("How often keys and pointers were pressed and the page was left, as the worker's browser says."),
    )
    review_after = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Till then the worker may change what was handed in; empty means not at all."),
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    disputable_until = models.DateTimeField(
        null=True, blank=True, help_text=_("A rejected page's money is held till then.")
    )

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "worker", "slot"], name="two_pages_in_hand_at_most", condition=Q(state="leased")
            ),
            models.CheckConstraint(condition=Q(slot__in=[1, 2]), name="assignment_slot"),
            models.CheckConstraint(
                condition=Q(held__gte=0, price__gte=0, pay__gte=0), name="assignment_money_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(active_seconds=None) | Q(active_seconds__gte=0, submitted_at__isnull=False),
                name="assignment_active_once_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(held=F("pay")), name="submitted_assignment_holds_its_pay"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["leased", "returned", "expired"]) ^ Q(submitted_at__isnull=False),
                name="assignment_submitted_since",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "rejected"]) ^ Q(decided_at=None), name="assignment_decided_since"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "expired", "approved"]) | Q(held=0),
                name="closed_assignment_holds_nothing",
            ),
            models.CheckConstraint(
                condition=Q(state="rejected") ^ Q(disputable_until=None), name="rejected_assignment_disputable"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="assignment_leased", condition=Q(state="leased")),
            models.Index(fields=["submitted_at"], name="assignment_submitted", condition=Q(state="submitted")),
            models.Index(
                fields=["disputable_until"], name="assignment_disputable", condition=Q(state="rejected", held__gt=0)
            ),
            models.Index(fields=["campaign", "state"], name="assignment_by_campaign"),
            models.Index(fields=["campaign", "leased_at"], name="assignment_by_lease"),
            models.Index(fields=["worker", "submitted_at"], name="assignment_by_worker"),
        ]

    # Of a page that was just handed out: its questions' tokens and items' data, so that nobody needs to ask for them.
    handed_out: Sequence[tuple[UUID, Any]] | None = None

    def __str__(self) -> str:
        return f"page {self.pk}"

    @property
    def started_at(self) -> datetime:
        """When its time began to run."""
        return self.shown_at or self.leased_at


class Place(models.Model):
    """One task on an assignment's page. `token` is all a worker sees of it, and the fence against late answers."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        SKIPPED = "skipped", _("skipped")  # by the worker: not offered to them again
        BROKEN = "broken", _("reported as broken")
        RELEASED = "released", _("released")  # unanswered when the lease ended: may reopen, under a new token
        HEARD = "heard", _("report looked into")  # by the requester, who offers the task again
        VOID = "void", _("void")  # answered on a page that was rejected
        OUTDATED = "outdated", _("outdated")  # answered by older guidelines, and asked anew of others

    id = models.BigAutoField(primary_key=True)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="places")
    task = models.ForeignKey(Task, models.PROTECT, related_name="places", db_index=False)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    token = models.UUIDField(default=ids.new_token)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    note = models.TextField(blank=True, help_text=_("Why it was skipped, or what is broken."))
    withheld = models.FloatField(
        null=True,
        editable=False,
        help_text=_("Share of questions asked without a suggestion when this was drawn; none where workers saw none."),
    )

    class Meta:
        ordering = ("assignment", "position")
        constraints = [models.UniqueConstraint(fields=["task", "worker"], name="task_once_a_worker")]
        indexes = [
            models.Index(fields=["worker"], name="place_reported", condition=Q(state__in=["broken", "heard"])),
        ]

    def __str__(self) -> str:
        return f"place {self.position} of {self.assignment_id}"


class Judgment(models.Model):
    """One worker's answer to one task."""

    id = models.BigAutoField(primary_key=True)
    place = models.OneToOneField(Place, models.PROTECT, related_name="judgment")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judgments", db_index=False)
    task = models.ForeignKey(Task, models.PROTECT, related_name="judgments")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="judgments", db_index=False)
    answer = models.JSONField(help_text=_("As the kind writes it."))
    counted = models.BooleanField(
        default=True, help_text=_("False once its page was rejected, or its item is asked anew by better guidelines.")
    )
    guidelines = models.PositiveIntegerField(help_text=_("Version it was made under."))
    seconds = models.FloatField(help_text=_("The page's time in hand divided by its places, by the server's clock."))
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["campaign", "id"], name="judgment_by_campaign")]

    def __str__(self) -> str:
        return f"judgment {self.pk}"
