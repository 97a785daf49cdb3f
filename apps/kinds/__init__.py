"""The kinds of question a campaign can ask: one folder each, found by being there."""

from apps.kinds.discovery import names, of

__all__ = ["names", "of"]
