"""A number on the overview."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """One number; `tone` is "", "good", "warning" or "bad"."""

    title: str
    value: str
    note: str = ""
    link: str = ""
    tone: str = ""
