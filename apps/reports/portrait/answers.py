"""A campaign's kind, its settings and its possible answers, with names for people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.campaigns.models import Campaign
from apps.kinds import of as kind_of
from apps.kinds.base import Kind

MOST_CLASSES = 24  # more would be a picture of dust


@dataclass(frozen=True)
class Answers:
    """`classes` are the possible answers as the kind writes them, in order; empty where they are too many to list."""

    kind: Kind[Any, Any]
    settings: Any
    question: str
    classes: tuple[str, ...]

    @classmethod
    def of(cls, campaign: Campaign) -> "Answers":
        kind = kind_of(campaign.kind)
        settings = kind.read_settings(campaign.settings)
        listed = kind.classes(settings) or ()
        written: Mapping[str, Any] = kind.write_settings(settings)
        names = tuple(named(kind.write(answer)) for answer in listed) if len(listed) <= MOST_CLASSES else ()
        return cls(kind, settings, str(written.get("question", "")), names)

    def blank(self) -> list[list[int]]:
        """Return a matrix of classes without counts."""
        return [[0] * len(self.classes) for _ in self.classes]

    def index(self) -> dict[str, int]:
        return {name: n for n, name in enumerate(self.classes)}


def named(written: Any) -> str:
    """Return an answer as people read it.

    >>> named("cat"), named(["cat", "dog"]), named(-1)
    ('cat', 'cat, dog', '-1')
    """
    if isinstance(written, str):
        return written
    if isinstance(written, list):
        return ", ".join(map(named, written)) or "none"
    return json.dumps(written, ensure_ascii=False)
