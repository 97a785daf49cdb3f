"""Examples of a kind, kept beside it in examples.json; they feed tests, documentation, demos and previews."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Examples:
    """settings: raw settings. item: an item's data to ask about. good: raw answers.

    bad: objects {"answer": raw, "because": part of the sentence}; bad_settings: {"settings": raw, "because": ...}.
    """

    settings: Mapping[str, Any]
    item: Mapping[str, Any]
    good: Sequence[Any]
    bad: Sequence[Mapping[str, Any]]
    bad_settings: Sequence[Mapping[str, Any]]

    @classmethod
    def load(cls, path: Path) -> "Examples":
        return cls(**json.loads(path.read_text("utf-8")))
