"""Which of many boxes (or intervals) overlap: without comparing each with each.

Along one axis, those of the second set are put in order of where they begin. A box meets none that begins after its
own end, nor any that begins before its own start by more than the longest is long; of all axes that one is taken which
leaves the fewest pairs. These are then compared along every axis. Of n boxes that each meet k others along that axis
the cost is n (log n + k), and memory is that of the pairs found, and of some more that are looked at together.

De Berg, Cheong, van Kreveld, Overmars: Computational geometry. Springer 2008, chapter 2 (plane sweep; here along sorted
starts, in arrays).
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Ints, ratio
from .geometry import iou

AT_ONCE = 1 << 20  # pairs
FEW = 400  # pairs that are sooner compared than sorted


def overlapping(first: Floats, second: Floats, at_least: float, *, at_once: int = AT_ONCE) -> tuple[Ints, Ints, Floats]:
    """Return rows of both, and the intersection over union, of each pair for which it is at least so large.

    Args:
        first, second: (n, 2 d) and (m, 2 d), all lower corners before all upper ones.
        at_least: above 0: of boxes that don't meet none is returned.
        at_once: how many pairs are looked at together, or as many as one of the first may meet.

    >>> boxes = np.array([[0.0, 0, 2, 2], [1, 0, 3, 2], [9, 9, 10, 10]])
    >>> [part.tolist() for part in overlapping(boxes[:1], boxes, 0.3)]
    [[0, 0], [0, 1], [1.0, 0.3333333333333333]]
    """
    if not len(first) or not len(second):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    axes = first.shape[1] // 2
    if len(first) * len(second) <= FEW:
        each = iou(first, second)
        one, other = np.nonzero(each >= at_least)
        return one, other, each[one, other]
    sweeps = [_sweep(first, second, axis, axes) for axis in range(axes)]
    order, start, number = min(sweeps, key=lambda sweep: int(sweep[2].sum()))
    # So many rows at once that their pairs fit, one at least.
    cut = np.flatnonzero(np.diff((number.cumsum() - number) // at_once)) + 1
    found = [
        _compared(first, second, at_least, rows, order, start[rows], number[rows])
        for rows in np.split(np.arange(len(first)), cut)
    ]
    one, other, alike = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return one, other, alike


def _sweep(first: Floats, second: Floats, axis: int, axes: int) -> tuple[Ints, Ints, Ints]:
    """Return the second in order of where they begin, and from where in it how many each of the first may meet."""
    begin, end = second[:, axis], second[:, axis + axes]
    longest = max(float((end - begin).max()), 0.0)
    order = np.argsort(begin, kind="stable")
    # One that begins just that much before may end just where this begins: what rounding does there tells nothing.
    start = np.searchsorted(begin[order], first[:, axis] - longest, side="left")
    stop = np.searchsorted(begin[order], first[:, axis + axes], side="left")
    return order, start, np.maximum(stop - start, 0)


def _compared(
    first: Floats, second: Floats, at_least: float, rows: Ints, order: Ints, start: Ints, number: Ints
) -> tuple[Ints, Ints, Floats]:
    one = np.repeat(rows, number)
    other = order[np.arange(len(one)) - np.repeat(number.cumsum() - number - start, number)]
    axes = first.shape[1] // 2
    meet = np.ones(len(one), dtype=bool)
    for axis in range(axes):
        meet &= (second[other, axis] < first[one, axis + axes]) & (second[other, axis + axes] > first[one, axis])
    one, other = one[meet], other[meet]
    low = np.maximum(first[one, :axes], second[other, :axes])
    shared = np.clip(np.minimum(first[one, axes:], second[other, axes:]) - low, 0, None).prod(axis=1)
    sizes = [(corners[:, axes:] - corners[:, :axes]).clip(0).prod(axis=1) for corners in (first, second)]
    alike = ratio(shared, sizes[0][one] + sizes[1][other] - shared, otherwise=0.0)
    near = alike >= at_least
    return one[near], other[near], alike[near]
