"""What we asked of a market: the intent is a row, committed before anything is sent; it gets the receipt.

A publication is one offer of slots; a claim ties one slot, as a worker's browser names it and the market's list
confirms it, to a page of ours.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.members.models import Organization
from apps.work.models import Assignment
from apps.workforce.models import Worker


class Intent(Stateful):
    """One thing that a market is to do once: named by a key of ours, sent under a token made of this row's id."""

    class Verb(models.TextChoices):
        PUBLISH = "publish", _("publish")
        EXTEND = "extend", _("extend")
        APPROVE = "approve", _("approve")
        REJECT = "reject", _("reject")
        PAY_BONUS = "pay_bonus", _("pay a bonus")
        NOTIFY = "notify", _("write to workers")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")  # nothing of it has left us
        SENDING = "sending", _("sending")  # it may have happened
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        DROPPED = "dropped", _("dropped")  # nobody wants it any more, and nothing of it had left us

    MOVES: ClassVar[Moves] = {
        State.SENDING: frozenset({State.PLANNED, State.SENDING}),
        State.PLANNED: frozenset({State.SENDING}),  # the first sending is known not to have arrived
        State.DONE: frozenset({State.SENDING}),
        State.REFUSED: frozenset({State.SENDING}),
        State.DROPPED: frozenset({State.PLANNED}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="channel_intents")
    channel = models.CharField(max_length=16)
    verb = models.CharField(max_length=16, choices=Verb.choices)
    key = models.CharField(max_length=120, help_text=_("What it is for, as in bonus:…; one intent each."))
    asked = models.JSONField(help_text=_("What is asked, fixed when it was planned."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    sent_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was first sent."))
    receipt = models.CharField(max_length=200, blank=True, help_text=_("The market's name for what it did."))
    problem = models.TextField(blank=True, help_text=_("What went wrong last."))
    tries = models.PositiveIntegerField(default=0, help_text=_("How often it was sent in vain."))
    due_at = models.DateTimeField(default=clock.now, help_text=_("When it is to be sent next."))
    planned_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("planned_at",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "channel", "verb", "key"], name="intent_once"),
            models.CheckConstraint(condition=Q(state="planned") | Q(sent_at__isnull=False), name="intent_sent_since"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(problem=""), name="intent_refused_why"),
        ]
        indexes = [
            models.Index(fields=["planned_at"], name="intent_open", condition=Q(state__in=["planned", "sending"]))
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"

    @property
    def token(self) -> str:
        """What the market tells this intent by: always the same, and nobody else's."""
        return f"labelcrowd-{self.pk.hex}"


class Publication(Stateful):
    """Slots of a campaign that a market was asked to offer, at terms that stay; as many as `slots`, or `asked` soon.

    `held` is what the campaign's budget holds for it: of each slot that nobody has, its reward and the market's fee; of
    each that somebody has, the fee, for the reward is held by the page.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        LIVE = "live", _("live")
        WITHDRAWN = "withdrawn", _("withdrawn")  # offered no more; who is at work may finish
        COLLECTED = "collected", _("collected")  # nobody is at work, and everything handed in is known
        DISPOSED = "disposed", _("disposed")  # deleted there
        REFUSED = "refused", _("refused")  # never offered: a person looks
        DROPPED = "dropped", _("dropped")  # not wanted any more before anything of it had left us

    OPEN = (State.PLANNED, State.LIVE, State.WITHDRAWN)

    MOVES: ClassVar[Moves] = {
        State.LIVE: frozenset({State.PLANNED}),
        State.REFUSED: frozenset({State.PLANNED}),
        State.DROPPED: frozenset({State.PLANNED, State.REFUSED}),
        State.WITHDRAWN: frozenset({State.LIVE}),
        State.COLLECTED: frozenset({State.WITHDRAWN}),
        State.DISPOSED: frozenset({State.COLLECTED}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="publications")
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    owed = models.CharField(
        max_length=80, blank=True, help_text=_("Of a slot for one worker who is owed it anyway: obligation:…")
    )
    asked = models.PositiveSmallIntegerField(help_text=_("Slots that are wanted of it."))
    slots = models.PositiveSmallIntegerField(default=0, help_text=_("Slots that the market was seen to offer."))
    reward = models.BigIntegerField(help_text=_("For a slot, in minor units."))
    fee = models.BigIntegerField(help_text=_("The market's, for a slot, in minor units."))
    held = models.BigIntegerField(default=0)
    lease_seconds = models.PositiveIntegerField(help_text=_("How long a worker may keep a slot there."))
    name = models.CharField(max_length=100, blank=True, help_text=_("The market's name for it."))
    problem = models.TextField(blank=True)
    planned_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(help_text=_("Offered no longer than that."))
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text=_("When the market had taken it off."))
    looked_at = models.DateTimeField(null=True, blank=True, help_text=_("When the market's list was last read whole."))
    due_at = models.DateTimeField(default=clock.now, help_text=_("When it is to be looked at next."))
    reconciled_at = models.DateTimeField(null=True, blank=True, help_text=_("When both sides last agreed."))

    class Meta:
        ordering = ("planned_at",)
        constraints = [
            models.UniqueConstraint(fields=["channel", "name"], condition=~Q(name=""), name="publication_once"),
            models.CheckConstraint(
                condition=Q(held__gte=0, reward__gte=0, fee__gte=0), name="publication_money_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "refused", "dropped"]) | ~Q(name=""),
                name="publication_named_once_live",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "dropped", "disposed"]) | Q(held=0),
                name="ended_publication_holds_nothing",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(problem=""), name="publication_refused_why"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="publication_due", condition=~Q(state__in=["disposed", "refused", "dropped"])
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"publication {self.pk}"

    @property
    def key(self) -> str:
        """What the market keeps with it, to be found by."""
        return f"labelcrowd:{self.pk}"


class Claim(Stateful):
    """One slot as a worker's browser says it was accepted, tied to a page of ours; true once the market lists it.

    Markets give the name of a slot that was returned to the next worker: so a claim is by slot and worker. What was
    handed in here waits in `answers` until it is confirmed, and is no judgment before.
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", _("claimed")
        CONFIRMED = "confirmed", _("confirmed")
        LAPSED = "lapsed", _("lapsed")

    MOVES: ClassVar[Moves] = {
        State.CLAIMED: frozenset({State.LAPSED}),
        State.CONFIRMED: frozenset({State.CLAIMED, State.LAPSED}),
        State.LAPSED: frozenset({State.CLAIMED}),
    }

    class Verdict(models.TextChoices):
        SUBMITTED = "submitted", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="claims")
    state = models.CharField(max_length=16, choices=State.choices, default=State.CLAIMED)
    assignment = models.CharField(max_length=64, help_text=_("The market's name for the slot."))
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="claims")
    page = models.OneToOneField(Assignment, models.PROTECT, null=True, blank=True, related_name="claim")
    answers = models.JSONField(null=True, blank=True, help_text=_("As they were handed in here."))
    digest = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the answers."))
    active_seconds = models.FloatField(null=True, blank=True)
    verdict = models.CharField(
        max_length=16, choices=Verdict.choices, blank=True, help_text=_("As the market was last seen to say.")
    )
    settled = models.BooleanField(default=False, help_text=_("Nothing is left to do or to pay for it."))
    note = models.CharField(max_length=200, blank=True, help_text=_("Why its answers don't count, where they don't."))
    claimed_at = models.DateTimeField(default=clock.now, editable=False)
    saved_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=clock.now, help_text=_("When its verdict is to be told again."))

    class Meta:
        ordering = ("claimed_at",)
        constraints = [
            models.UniqueConstraint(fields=["publication", "assignment", "worker"], name="claim_once_a_worker"),
            models.CheckConstraint(condition=Q(state="confirmed") ^ Q(confirmed_at=None), name="claim_confirmed_since"),
            models.CheckConstraint(condition=Q(verdict="") | Q(state="confirmed"), name="claim_judged_once_confirmed"),
            models.CheckConstraint(
                condition=Q(answers__isnull=True) ^ ~Q(digest=""), name="claim_answers_with_their_digest"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="claim_untold", condition=Q(state="confirmed", settled=False)),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} by {self.worker_id}"


