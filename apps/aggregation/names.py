"""From names of tasks, workers and labels to codes that count from 0, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from typing import TypeVar

import numpy as np

from .arrays import Code, Ints

N = TypeVar("N", str, int, float)


def factorise(names: Iterable[N]) -> tuple[Ints, Sequence[N]]:
    """Return a code for each name, and the names in the order of their codes, which is their sorted order.

    One look-up in a dictionary a name, so a million take a tenth of a second; sorting them all would take seconds.

    >>> codes, names = factorise(["w7", "w2", "w7"])
    >>> codes.tolist(), names
    ([1, 0, 1], ['w2', 'w7'])
    """
    seen: defaultdict[N, int] = defaultdict(count().__next__)
    by_first_use = np.fromiter(map(seen.__getitem__, names), dtype=Code)
    in_order = sorted(seen)
    code = np.empty(len(in_order), dtype=Code)
    code[[seen[name] for name in in_order]] = np.arange(len(in_order))
    return code[by_first_use], in_order
