"""One slot, as a worker's browser names it and the market's list confirms it, tied to a page of ours."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.channels.models.publications import Publication
from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.work.models import Assignment
from apps.workforce.models import Worker


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
    besides = models.BooleanField(
        db_default=False,
        default=False,
        help_text=_("The market won't approve it, and a person had it paid by a bonus or an own slot."),
    )
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
        return self.assignment
