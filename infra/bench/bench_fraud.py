"""Plants cheats in simulated crowds and prints how many of each are found at one false alarm in a hundred honest ones.

    make bench-fraud

The threshold of each sign is the honest workers' (or pairs') own 99th percentile, so the false alarms are 1 % by
construction. Crowds: items of uneven difficulty, honest workers right 60 to 97 % of the time, lognormal times. A cheat
of each sort for each 50 honest workers; pairs copy nine answers in ten of each other, wrong ones too, and eight times
in ten where one works the other comes along; `by chance`: they meet as random assignment has it. Ten crowds each. Also
written to var/bench/fraud.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from apps.aggregation import Table, suspicion

OUT = Path(__file__).parents[2] / "var" / "bench" / "fraud.json"
CROWDS, LABELS, ALARMS = 10, 3, 0.01
SORTS = ("fast", "constant", "chance", "learnt", "together")
SHOWN = (*SORTS, "by chance")
# Honest workers, items, answers to each item, share of items that are gold.
SHAPES = ((50, 500, 5, 0.1), (100, 2000, 5, 0.1), (100, 2000, 3, 0.1), (200, 2000, 10, 0.1))


def main() -> None:
    print(f"{'workers':>8}{'items':>7}{'answers':>9}{'each':>6}" + "".join(f"{sort:>12}" for sort in SHOWN))
    report = []
    for shape in SHAPES:
        found = [recall(shape, seed) for seed in range(CROWDS)]
        row = {sort: float(np.mean([one[sort] for one in found])) for sort in SHOWN}
        workers, items, votes, _ = shape
        each = items * votes / workers
        print(f"{workers:>8}{items:>7}{votes:>9}{each:>6.0f}" + "".join(f"{row[sort]:>12.0%}" for sort in SHOWN))
        report.append({"honest": workers, "items": items, "answers": votes, "recall": row})
    print(f"recall at {ALARMS:.0%} false alarms, mean over {CROWDS} crowds")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n")


def recall(shape: tuple[int, int, int, float], seed: int) -> dict[str, float]:
    """Return the share of each sort of cheat above the honest 99th percentile of its own sign."""
    table, seconds, known, sort = crowd(shape, np.random.default_rng(seed))
    signs = suspicion.signs(table, seconds, known)
    honest = sort == "honest"
    found = {}
    for name in SORTS[:-1]:
        score = getattr(signs, name)
        found[name] = float((score[sort == name] > np.quantile(score[honest], 1 - ALARMS)).mean())
    found["together"] = recall_of_pairs(table, sort)
    table, _, _, sort = crowd(shape, np.random.default_rng(seed), come_along=0.0)
    return found | {"by chance": recall_of_pairs(table, sort)}


def recall_of_pairs(table: Table, sort) -> float:
    honest = sort == "honest"
    pairs = suspicion.pairs(table)
    planted = (sort[pairs.first] == "together") & (pairs.first + 1 == pairs.second) & (pairs.first % 2 == 0)
    fair = honest[pairs.first] & honest[pairs.second]
    above = pairs.together > np.quantile(pairs.together[fair], 1 - ALARMS)
    return float(above[planted].sum() / max((sort == "together").sum() // 2, 1))


def crowd(shape: tuple[int, int, int, float], rng: np.random.Generator, come_along: float = 0.8):
    """Return a table with the seconds of its rows, what is known, and the sort of each worker."""
    honest, items, votes, gold_share = shape
    each = max(1, honest // 50)
    kinds = [name for name in SORTS[:-1] for _ in range(each)]
    sort = np.array(["together"] * (2 * each) + kinds + ["honest"] * honest)  # pairs first: numbers 2n and 2n + 1
    workers = len(sort)
    truth, easy = rng.integers(0, LABELS, items), rng.normal(0, 1, items)
    skill = np.where(sort == "honest", rng.uniform(0.4, 3.5, workers), rng.uniform(0.4, 2.0, workers))
    pace = rng.normal(2.5, 0.4, workers)
    gold = rng.random(items) < gold_share
    rows = []
    for item in range(items):
        chosen = rng.choice(workers, votes, replace=False)
        # Who works together takes the same pages: one of a pair brings the other.
        mates = [worker ^ 1 for worker in chosen if sort[worker] == "together" and rng.random() < come_along]
        for worker in {*chosen.tolist(), *map(int, mates)}:
            rows.append((item, worker))
    task, worker = np.array(rows).T
    right = rng.random(len(task)) < 1 / (1 + np.exp(-(skill[worker] + easy[task])))
    guess = rng.integers(0, LABELS, len(task))
    other = (truth[task] + rng.integers(1, LABELS, len(task))) % LABELS
    label = np.where(right, truth[task], other)
    is_of = {name: sort[worker] == name for name in SORTS}
    label = np.where(is_of["fast"] | is_of["chance"], guess, label)
    label = np.where(is_of["constant"] & (rng.random(len(task)) < 0.9), 0, label)
    label = np.where(is_of["learnt"], np.where(gold[task], truth[task], guess), label)
    answer = dict(zip(zip(task.tolist(), worker.tolist(), strict=True), label.tolist(), strict=True))
    for row in np.flatnonzero(is_of["together"] & (worker % 2 == 1)):
        copied = answer.get((int(task[row]), int(worker[row]) - 1))
        if copied is not None and rng.random() < 0.9:
            label[row] = copied
    seconds = np.exp(pace[worker] + rng.normal(0, 0.5, len(task)) - 1.5 * is_of["fast"])
    order = np.lexsort((worker, task))
    known = np.where(gold, truth, -1)
    return Table(task, worker, label, items, workers, LABELS), seconds[order], known, sort


if __name__ == "__main__":
    main()
