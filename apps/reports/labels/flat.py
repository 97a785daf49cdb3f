"""Answers as flat columns, for formats that have no nesting."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from apps.campaigns.models import Campaign
from apps.kinds import of as kind_of

Type = Literal["text", "whole", "real", "flag"]
Values = tuple[str | int | float | bool | None, ...]

_SAMPLES = 64
_REMEMBERED = 4096  # distinct answers; most kinds have few, and free text would fill any memory


class OddColumns(ValueError):
    """A kind exports columns that a label can't have."""


class Flat:
    """Turns answers into the columns that their kind exports."""

    def __init__(
        self, campaign: Campaign, *, taken: Sequence[str], cell: Callable[[Any], Any] = lambda value: value
    ) -> None:
        """`taken`: the names that the kind's columns may not have. `cell`: what becomes of each value."""
        self.kind = kind_of(campaign.kind)
        self.settings = self.kind.read_settings(campaign.settings)
        self.columns = self.kind.columns(self.settings)
        if clash := sorted(set(self.columns) & set(taken)):
            raise OddColumns(f"the kind {campaign.kind!r} has columns named {clash}, which every label has already")
        self._cell = cell
        self._nothing: Values = (None,) * len(self.columns)
        self._read = lru_cache(_REMEMBERED)(self._flatten)

    def __call__(self, written: str | None) -> Values:
        """Return the values of the columns for an answer given as JSON text; all None for no answer."""
        return self._nothing if written is None else self._read(written)

    def _flatten(self, written: str) -> Values:
        answer = self.kind.read(json.loads(written), self.settings)
        return tuple(self._cell(value) for value in self.kind.export(answer, self.settings).values())

    def types(self) -> list[Type]:
        """Return each column's type, the same for every export of campaigns with these settings.

        It follows from all possible answers where the kind can list them, else from answers that it invents; numbers
        are then never said to be whole.
        """
        listed = self.kind.classes(self.settings)
        rng = np.random.default_rng(0)
        answers = listed or [self.kind.invent(rng, self.settings) for _ in range(_SAMPLES)]
        rows = [self.kind.export(answer, self.settings) for answer in answers]
        return [_type([row[name] for row in rows], whole=listed is not None) for name in self.columns]


def _type(values: Sequence[Any], *, whole: bool) -> Type:
    given = {type(value) for value in values if value is not None}
    if given == {bool}:
        return "flag"
    if given == {int} and whole:
        return "whole"
    if given and given <= {int, float}:
        return "real"
    return "text"
