"""Verdicts: on pages (reviewing, and disputing what was rejected) and on tasks (combining)."""

from apps.quality.services.combining import combine
from apps.quality.services.contesting import CannotContest, contest, look_again, reinstate
from apps.quality.services.disputing import CannotDispute, SamePerson, concede, decide_dispute, dispute
from apps.quality.services.grading import grade
from apps.quality.services.reviewing import NoReason, count_verdict, decide, review

__all__ = [
    "CannotContest", "CannotDispute", "NoReason", "SamePerson", "combine", "concede", "contest", "count_verdict",
    "decide", "decide_dispute", "dispute", "grade", "look_again", "reinstate", "review",
]  # fmt: skip
