"""Plants cheats in simulated crowds and prints how many of each are found at one false alarm in a hundred honest ones.

    make bench-fraud

At 1 % false alarms the threshold of each sign is the honest workers' (or pairs') own 99th percentile. Nobody knows that
percentile of a real crowd: `by the page` has that of the quality page (`suspicion.threshold`), and says
whom it takes for a cheat who is none.

`uneven`: most workers answer little, a few much (lognormal activity), and 3 % of items are of the third class, which
is what honest workers are most easily taken for cheats by. Cheats are as active as the median there.

Crowds: items of uneven difficulty, honest workers right 60 to 97 % of the time, lognormal times. A cheat of each sort
for each 50 honest workers; pairs copy nine answers in ten of each other, wrong ones too. How often one comes along if
the other works is varied; `by chance`: they meet as random assignment has it, on so few items that little can be seen.
`all known`: the same with the likelihood ratio of who knows the truth, each item's difficulty and each worker's skill,
which is what better estimates could add. `honest there`: honest pairs above the page's threshold.
Ten crowds each. Also written to var/bench/fraud.json.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from apps.aggregation import Table, collusion, suspicion
from apps.aggregation.pairs import within

OUT = Path(__file__).parents[2] / "var" / "bench" / "fraud.json"
CROWDS, LABELS, ALARMS, COPIED = 10, 3, 0.01, 0.9
SIGNS = ("fast", "constant", "chance", "learnt")
RARE = (0.77, 0.2, 0.03)
ALONG = {"four times in five": 0.8, "one time in seven": 0.15, "by chance": 0.0}
# Honest workers, items, answers to each item, share of items that are gold.
SHAPES = ((50, 500, 5, 0.1), (100, 2000, 5, 0.1), (100, 2000, 3, 0.1), (200, 2000, 10, 0.1))


def main() -> None:
    report = {"signs": show_signs(), "pairs": show_pairs()}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n")


def show_signs() -> list[dict]:
    found = []
    for uneven, page in product((False, True), (False, True)):
        bound = "the threshold of the page" if page else f"{ALARMS:.0%} false alarms"
        print(f"\n{'uneven, ' * uneven}recall at {bound}, {CROWDS} crowds")
        shown = (*SIGNS, "honest") if page else SIGNS
        print(f"{'workers':>8}{'items':>7}{'answers':>9}{'each':>6}" + "".join(f"{sort:>10}" for sort in shown))
        for shape in SHAPES:
            row = mean([of_workers(Crowd(shape, seed, uneven=uneven), page=page) for seed in range(CROWDS)])
            print(head(shape) + "".join(f"{row[sort]:>10.{2 if sort == 'honest' else 0}%}" for sort in shown))
            found.append({"shape": shape, "uneven": uneven, "page": page} | row)
    return found


def show_pairs() -> list[dict]:
    found = []
    for name, along in ALONG.items():
        print(f"\npairs of whom one comes along {name}, recall at {ALARMS:.0%} false alarms, {CROWDS} crowds")
        columns = ("common", "recall", "all known", "by the page", "honest there")
        print(f"{'workers':>8}{'items':>7}{'answers':>9}{'each':>6}" + "".join(f"{column:>15}" for column in columns))
        for shape in SHAPES:
            row = mean([of_pairs(Crowd(shape, seed, along)) for seed in range(CROWDS)])
            shown = f"{row['common']:>15.1f}{row['recall']:>15.0%}{row['all known']:>15.0%}{row['by the page']:>15.0%}"
            print(head(shape) + shown + f"{row['honest there']:>15.3%}")
            found.append({"shape": shape, "along": along} | row)
    return found


def head(shape: tuple) -> str:
    workers, items, votes, _ = shape
    return f"{workers:>8}{items:>7}{votes:>9}{items * votes / workers:>6.0f}"


def mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def of_workers(made: Crowd, *, page: bool) -> dict[str, float]:
    """Return the share of each sort of cheat, and of honest workers by any sign, above the threshold."""
    signs = suspicion.signs(made.table, made.seconds, made.known)
    honest = made.sort == "honest"
    found, alarms = {}, np.zeros(int(honest.sum()), dtype=bool)
    for name in SIGNS:
        score = getattr(signs, name)
        bound = suspicion.threshold(made.table.n_workers) if page else np.quantile(score[honest], 1 - ALARMS)
        found[name] = float((score[made.sort == name] > bound).mean())
        alarms |= score[honest] > bound
    return found | {"honest": float(alarms.mean())}


def of_pairs(made: Crowd) -> dict[str, float]:
    """Return how many planted pairs are found, of all of them: who share no item can't be."""
    pairs = collusion.pairs(made.table, made.known, fewest=1)
    planted = made.is_pair(pairs.first, pairs.second)
    fair = (made.sort[pairs.first] == "honest") & (made.sort[pairs.second] == "honest")
    n = max(int((made.sort == "together").sum()) // 2, 1)
    best = made.ratio(pairs.first, pairs.second)
    page = suspicion.threshold(len(pairs.first))

    def recall(score, bound: float) -> float:
        return float((score[planted] > bound).sum() / n)

    return {
        "common": float(pairs.common[planted].sum() / n),
        "recall": recall(pairs.together, float(np.quantile(pairs.together[fair], 1 - ALARMS))),
        "all known": recall(best, float(np.quantile(best[fair], 1 - ALARMS))),
        "by the page": recall(pairs.together, page),
        "honest there": float((pairs.together[fair] > page).mean()),
    }


class Crowd:
    """Args:
    along: how often one of a pair comes along where the other works.
    uneven: workers answer unequally much, and one class is rare.
    """

    def __init__(
        self, shape: tuple[int, int, int, float], seed: int, along: float = 0.8, *, uneven: bool = False
    ) -> None:
        rng = np.random.default_rng(seed)
        honest, items, votes, gold_share = shape
        each = max(1, honest // 50)
        kinds = [name for name in SIGNS for _ in range(each)]
        # Pairs first: numbers 2n and 2n + 1.
        self.sort = sort = np.array(["together"] * (2 * each) + kinds + ["honest"] * honest)
        workers = len(sort)
        self.truth = rng.choice(LABELS, items, p=RARE) if uneven else rng.integers(0, LABELS, items)
        self.easy = rng.normal(0, 1, items)
        eager = np.where(sort == "honest", rng.lognormal(0, 1, workers), 1.0) if uneven else np.ones(workers)
        self.skill = np.where(sort == "honest", rng.uniform(0.4, 3.5, workers), rng.uniform(0.4, 2.0, workers))
        pace, gold = rng.normal(2.5, 0.4, workers), rng.random(items) < gold_share
        task, worker = self._who_answers(items, votes, along, eager / eager.sum(), rng)
        label = self._said(task, worker, gold, rng)
        seconds = np.exp(pace[worker] + rng.normal(0, 0.5, len(task)) - 1.5 * (sort[worker] == "fast"))
        order = np.lexsort((worker, task))
        self.table = Table(task, worker, label, items, workers, LABELS)
        self.seconds, self.known = seconds[order], np.where(gold, self.truth, -1)

    def _who_answers(self, items: int, votes: int, along: float, eager, rng):
        rows = []
        for item in range(items):
            chosen = rng.choice(len(self.sort), votes, replace=False, p=eager)
            mates = [worker ^ 1 for worker in chosen if self.sort[worker] == "together" and rng.random() < along]
            rows += [(item, worker) for worker in {*chosen.tolist(), *map(int, mates)}]
        return np.array(rows).T

    def _said(self, task, worker, gold, rng):
        is_of = {name: self.sort[worker] == name for name in (*SIGNS, "together")}
        guess = rng.integers(0, LABELS, len(task))
        other = (self.truth[task] + rng.integers(1, LABELS, len(task))) % LABELS
        label = np.where(rng.random(len(task)) < self.right(task, worker), self.truth[task], other)
        label = np.where(is_of["fast"] | is_of["chance"], guess, label)
        label = np.where(is_of["constant"] & (rng.random(len(task)) < 0.9), 0, label)
        label = np.where(is_of["learnt"], np.where(gold[task], self.truth[task], guess), label)
        answer = dict(zip(zip(task.tolist(), worker.tolist(), strict=True), label.tolist(), strict=True))
        for row in np.flatnonzero(is_of["together"] & (worker % 2 == 1)):
            copied = answer.get((int(task[row]), int(worker[row]) - 1))
            if copied is not None and rng.random() < COPIED:
                label[row] = copied
        return label

    def right(self, task, worker):
        """Return how likely workers are right by themselves."""
        return 1 / (1 + np.exp(-(self.skill[worker] + self.easy[task])))

    def is_pair(self, first, second):
        return (self.sort[first] == "together") & (first + 1 == second) & (first % 2 == 0)

    def ratio(self, first, second):
        """Return log of how much likelier each pair's answers are if the second copies, by who knows everything."""
        one, other = within(self.table.start)
        task, label = self.table.task[one], self.table.label
        right = self.right(task, self.table.worker[other])
        own = np.where(label[other] == self.truth[task], right, (1 - right) / (LABELS - 1))
        ratio = np.log(1 - COPIED + COPIED * (label[one] == label[other]) / own)
        key = self.table.worker[one].astype(np.int64) * self.table.n_workers + self.table.worker[other]
        found, place = np.unique(key, return_inverse=True)
        return np.bincount(place, ratio)[np.searchsorted(found, first * self.table.n_workers + second)]


if __name__ == "__main__":
    main()
