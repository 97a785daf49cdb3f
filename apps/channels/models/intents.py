"""What a market is asked for, once: a row committed before anything is sent; it gets the receipt."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.members.models import Organization

CALL_LASTS = timedelta(minutes=2)  # a sending that began longer ago has had its answer, or never gets one


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
        DROPPED = "dropped", _("dropped")  # nobody wants it any more, and nothing of it was seen to happen

    MOVES: ClassVar[Moves] = {
        State.SENDING: frozenset({State.PLANNED, State.SENDING}),
        State.PLANNED: frozenset({State.SENDING}),  # the first sending is known not to have arrived
        State.DONE: frozenset({State.SENDING, State.DROPPED}),  # of what was given up: as somebody saw at the market
        State.REFUSED: frozenset({State.SENDING}),
        State.DROPPED: frozenset({State.PLANNED, State.SENDING}),  # of what was sent: never seen, its token forgotten
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="channel_intents")
    channel = models.CharField(max_length=16)
    verb = models.CharField(max_length=16, choices=Verb.choices)
    key = models.CharField(max_length=120, help_text=_("What it is for, as in bonus:…; one intent each."))
    asked = models.JSONField(help_text=_("What is asked, fixed when it was planned."))
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    sent_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was first sent."))
    begun_at = models.DateTimeField(null=True, blank=True, help_text=_("When a sending of it last began."))
    receipt = models.CharField(max_length=200, blank=True, help_text=_("The market's name for what it did."))
    problem = models.TextField(blank=True, help_text=_("What went wrong last."))
    unreached = models.JSONField(
        null=True, blank=True, help_text=_("Of a message: whom it was not sent to, and why; null until it was.")
    )
    tries = models.PositiveIntegerField(default=0, help_text=_("How often it was sent in vain."))
    due_at = models.DateTimeField(default=clock.now, help_text=_("When it is to be sent next."))
    planned_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("planned_at",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "channel", "verb", "key"], name="intent_once"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "dropped"]) | Q(sent_at__isnull=False), name="intent_sent_since"
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(problem=""), name="intent_refused_why"),
        ]
        indexes = [
            models.Index(fields=["planned_at"], name="intent_open", condition=Q(state__in=["planned", "sending"])),
            models.Index(F("asked__publication"), name="intent_of_offer"),
            models.Index(
                fields=["organization", "sent_at"],
                name="intent_bonus_paid",
                condition=Q(verb="pay_bonus", state="done"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"

    @property
    def token(self) -> str:
        """What the market tells this intent by: always the same, and nobody else's."""
        return f"labelcrowd-{self.pk.hex}"
