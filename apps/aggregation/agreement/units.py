"""Tasks as counts of labels: all that agreement coefficients need to know."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy

from apps.aggregation.arrays import Floats, Ints
from apps.aggregation.table import Table


@dataclass(frozen=True, eq=False)
class Units:
    """Tasks with the same counts are one unit.

    Args:
        counts: (units, n_labels) sparse, votes for each label.
        votes: (units,) row sums of counts, none 0.
        repeats: (units,) how many tasks have these counts.
        alike: so many labels, the first ones, differ by name only, as the two of each pair that is compared: which of
            them is called first says nothing, so to chance they are equally likely.
    """

    counts: scipy.sparse.csr_matrix
    votes: Floats
    repeats: Floats
    alike: int = 0

    def at_least(self, votes: int) -> Units:
        """Return only the units with so many votes."""
        kept = np.flatnonzero(self.votes >= votes)
        return replace(self, counts=self.counts[kept], votes=self.votes[kept], repeats=self.repeats[kept])

    def margins(self, weights: Floats) -> Floats:
        """Return votes by label under each row of weights: (n, n_labels)."""
        return self.levelled(mixed(weights, self.counts))

    def levelled(self, shares: Floats) -> Floats:
        """Return amounts by label, (n, n_labels), with the mean in the place of each of those that are alike."""
        if self.alike:
            shares = shares.copy()
            shares[:, : self.alike] = shares[:, : self.alike].mean(axis=1, keepdims=True)
        return shares

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


def one_hot(label: Ints, n_labels: int) -> scipy.sparse.csr_matrix:
    """Return a sparse row for each label, with a 1 in its place."""
    return scipy.sparse.csr_matrix(
        (np.ones(len(label)), label, np.arange(len(label) + 1)), shape=(len(label), n_labels)
    )
