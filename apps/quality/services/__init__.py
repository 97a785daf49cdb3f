"""Verdicts: on pages (reviewing) and on tasks (combining)."""

from apps.quality.services.combining import combine
from apps.quality.services.reviewing import decide, review

__all__ = ["combine", "decide", "review"]
