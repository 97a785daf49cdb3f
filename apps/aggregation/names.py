"""From names of tasks, workers and labels to codes that count from 0, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from typing import TypeVar

import numpy as np

from apps.aggregation.heavy import arrow, arrow_compute

from .arrays import Code, Ints

N = TypeVar("N", str, int, float)
PIECE = 1 << 17  # texts coded at a time
MANY = 10_000  # texts from which Arrow's hashing is worth loading it: it halves the time of a million


def factorise(names: Iterable[N]) -> tuple[Ints, Sequence[N]]:
    """Return a code for each name, and the names in the order of their codes, which is their sorted order.

    Each name is looked up once, so a million take a tenth of a second and more; sorting them all would take seconds.

    >>> codes, names = factorise(["w7", "w2", "w7"])
    >>> codes.tolist(), names
    ([1, 0, 1], ['w2', 'w7'])
    """
    given = names if isinstance(names, Sequence) else list(names)
    if len(given) >= MANY and isinstance(given[0], str):
        return _factorise_texts(given)
    seen: defaultdict[N, int] = defaultdict(count().__next__)
    by_first_use = np.fromiter(map(seen.__getitem__, given), dtype=Code)
    in_order = sorted(seen)
    code = np.empty(len(in_order), dtype=Code)
    code[[seen[name] for name in in_order]] = np.arange(len(in_order))
    return code[by_first_use], in_order


def _factorise_texts(names: Sequence[N]) -> tuple[Ints, Sequence[N]]:
    # Piece by piece: Arrow's copy of all names would be the most that is held.
    pieces = (arrow.array(names[first : first + PIECE], type=arrow.string()) for first in range(0, len(names), PIECE))
    coded = arrow.chunked_array([piece.dictionary_encode() for piece in pieces]).unify_dictionaries()
    known = coded.chunk(0).dictionary
    order = arrow_compute.sort_indices(known)  # by bytes of UTF-8, which is Python's order of texts
    code = np.empty(len(order), dtype=Code)
    code[order.to_numpy()] = np.arange(len(order))
    codes = np.concatenate([code[piece.indices.to_numpy()] for piece in coded.chunks])
    return codes, known.take(order).to_pylist()
