"""Prints how honest confidence is on real crowds: raw, and corrected by 100 audited tasks as campaigns are.

    LABELCROWD_CROWD_DATA=folder make bench-calibration

Audits are drawn as `quality` draws them: in three bands of confidence, more where it is low; a temperature and a shift
are fitted, each audit weighing as the tasks it stands for. Expected calibration error (10 bins) on the tasks that were
not audited, mean over 20 draws, beside the floor that perfect confidences would show on so few tasks. Sets with fewer
than 200 gold tasks are left out.

Then scales, as campaigns read them, without audits: how right labels are said to be, and are, within the tolerance; all
of them, those away from the ends, and those at them. Of drawn crowds, which need no folder, and of real numbers put on
scales, whose gold is what other raters say: what those see otherwise no spread of these workers tells.
"""

# ruff: noqa: E402 - the settings must be known before a kind is imported
from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")

import django

django.setup()

import numpy as np
from real_crowds import categorical, crowd, look, sets

from apps.aggregation import audit, calibration
from apps.aggregation.methods import DEFAULT, METHODS
from apps.kinds import of
from apps.kinds.votes import Votes

AUDITS, BANDS, DRAWS, WITHOUT = 100, 3, 20, {"hitspam_cf"}
SHOWN = ("majority", "dawid_skene", DEFAULT)
SCALES = ((5, 0), (7, 0), (7, 1), (11, 0), (11, 1), (21, 2))  # points, tolerance
DRAWN = {  # crowds: what is unlike half of the workers who are twice as rough, on tasks unlike each other
    "five votes": {},
    "three votes": {"votes": 3},
    "ten votes": {"votes": 10},
    "all alike": {"rough": (0.12, 0.12), "hard": (1.0,)},
    "precise": {"rough": (0.05, 0.1), "hard": (1.0,)},
    "lenient and strict": {"bias": 0.1},
    "habits": {"habit": 0.2},
    "errors in common": {"shared": 0.08},
    "two humps": {"two_humped": True},
}
UNITS = {"snow_wordsim": (10, 2.5)}  # the highest number, and what gold is to be multiplied by; of others 100 and 1


def main() -> None:
    if look() is None:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
    else:
        classes()
    print(f"\n{'scales':<22}{'points':>7}{'within':>7}  {'method':<12}{'said':>8}{'right':>8}", end="")
    print(f"{'inside':>10}{'right':>8}{'at ends':>10}{'right':>8}")
    for points, tolerance in SCALES:
        for name, shape in DRAWN.items():
            show(name, points, tolerance, [drawn(seed, points, tolerance, **shape) for seed in range(4)])
    for name in sets("numeric"):
        for points, tolerance in SCALES[:-1]:
            show(name, points, tolerance, [on_a_scale(name, points, tolerance)])


def classes() -> None:
    columns = [f"{method} {what}" for method in SHOWN for what in ("raw", "fit", "floor")]
    print(f"{'ECE':<12}" + "".join(f"{column:>19}" for column in columns))
    scores = []
    for name in sets("categorical"):
        table, truth = categorical(name)
        judged = np.flatnonzero(truth != -1)
        if name in WITHOUT or len(judged) < 2 * AUDITS:
            continue
        scores.append([score for method in SHOWN for score in errors(METHODS[method](table), truth, judged)])
        print(f"{name:<12}" + "".join(f"{score:>19.3f}" for score in scores[-1]), flush=True)
    print(f"{'mean':<12}" + "".join(f"{score:>19.3f}" for score in np.mean(scores, axis=0)))


def errors(result, truth, judged) -> tuple[float, float, float]:
    """Return the error of raw and of fitted confidences, and the floor of the latter."""
    confidence, right = result.confidence[judged], (result.label == truth)[judged]
    raw, fitted, floor = [], [], []
    band = audit.bands(confidence, BANDS)
    allocation = audit.allocate(confidence, band, AUDITS)
    for seed in range(DRAWS):
        audited = audit.draw(band, allocation, np.random.default_rng(seed))
        rest = np.setdiff1d(np.arange(len(judged)), audited)
        drawn = np.bincount(band[audited], minlength=BANDS)
        weight = (np.bincount(band, minlength=BANDS) / np.maximum(drawn, 1))[band[audited]]
        fit = calibration.temperature(confidence[audited], right[audited], weight, shift=True)
        claimed = fit(confidence[rest])
        raw.append(calibration.expected_error(confidence[rest], right[rest]))
        fitted.append(calibration.expected_error(claimed, right[rest]))
        floor.append(calibration.sampling_floor(claimed, draws=20))
    return float(np.mean(raw)), float(np.mean(fitted)), float(np.mean(floor))


