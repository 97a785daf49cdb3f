"""Slots of a campaign that a market was asked to offer."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.channels.models.worlds import OfWorlds
from apps.core import clock, ids
from apps.core.states import Moves, Stateful

KEY = "labelcrowd:"


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
        DROPPED = "dropped", _("dropped")  # not wanted any more before it was offered

    OPEN = (State.PLANNED, State.LIVE, State.WITHDRAWN)
    WATCHED = (State.LIVE, State.WITHDRAWN, State.COLLECTED)  # what the market should have
    OVER = (State.DISPOSED, State.REFUSED, State.DROPPED)

    MOVES: ClassVar[Moves] = {
        State.LIVE: frozenset({State.PLANNED}),
        State.REFUSED: frozenset({State.PLANNED}),
        State.DROPPED: frozenset({State.PLANNED, State.REFUSED}),
        State.WITHDRAWN: frozenset({State.LIVE}),
        State.COLLECTED: frozenset({State.WITHDRAWN}),
        State.DISPOSED: frozenset({State.COLLECTED}),
    }

    objects = OfWorlds.as_manager()

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
    pending = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("Slots in workers' hands as the market was last seen to say; since it was taken off, the fewest."),
    )
    lease_seconds = models.PositiveIntegerField(help_text=_("How long a worker may keep a slot there."))
    name = models.CharField(max_length=100, blank=True, help_text=_("The market's name for it."))
    environment = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        default="",
        help_text=_("The market's host where it was made; empty of one made before that was kept."),
    )
    problem = models.TextField(blank=True)
    planned_at = models.DateTimeField(default=clock.now, editable=False)
    offered_at = models.DateTimeField(null=True, blank=True, help_text=_("When we knew that the market offers it."))
    expires_at = models.DateTimeField(help_text=_("Offered no longer than that."))
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text=_("When the market had taken it off."))
    looked_at = models.DateTimeField(null=True, blank=True, help_text=_("When the market's list was last read whole."))
    due_at = models.DateTimeField(default=clock.now, help_text=_("When it is to be looked at next."))
    compared_at = models.DateTimeField(
        null=True, blank=True, help_text=_("As of when its payments were last compared.")
    )
    reconciled_at = models.DateTimeField(null=True, blank=True, help_text=_("As of when both sides last agreed."))
    accepted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a person took what both sides have of it for settled.")
    )
    doubted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was last seen that something was paid by it and otherwise, too.")
    )

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
        return f"{KEY}{self.pk}"

    def is_at(self, environment: str) -> bool:
        """Return whether it was made in this world of its market, as far as that is known."""
        return self.environment in ("", environment)

    @property
    def since(self) -> datetime:
        """Since when the market should know it."""
        return self.offered_at or self.planned_at

    @staticmethod
    def of_key(key: str) -> UUID | None:
        """Return the id in such a key; None for what is no key of ours."""
        try:
            return UUID(key.removeprefix(KEY)) if key.startswith(KEY) else None
        except ValueError:
            return None
