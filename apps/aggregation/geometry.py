"""Overlap of boxes, intervals and masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import Floats, ratio

Mask = npt.NDArray[np.bool_]


def box_iou(first: Floats, second: Floats) -> Floats:
    """Return the intersection over union of every pair of boxes.

    Args:
        first, second: (n, 4) and (m, 4), rows (left, top, right, bottom).
    Returns: (n, m), values in [0, 1]; 0 where both boxes are empty.

    >>> box_iou(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2], [5, 5, 6, 6]])).round(3).tolist()
    [[0.333, 0.0]]
    """
    return iou(first.reshape(-1, 4), second.reshape(-1, 4))


def interval_iou(first: Floats, second: Floats) -> Floats:
    """Return the intersection over union of every pair of intervals, rows (start, end): (n, m).

    >>> interval_iou(np.array([[0.0, 4.0]]), np.array([[2.0, 6.0]])).round(3).tolist()
    [[0.333]]
    """
    return iou(first.reshape(-1, 2), second.reshape(-1, 2))


def iou(first: Floats, second: Floats) -> Floats:
    """Return the same of every pair, in any number of dimensions; rows are all lower corners before all upper ones."""
    first, second = (corners.reshape(len(corners), 2, corners.shape[1] // 2) for corners in (first, second))
    low = np.maximum(first[:, None, 0], second[None, :, 0])
    high = np.minimum(first[:, None, 1], second[None, :, 1])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    sizes = [(corners[:, 1] - corners[:, 0]).clip(0).prod(axis=1) for corners in (first, second)]
    return ratio(shared, sizes[0][:, None] + sizes[1] - shared, otherwise=0.0)


def mask_iou(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Return the intersection over union of two masks of one shape, 1 when both are empty.

    >>> mask_iou(np.array([[1, 1, 0]]), np.array([[0, 1, 1]]))
    0.3333333333333333
    """
    one, other = first.astype(bool), second.astype(bool)
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0
