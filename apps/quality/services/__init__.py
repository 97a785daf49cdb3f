"""Verdicts: on pages (reviewing, and disputing what was rejected) and on tasks (combining)."""

from apps.quality.services.auditing import CannotAudit, adjudicate, draw_audit, judge
from apps.quality.services.combining import combine, count_change
from apps.quality.services.contesting import CannotContest, contest, look_again, reinstate
from apps.quality.services.deepening import deepen, restrict_unwanted
from apps.quality.services.disputing import CannotDispute, SamePerson, concede, decide_dispute, dispute
from apps.quality.services.grading import grade
from apps.quality.services.reviewing import NoReason, decide, review

__all__ = [
    "CannotAudit", "CannotContest", "CannotDispute", "NoReason", "SamePerson", "adjudicate", "combine", "concede",
    "contest", "count_change", "decide", "decide_dispute", "deepen", "dispute", "draw_audit", "grade", "judge",
    "look_again", "reinstate", "restrict_unwanted", "review",
]  # fmt: skip
