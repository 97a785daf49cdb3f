"""Prints how forecasts of what more answers gain came out on real crowds, and how often their intervals held.

    LABELCROWD_CROWD_DATA=folder make bench-forecast

As a campaign's page has it: half of each task's answers are at hand, a fifth more is forecast with its interval from
them alone, and bought, as far as the crowd gave answers. What it gained is by gold, where there is some, and as a share
of labels that are those that all answers give, in which the bought ones are. Of larger sets some tasks are drawn, those
with gold if there are enough: chance moves a rise by gold on fewer tasks. Nothing is tuned to these sets.
"""

from __future__ import annotations

import numpy as np
from real_crowds import categorical, look, sets

from apps.aggregation import Table, back_test, dawid_skene, forecast
from apps.aggregation.replay import random_places, rows_of

STEP, TASKS, TRIALS, CROWDS, WITHOUT = 0.2, 600, 5, 10, {"hitspam_cf"}
FEWEST = 50  # tasks with gold, else a rise by gold is all noise


def main() -> None:
    if look() is None:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
        return
    held: dict[str, list[bool]] = {"gold": [], "all answers": []}
    untold, width = 0, []
    print(f"{'points':<12}{'forecast':>10}{'interval':>18}{'by gold':>10}{'':6}{'by all answers':>15}")
    for name in sets("categorical"):
        if name in WITHOUT:
            continue
        table, truth = some(*categorical(name))
        for seed in range(TRIALS):
            told, gold, final = one(table, truth, seed)
            if told is None:
                untold += 1
                print(f"{name:<12}{'no honest interval':>28}{gold * 100:>10.1f}{'':6}{final * 100:>15.1f}", flush=True)
                continue
            ins = [told.low <= rise <= told.high for rise in (gold, final)]
            width.append(told.high - told.low)
            for of, holds, rise in zip(held, ins, (gold, final), strict=True):
                if not np.isnan(rise):
                    held[of].append(holds)
            words = [" " if np.isnan(rise) or holds else "out" for holds, rise in zip(ins, (gold, final), strict=True)]
            interval = f"{told.low * 100:+.1f} to {told.high * 100:+.1f}"
            print(f"{name:<12}{told.gain * 100:>10.1f}{interval:>18}{gold * 100:>10.1f} {words[0]:<5}", end="")
            print(f"{final * 100:>15.1f} {words[1]}", flush=True)
    for of, found in held.items():
        print(f"held by {of}: {np.mean(found):.2f}, {sum(found)} of {len(found)}")
    print(f"no interval: {untold}; mean width {np.mean(width) * 100:.1f} points")


def some(table: Table, truth: np.ndarray) -> tuple[Table, np.ndarray]:
    """Return at most TASKS of the tasks."""
    if table.n_tasks <= TASKS:
        return table, truth
    judged = np.flatnonzero(truth != -1)
    among = judged if len(judged) >= TASKS else np.arange(table.n_tasks)
    kept = np.sort(np.random.default_rng(0).choice(among, TASKS, replace=False))
    place = np.full(table.n_tasks, -1)
    place[kept] = np.arange(TASKS)
    rows = place[table.task] >= 0
    workers, worker = np.unique(table.worker[rows], return_inverse=True)
    return Table(place[table.task[rows]], worker, table.label[rows], TASKS, len(workers), table.n_labels), truth[kept]


def one(table: Table, truth: np.ndarray, seed: int) -> tuple[forecast.Forecast | None, float, float]:
    """Return what was told of half of the answers, and the rise: by gold, nan of too little, and by all answers."""
    place, half = random_places(table, np.random.default_rng(seed)), (table.votes + 1) // 2
    at_hand = rows_of(table, place < half[table.task])
    before = dawid_skene.fit(at_hand)
    asked = {"accuracy": forecast.accuracy_of(before, at_hand), "labels": table.n_labels}
    more = forecast.plan(before.confidence, int(STEP * len(at_hand)), **asked)
    more = np.minimum(more, table.votes - half)  # a crowd that is over can't be asked more
    drawn = forecast.simulate(at_hand, before, int(more.sum()), seeds=CROWDS)
    told = forecast.told(forecast.rise(before.confidence, more, **asked), drawn, back_test.run(at_hand))
    after = dawid_skene.fit(rows_of(table, place < (half + more)[table.task]))
    judged, final = truth != -1, dawid_skene.fit(table).label
    gold = float(((after.label == truth).mean(where=judged)) - (before.label == truth).mean(where=judged))
    gold = gold if judged.sum() >= FEWEST else float("nan")
    return told, gold, float((after.label == final).mean() - (before.label == final).mean())


if __name__ == "__main__":
    main()
