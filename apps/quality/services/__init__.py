"""Verdicts: on pages (reviewing, and disputing what was rejected) and on tasks (combining)."""

from apps.quality.services.adjudicating import CannotAdjudicate, adjudicate_task, withdraw_adjudication
from apps.quality.services.auditing import CannotAudit, adjudicate, draw_audit, judge
from apps.quality.services.combining import combine, count_change
from apps.quality.services.contesting import CannotContest, contest, look_again, reinstate
from apps.quality.services.deepening import deepen, restrict_unwanted
from apps.quality.services.disputing import CannotDispute, SamePerson, concede, decide_dispute, dispute
from apps.quality.services.grading import grade
from apps.quality.services.limits import forget_rejection_limit, set_rejection_limit
from apps.quality.services.reviewing import (
    UNDO,
    NoReason,
    approve_each,
    approve_soon,
    decide,
    doubt,
    follow_market,
    needs_second,
    propose,
    review,
    take_back,
)

__all__ = [
    "UNDO",
    "CannotAdjudicate",
    "CannotAudit",
    "CannotContest",
    "CannotDispute",
    "NoReason",
    "SamePerson",
    "adjudicate",
    "adjudicate_task",
    "approve_each",
    "approve_soon",
    "combine",
    "concede",
    "contest",
    "count_change",
    "decide",
    "decide_dispute",
    "deepen",
    "dispute",
    "doubt",
    "draw_audit",
    "follow_market",
    "forget_rejection_limit",
    "grade",
    "judge",
    "look_again",
    "needs_second",
    "propose",
    "reinstate",
    "restrict_unwanted",
    "review",
    "set_rejection_limit",
    "take_back",
    "withdraw_adjudication",
]  # fmt: skip
