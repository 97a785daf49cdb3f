"""Tasks as counts of labels: all that agreement coefficients need to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from apps.aggregation.arrays import Floats
from apps.aggregation.table import Table


@dataclass(frozen=True, eq=False)
class Units:
    """Tasks with the same counts are one unit.

    Args:
        counts: (units, n_labels) sparse, votes for each label.
        votes: (units,) row sums of counts, none 0.
        repeats: (units,) how many tasks have these counts.
    """

    counts: scipy.sparse.csr_matrix
    votes: Floats
    repeats: Floats

    def at_least(self, votes: int) -> Units:
        """Return only the units with so many votes."""
        kept = np.flatnonzero(self.votes >= votes)
        return Units(self.counts[kept], self.votes[kept], self.repeats[kept])

    def margins(self, weights: Floats) -> Floats:
        """Return votes by label under each row of weights: (n, n_labels)."""
        return mixed(weights, self.counts)

    @property
    def n_labels(self) -> int:
        return int(self.counts.shape[1])


def units(table: Table | Units) -> Units:
    """Return the answered tasks of a table as units; units, which a database may have counted, as they are."""
    if isinstance(table, Units):
        return table
    ones = np.ones(len(table))
    counts = scipy.sparse.csr_matrix((ones, table.label, table.start), shape=(table.n_tasks, table.n_labels), copy=True)
    counts.sum_duplicates()
    counts = counts[np.flatnonzero(table.votes)]
    votes = np.asarray(counts.sum(axis=1)).ravel()
    repeats = np.ones(len(votes))
    most = int(votes.max(initial=0)) + 1
    if most**table.n_labels < 2**53:  # then a row of counts reads as one number in base `most`
        _, first, number = np.unique(
            counts @ (float(most) ** np.arange(table.n_labels)), return_index=True, return_counts=True
        )
        counts, votes, repeats = counts[first], votes[first], number.astype(np.float64)
    return Units(counts, votes, repeats)


def mixed(weights: Floats, matrix: scipy.sparse.csr_matrix) -> Floats:
    """Return weights @ matrix for dense weights and a sparse matrix."""
    product: Floats = (matrix.T @ weights.T).T
    return product
