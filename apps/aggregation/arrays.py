"""The array types of this library, and division that says what nothing divided by nothing is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Code = np.int32
Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def ratio(over: Any, under: Any, otherwise: float = np.nan) -> Floats:
    """Return over / under, and `otherwise` wherever `under` is not above 0.

    >>> ratio(np.array([1.0, 2.0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    over, under = np.broadcast_arrays(np.asarray(over, dtype=np.float64), np.asarray(under, dtype=np.float64))
    divided: Floats = np.divide(over, under, out=np.full(over.shape, otherwise), where=under > 0)
    return divided
