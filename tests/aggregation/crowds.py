"""Simulated crowds and worked examples from papers."""

import numpy as np

from apps.aggregation import Table


def crowd(n_tasks=60, n_workers=12, n_labels=3, votes=5, accuracy=(0.55, 0.95), seed=0):
    """Return a table and its true labels; worker accuracies are spread evenly over the given range."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n_tasks)
    skill = np.linspace(*accuracy, n_workers)
    task = np.repeat(np.arange(n_tasks), votes)
    worker = np.concatenate([rng.permutation(n_workers)[:votes] for _ in range(n_tasks)])
    wrong = (truth[task] + rng.integers(1, n_labels, len(task))) % n_labels
    label = np.where(rng.random(len(task)) < skill[worker], truth[task], wrong)
    return Table(task, worker, label, n_tasks, n_workers, n_labels), truth


def grid(rows):
    """Return a table from one row for each worker, one cell a task, None where there is no answer, labels from 0."""
    cells = [(t, w, label) for w, row in enumerate(rows) for t, label in enumerate(row) if label is not None]
    task, worker, label = (np.array(column) for column in zip(*cells, strict=True))
    return Table(task, worker, label, len(rows[0]), len(rows), int(label.max()) + 1)


def krippendorffs_example():
    """Krippendorff 2011, section E: four observers, twelve units, values 1 to 5, some missing (0 here)."""
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
    return grid([[value - 1 if value else None for value in row] for row in rows])