Judged = tuple[str, np.ndarray, np.ndarray, np.ndarray]  # method; of each label what is said, is it right, at an end


def show(name: str, points: int, tolerance: int, found: list[Judged]) -> None:
    said, right, ends = (np.concatenate([one[n] for one in found]) for n in (1, 2, 3))
    print(f"{name:<22}{points:>7}{tolerance:>7}  {'/'.join(sorted({one[0] for one in found})):<12}", end="")
    for part, wide in ((np.full(len(ends), True), 8), (~ends, 10), (ends, 10)):
        print(f"{said[part].mean():>{wide}.3f}{right[part].mean():>8.3f}", end="")
    print(flush=True)


def drawn(
    seed: int,
    points: int,
    tolerance: int,
    *,
    votes: int = 5,
    rough: tuple[float, float] = (0.09, 0.18),
    hard: tuple[float, ...] = (0.5, 1.0, 2.0),
    bias: float = 0.0,
    habit: float = 0.0,
    shared: float = 0.0,
    two_humped: bool = False,
) -> Judged:
    """Return labels of a crowd whose shifts and spreads are shares of the scale, its truth anywhere on it.

    Or truth at either end, which nine in ten name who take a side; one answer in ten is the middle of the scale.
    """
    tasks, workers, dice = 300, 40, np.random.default_rng(seed)
    truth, own = dice.uniform(-0.499, points - 0.501, tasks), points * dice.choice(rough, workers)
    task = np.repeat(np.arange(tasks), votes)
    worker = dice.random((tasks, workers)).argsort(axis=1)[:, :votes].ravel()
    shift = points * bias * dice.normal(size=workers)[worker] + points * shared * dice.normal(size=tasks)[task]
    seen = truth[task] + shift + dice.normal(size=len(task)) * own[worker] * dice.choice(hard, tasks)[task]
    if two_humped:
        truth = (points - 1.0) * dice.integers(0, 2, tasks)
        side = np.where(dice.random(len(task)) < 0.9, truth[task], points - 1 - truth[task])
        seen = np.where(dice.random(len(task)) < 0.1, (points - 1) // 2, side)
    usual = dice.integers(0, points, workers)[worker]
    answers = np.where(dice.random(len(task)) < habit, usual, np.round(seen))
    return judged(points, tolerance, (task, worker, answers, tasks, workers), np.round(truth))


def on_a_scale(name: str, points: int, tolerance: int) -> Judged:
    """Return labels of a real crowd whose numbers are put on a scale."""
    found, (most, unit) = crowd(name, float), UNITS.get(name, (100, 1.0))
    to_points = (points - 1) / most
    answers, gold = np.array(found.answer) * to_points, np.array(found.gold) * unit * to_points
    table = (found.task, found.worker, np.round(answers), found.n_tasks, found.n_workers)
    return judged(points, tolerance, table, np.clip(np.round(gold), 0, points - 1))


def judged(points: int, tolerance: int, table: tuple, truth: np.ndarray) -> Judged:
    kind, (task, worker, answers, tasks, workers) = of("rating"), table
    settings = kind.read_settings({"question": "?", "lowest": 0, "highest": points - 1, "tolerance": tolerance})
    given = [kind.read(int(one), settings) for one in np.clip(answers, 0, points - 1)]
    found = kind.aggregate(Votes(np.asarray(task), np.asarray(worker), given, tasks, workers), settings)
    label = np.array([float(one.answer) for one in found.consensus])
    said = np.array([one.confidence for one in found.consensus])
    return found.method, said, np.abs(label - truth) <= tolerance, np.isin(label, [0, points - 1])


if __name__ == "__main__":
    main()
