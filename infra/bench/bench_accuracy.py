"""Prints how right every method is on real crowds, beside what others reach there.

    LABELCROWD_CROWD_DATA=folder make bench-accuracy               all kinds
    LABELCROWD_CROWD_DATA=folder make bench-accuracy ARGS=text     one of them

For the default categorical method: the difference to majority vote with a paired 95 % interval over gold tasks.
Nothing is tuned to these sets. Results also go to var/bench/accuracy.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from real_crowds import categorical, crowd, look, rows, sets

from apps.aggregation import boxes, bradley_terry, masks, names, noisy_bradley_terry, numbers, precision, rover, spans
from apps.aggregation.comparisons import Comparisons
from apps.aggregation.edits import distance
from apps.aggregation.geometry import mask_iou
from apps.aggregation.methods import DEFAULT, METHODS
from apps.aggregation.numbers import Measurements
from apps.aggregation.regions import Region
from apps.aggregation.spans import Span
from apps.aggregation.steps import Steps
from apps.aggregation.words import bare, split

OUT = Path(__file__).parents[2] / "var" / "bench" / "accuracy.json"

# Crowd-Kit 1.4.2's majority vote and Dawid-Skene with its defaults, run here; EBCC (Li, Rubinstein, Cohn, ICML 2019)
# from its authors' notebooks.
ELSEWHERE = {
    "bluebirds": (0.759, 0.889, 0.861),
    "cf": (0.900, 0.830, 0.883),
    "cf_amt": (0.847, 0.840, 0.857),
    "sp": (0.890, 0.915, 0.915),
    "sp_amt": (0.944, 0.944, 0.944),
    "d_product": (0.897, 0.940, 0.935),
    "s_face": (0.630, 0.640, 0.635),
    "s_adult": (0.760, 0.766, 0.748),
    "snow_rte": (0.919, 0.927, 0.931),
    "snow_temp": (0.939, 0.942, None),
    "hitspam_cf": (0.660, 0.660, None),
    "barzan": (0.696, 0.709, None),
}
GOLD_UNITS = {"snow_wordsim": 2.5}  # gold is from 0 to 4 there, answers from 0 to 10
WITHOUT = {"hitspam_cf"}  # every method gives the same answers there


def main() -> None:
    kinds = {"categorical": labels, "numeric": amounts, "spans": entities, "text": transcripts, "boxes": frames}
    kinds |= {"masks": outlines, "pairwise": preferences}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", help=", ".join(kinds))
    asked = parser.parse_args().kinds or list(kinds)
    look()
    report = {}
    for kind in asked:
        found = {}
        for name in sets(kind):
            found[name] = kinds[kind](name)
        show(kind, found)
        report[kind] = found
    if not any(report.values()):
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
        return
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n")


def show(kind: str, found: dict[str, dict[str, float | None]]) -> None:
    if not found:
        return
    columns = list(next(iter(found.values())))
    print(f"\n{kind:<24}" + "".join(f"{column:>14.13}" for column in columns))
    for name, row in found.items():
        print(f"{name:<24}" + "".join(" " * 14 if row[c] is None else f"{row[c]:>14.4f}" for c in columns))
    judged = [row for name, row in found.items() if name not in WITHOUT]
    if len(judged) > 1:
        complete = [column for column in columns if all(row[column] is not None for row in judged)]
        means = {column: f"{np.mean([row[column] for row in judged]):.4f}" for column in complete}
        print(f"{'mean':<24}" + "".join(f"{means.get(column, ''):>14}" for column in columns))


def labels(name: str) -> dict[str, float | None]:
    table, truth = categorical(name)
    judged = truth != -1
    right = {method: (fit(table).label == truth)[judged] for method, fit in METHODS.items()}
    row: dict[str, float | None] = {method: float(hits.mean()) for method, hits in right.items()}
    row |= dict(zip(("ck majority", "ck DS", "EBCC"), ELSEWHERE.get(name, (None,) * 3), strict=True))
    low, high, difference = paired(right[DEFAULT], right["majority"])
    return row | {"ours - maj.": difference, "low": low, "high": high}


def amounts(name: str) -> dict[str, float | None]:
    """Return correlations with gold; of the files' default and the campaigns' how many are within 5 % of
    the range.
    """
    answers = crowd(name, float)
    table = Measurements(answers.task, answers.worker, np.array(answers.answer), answers.n_tasks, answers.n_workers)
    found = {"mean": numbers.mean(table).value, "median": numbers.median(table)}
    found |= {"robust": numbers.robust(table).value, "precision": precision.steady(table).value}
    found |= {"blend": precision.blend(table).value}
    gold = np.array(answers.gold) * GOLD_UNITS.get(name, 1.0)
    row = {method: float(np.corrcoef(value, gold)[0, 1]) for method, value in found.items()}
    near = 0.05 * np.ptp(table.value)
    for method in ("mean", "precision", "blend"):
        row[f"5 %, {method}"] = float((np.abs(found[method] - gold) <= near).mean())
    return row


def entities(name: str) -> dict[str, float | None]:
    """Return F1 of exact spans over all documents."""
    answers = crowd(name, lambda text: [Span(*span) for span in json.loads(text)])
    tokens = {row["task"]: int(row["n_tokens"]) for row in rows(name, "docs.csv")}
    lengths = np.array([tokens[task] for task in answers.tasks])

    def score(method: str) -> float:
        found = spans.fit(answers.answers, lengths, method=METHODS[method]).spans
        hits = sum(len(set(ours) & set(gold)) for ours, gold in zip(found, answers.gold, strict=True))
        return 2 * hits / sum(len(ours) + len(gold) for ours, gold in zip(found, answers.gold, strict=True))

    scores = {method: score(method) for method in ("majority", "one_coin", "pooled", "ensemble", "dawid_skene")}
    return scores | {"ref. DS": 0.744}


def transcripts(name: str) -> dict[str, float | None]:
    """Return word error rates, case and punctuation aside."""
    answers = crowd(name, str)
    found = rover.fit(answers.answers)
    typical = rover.typicality(answers.answers, [split(text) for text in answers.answer], (), Steps(None, 1))
    starts = list(zip(answers.start[:-1], answers.start[1:], strict=True))
    medoid = [answers.answer[start + int(np.argmax(typical[start:after]))] for start, after in starts]
    row: dict[str, float | None] = {
        "one worker": error_rate([answers.answer[start] for start, _ in starts], answers.gold)
    }
    row |= {"medoid": error_rate(medoid, answers.gold), "rover": error_rate(found.text, answers.gold)}
    crowdkit = {"crowdspeech_dev_clean": 0.059, "crowdspeech_dev_other": 0.119, "crowdwsa_t1": 0.501}
    return row | {"voted": float(found.voted.mean()), "ck ROVER": crowdkit.get(name)}


def error_rate(texts, gold) -> float:
    pairs = [(spoken(truth), spoken(text)) for truth, text in zip(gold, texts, strict=True)]
    return sum(distance(truth, text) for truth, text in pairs) / sum(len(truth) for truth, _ in pairs)


def spoken(text: str) -> list[str]:
    return [word.key for word in split(text) if bare(word.surface)]


def frames(name: str) -> dict[str, float | None]:
    """Return F1 of boxes that overlap by half, over all pictures that have gold."""
    answers = crowd(name, lambda text: [Region((x, y, x + w, y + h)) for x, y, w, h in json.loads(text)])

    def score(found) -> float:
        judged = [(ours, gold) for ours, gold in zip(found, answers.gold, strict=True) if gold is not None]
        hits = sum(boxes.f1(ours, gold) * (len(ours) + len(gold)) for ours, gold in judged)
        return hits / sum(len(ours) + len(gold) for ours, gold in judged)

    one = [answers.answer[start] for start in answers.start[:-1]]
    return {"one worker": score(one), "cluster": score(boxes.fit(answers.answers).regions), "WBF": 0.910}


def outlines(name: str) -> dict[str, float | None]:
    """Return the mean IoU with gold."""
    answers = crowd(name, from_runs)

    def score(found) -> float:
        return float(np.mean([mask_iou(ours, gold) for ours, gold in zip(found, answers.gold, strict=True)]))

    votes = [masks.vote(given, np.ones(len(given))) for _, given in answers.answers.by_task()]
    one = [answers.answer[start] for start in answers.start[:-1]]
    crowdkit = {"bubil_masks1": 0.746, "bubil_masks3": 0.831, "bubil_masks5": 0.876}
    ours = score(masks.fit(answers.answers).mask)
    return {"one worker": score(one), "votes": score(votes), "weighted": ours, "ck EM": crowdkit.get(name)}


def from_runs(text: str):
    coded = json.loads(text)
    height, width = coded["size"]
    runs = np.array(coded["counts"])
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T


def preferences(name: str) -> dict[str, float | None]:
    """Return how often left-out workers who prefer one agree with the ranking of the others, in ten folds.

    The others' draws count for the ranking; what a ranking says of left-out ones is nothing. "decided": without draws.
    """
    given = rows(name)
    worker, workers = names.factorise([row["worker"] for row in given])
    item, items = names.factorise([row[side] for side in ("left", "right") for row in given])
    left, right = np.split(item, 2)
    left_won = np.array([row["label"] == row["left"] for row in given])
    drawn = np.array([row["label"] not in (row["left"], row["right"]) for row in given])
    preferring = np.unique(worker[~drawn])
    fold = np.full(len(workers), -1)
    fold[preferring] = np.random.default_rng(0).permutation(len(preferring)) % 10
    fold = fold[worker]
    fits: dict[str, Callable] = {"bradley_terry": bradley_terry.fit, "noisy": noisy_bradley_terry.fit}
    row: dict[str, float | None] = {}
    for method, used in [(method, used) for method in fits for used in (~drawn, np.ones(len(given), dtype=bool))]:
        agreed = np.zeros(len(given), dtype=bool)
        for out in range(10):
            kept = (fold != out) & used
            columns = (column[kept] for column in (worker, left, right, left_won))
            score = fits[method](Comparisons(*columns, len(items), len(workers), drawn[kept])).score
            agreed[fold == out] = ((score[left] > score[right]) == left_won)[fold == out]
        row[method if used.all() else f"{method[:5]}, decided"] = float(agreed[~drawn].mean())
    return row | {"ck BT": 0.714, "ck NoisyBT": 0.723}  # Crowd-Kit 1.4.2, its defaults, the same folds


def paired(ours, theirs, draws: int = 10_000) -> tuple[float, float, float]:
    """Return the bootstrap interval and the value of the difference in accuracy on the same tasks."""
    difference = ours.astype(float) - theirs.astype(float)
    values, counts = np.unique(difference, return_counts=True)
    n = len(difference)
    drawn = np.random.default_rng(0).multinomial(n, counts / n, size=draws) @ values / n
    low, high = np.quantile(drawn, [0.025, 0.975])
    return low, high, difference.mean()


if __name__ == "__main__":
    main()