class Qualifier(models.Model):
    """What one of a market's worlds calls a qualification of ours: found or made there once."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=16)
    environment = models.CharField(max_length=200, help_text=_("The market's host: a sandbox knows other names."))
    name = models.CharField(max_length=100)
    known_as = models.CharField(max_length=100)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["channel", "environment", "name"], name="qualifier_once_a_world"),
        ]

    def __str__(self) -> str:
        return self.name


class Grant(Stateful):
    """A qualification that a worker should have at their market, or no longer: what the market was told of it.

    Mostly one that offers ask nobody to have: by it a worker is kept from offers without any mark on their account.
    """

    class State(models.TextChoices):
        WANTED = "wanted", _("to be granted")
        GRANTED = "granted", _("granted")
        UNWANTED = "unwanted", _("to be revoked")
        REVOKED = "revoked", _("revoked")

    MOVES: ClassVar[Moves] = {
        State.WANTED: frozenset({State.UNWANTED, State.REVOKED}),
        State.GRANTED: frozenset({State.WANTED}),
        State.UNWANTED: frozenset({State.WANTED, State.GRANTED}),
        State.REVOKED: frozenset({State.UNWANTED}),
    }

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="grants")
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WANTED)
    problem = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["worker", "name"], name="grant_once_a_worker")]
        indexes = [
            models.Index(fields=["due_at"], name="grant_untold", condition=Q(state__in=["wanted", "unwanted"])),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.worker}"


class Purse(models.Model):
    """The money that a market holds for us, as last seen; and since when it is low, told once each time."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=16)
    environment = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField()
    needed = models.BigIntegerField(default=0, help_text=_("What open offers may still cost."))
    seen_at = models.DateTimeField(default=clock.now)
    low_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("channel", "environment")
        constraints = [models.UniqueConstraint(fields=["channel", "environment"], name="purse_once_a_world")]

    def __str__(self) -> str:
        return f"{self.channel} at {self.environment}"


class Reconciliation(models.Model):
    """The market's list of payments against ours, at one moment: append-only."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="reconciliations")
    channel = models.CharField(max_length=16)
    publications = models.PositiveIntegerField(help_text=_("How many were compared."))
    pending = models.PositiveIntegerField(help_text=_("Payments left out that were just on their way."))
    ours = models.PositiveIntegerField(help_text=_("Payments in our books."))
    ours_amount = models.BigIntegerField()
    market = models.PositiveIntegerField(help_text=_("Payments in the market's list."))
    market_amount = models.BigIntegerField()
    fees = models.BigIntegerField(help_text=_("That we booked for them: the market's list names none."))
    currency = models.CharField(max_length=3)
    differences = models.JSONField(default=list, help_text=_("What one side has and the other has not."))
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.channel} {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def agrees(self) -> bool:
        return not self.differences
