"""How much two different labels agree, in [0, 1], for coefficients with partial credit.

    identity [k = l] · linear 1 - |x - y| / R · quadratic 1 - ((x - y) / R)²        R: range of the values
    ordinal 1 - C(|k - l| + 1, 2) / C(K, 2)                                         k, l: ranks among K labels

Gwet: Handbook of inter-rater reliability, 4th edition, 2014, section 3.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from apps.aggregation.arrays import Floats
from apps.aggregation.table import BadTable

Weights = Literal["identity", "ordinal", "linear", "quadratic"]
MOST = 4000  # labels, of which each one's agreement with each is held: 128 MB


def weights(kind: Weights, n_labels: int, values: Sequence[float] | Floats | None = None) -> Floats:
    """Return the agreement of each label with each: (n_labels, n_labels).

    Raises:
        BadTable: when there are more labels than MOST.

    >>> weights("linear", 3).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    if n_labels > MOST:
        raise BadTable(f"{kind} credit among {n_labels:,} labels is too much; it is given among at most {MOST:,}")
    worth = np.arange(n_labels, dtype=np.float64) if values is None else np.asarray(values, dtype=np.float64)
    if worth.shape != (n_labels,):
        raise ValueError(f"values must be one for each of {n_labels} labels, not of shape {worth.shape}")
    if kind == "ordinal":
        worth = np.argsort(np.argsort(worth)).astype(np.float64)
    else:  # lest the gap of two huge values be none that a float holds
        worth = worth / (np.abs(worth).max(initial=0) or 1.0)
    gaps = np.abs(worth[:, None] - worth)
    widest = gaps.max(initial=0) or 1.0
    match kind:
        case "identity":
            return np.eye(n_labels)
        case "ordinal":
            credit: Floats = 1 - gaps * (gaps + 1) / (widest * (widest + 1))
        case "linear":
            credit = 1 - gaps / widest
        case "quadratic":
            credit = 1 - (gaps / widest) ** 2
        case _:
            raise ValueError(f"weights must be one of {', '.join(get_args(Weights))}, not {kind!r}")
    return credit
