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


def dawid_and_skenes_patients():
    """Dawid, Skene 1979, table 1: 45 patients; columns 0 to 2 are observer 1 thrice, 3 to 6 observers 2 to 5."""
    patients = """
        1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111
        2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111
        2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432
        1111111 1111111 1212111 2322222 1211111 2222222
    """
    return grid([[int(patient[column]) - 1 for patient in patients.split()] for column in range(7)])


def fleiss_diagnoses():
    """Fleiss 1971, table 1: 30 patients, six psychiatrists each, five diagnoses."""
    counts = """
        00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
        00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
    """
    labels = [[k for k, n in enumerate(row) for _ in range(int(n))] for row in counts.split()]
    return grid([[row[psychiatrist] for row in labels] for psychiatrist in range(6)])


def naive_edit_distance(first, second):
    row = list(range(len(second) + 1))
    for i, one in enumerate(first):
        above, row = row, [i + 1]
        for j, other in enumerate(second):
            row.append(min(above[j] + (one != other), above[j + 1] + 1, row[j] + 1))
    return row[-1]
