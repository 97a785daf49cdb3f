"""What a market is told of its workers, and what it calls that."""

import re
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.channels.models.worlds import OfWorlds
from apps.core import clock
from apps.core.states import Moves, Stateful
from apps.workforce.models import Worker


class Qualifier(models.Model):
    """What one of a market's worlds calls a qualification of ours: found or made there once."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=16)
    environment = models.CharField(max_length=200, help_text=_("The market's host: a sandbox knows other names."))
    name = models.CharField(max_length=100)
    known_as = models.CharField(max_length=100)
    due_at = models.DateTimeField(default=clock.now, help_text=_("When to try again to delete what nothing needs."))

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["channel", "environment", "name"], name="qualifier_once_a_world"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def campaign_id(self) -> UUID | None:
        """The campaign that it was made for alone, if it was."""
        found = re.fullmatch(r"labelcrowd ([0-9a-f]{32}): done", self.name)
        return UUID(found[1]) if found else None

    @property
    def owed(self) -> str:
        """What a slot for one worker pays by it, as its Publication says; "" for others."""
        found = re.fullmatch(r"labelcrowd (obligation:[0-9]+)", self.name)
        return found[1] if found else ""


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

    objects = OfWorlds.as_manager()

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="grants")
    environment = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        default="",
        help_text=_("The market's host that is told; empty of one older than that was kept."),
    )
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WANTED)
    reason = models.TextField(blank=True, db_default="", default="", help_text=_("Of a block; the worker reads it."))
    problem = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=0)
    unsure = models.CharField(
        max_length=16, choices=State.choices, blank=True, db_default="", default="",
        help_text=_("What the market was last told without an answer: it may take it late."),
    )  # fmt: skip
    unsure_until = models.DateTimeField(null=True, blank=True, help_text=_("How late it may take that."))
    due_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["worker", "environment", "name"], name="grant_once_a_worker"),
            models.CheckConstraint(condition=Q(unsure="") ^ ~Q(unsure_until=None), name="grant_unsure_until"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="grant_untold", condition=Q(state__in=["wanted", "unwanted"])),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.worker}"
