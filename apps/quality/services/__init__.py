"""Verdicts: on pages (reviewing, and disputing what was rejected) and on tasks (combining)."""

from apps.quality.services.combining import combine
from apps.quality.services.disputing import CannotDispute, SamePerson, concede, decide_dispute, dispute
from apps.quality.services.reviewing import NoReason, count_verdict, decide, review

__all__ = [
    "CannotDispute", "NoReason", "SamePerson", "combine", "concede", "count_verdict", "decide",
    "decide_dispute", "dispute", "review",
]  # fmt: skip
