"""How many letters must change to make one text of another."""

import numpy as np


def edit_distance(a: str, b: str) -> int:
    """Return the Levenshtein distance: the fewest insertions, deletions and replacements of one character.

    Wagner and Fischer's table (1974), row by row; insertions along a row are a running minimum.
    """
    lead = _shared(a, b)
    a, b = a[lead:], b[lead:]
    tail = _shared(a[::-1], b[::-1])
    a, b = a[: len(a) - tail], b[: len(b) - tail]
    if not a or not b:
        return max(len(a), len(b))
    if len(a) > len(b):
        a, b = b, a
    letters = np.frombuffer(b.encode("utf-32-le"), dtype=np.uint32)
    steps = np.arange(len(b) + 1)
    row = steps
    for n, letter in enumerate(a, start=1):
        best = np.empty_like(row)
        best[0] = n
        best[1:] = np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter)))
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def _shared(a: str, b: str) -> int:
    """Return how many characters both texts begin with."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
