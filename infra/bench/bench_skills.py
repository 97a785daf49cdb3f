"""Prints how often workers' skill intervals, as campaigns show them, hold their accuracy on real crowds; nominal: 95 %.

    LABELCROWD_CROWD_DATA=folder make bench-skills

Labels are combined, gold is told and workers are scored as in a campaign (`quality.services.scoring`).
A worker's accuracy is their share of right answers to tasks of known truth that were no gold, of which there are at
least LEAST. Columns: without any gold; with a tenth of the true labels told as gold, mean over DRAWS draws; of the
latter by what gold said of the crowd: that it bears the crowd out (the interval rests on others' answers too), or not
(then it is as wide as gold alone leaves it); and with AUDITS audits besides, drawn and used as campaigns do, on sets
with truth enough, whatever gold said.

`width` is the intervals' mean: one that is nearly all of 0 to 1 holds everything. `over` is by how much the means of
skills are above accuracies, with gold and no audits; `labels` how many labels are right, and how sure they are, on the
same tasks: skills can be no better than the labels that they compare with.

Of intervals that hold less than SHORT where gold bears the crowd out, the last lines say how often most workers were
right on the gold that was drawn and on all other tasks: where gold drew the easier ones, the crowd looked better than
it is, and of few golds chance draws such.

An interval is of what the worker would do in the long run, the accuracy is of some answers: where these are few it
scatters, so a right interval may hold less than 95 %.
"""

# ruff: noqa: E402 - the settings must be known before a model is imported
from __future__ import annotations

import os
import sys
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")

import django

django.setup()

import numpy as np
from real_crowds import categorical, look, sets

from apps.aggregation import audit, calibration
from apps.aggregation.table import Table
from apps.kinds import of
from apps.kinds.votes import Votes
from apps.quality.services.scoring import Coded, estimates, shares_an_error

GOLD, DRAWS, LEAST = 0.1, 10, 20
AUDITS, BANDS = 100, 3
SHORT = 0.9
METHOD = "dawid_skene"  # a campaign's, where nothing is said
SAID = {False: "borne out", None: "not told", True: "shares an error"}


def main() -> None:
    if look() is None:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
        return
    columns = ("without gold", f"{GOLD:.0%} gold", *SAID.values(), f"{AUDITS} audits, too")
    print(f"{'':<12}{'workers':>8}" + "".join(f"{column:>22}" for column in columns) + f"{'of ' + columns[1]:>24}")
    print(f"{'':<12}{'':>8}" + f"{'held  width  draws':>22}" * len(columns) + f"{'over  labels: right, sure':>28}")
    rows, notes = [], []
    for name in sets("categorical"):
        workers, cells, labels, luck = row(*categorical(name))
        borne_out = cells[2]
        if borne_out and borne_out[0] < SHORT:
            found = f"most were right on {luck[0]:.1%} of the gold drawn, on {luck[1]:.1%} of the other tasks"
            notes.append(f"{name}, borne out in {borne_out[2]} draws of {DRAWS}: {borne_out[0]:.1%} held; {found}")
        print(f"{name:<12}{workers:>8}" + "".join(f"{shown(cell):>22}" for cell in cells) + labels, flush=True)
        rows.append(cells)
    print(f"{'mean':<20}", end="")
    for column in zip(*rows, strict=True):
        some = np.array([cell for cell in column if cell])
        print(f"{shown((some[:, 0].mean(), some[:, 1].mean(), len(some))) if len(some) else '-':>22}", end="")
    print("  (of so many sets)", *notes, sep="\n")


Cell = tuple[float, float, int]  # share held, mean width, draws
# What gold says of the crowd; held, width, over, right, sure, and how often most are right, on gold and elsewhere.
Draw = tuple[bool | None, tuple[float, ...]]


def shown(cell: Cell | None) -> str:
    return f"{cell[0]:.1%}   {cell[1]:.2f}   {cell[2]:>3}" if cell else "-"


def row(table: Table, truth: np.ndarray) -> tuple[int, list[Cell | None], str, np.ndarray]:
    """Return how many workers are measured without gold, the cells, what labels are worth with gold, and how often
    most workers are right, on gold and elsewhere, in draws that bear the crowd out.
    """
    judged = np.flatnonzero(truth >= 0)
    workers, alone = measured(table, truth, judged[:0])
    draws, audited = [], []
    for seed in range(DRAWS):
        gold = np.random.default_rng(seed).choice(judged, round(GOLD * len(judged)), replace=False)
        draws.append(measured(table, truth, gold)[1])
        if len(judged) - len(gold) >= 2 * AUDITS:
            audited.append(measured(table, truth, gold, audits=AUDITS, seed=seed)[1])
    by_said = [cell([draw for draw in draws if draw[0] is said]) for said in SAID]
    cells = [cell([alone]), cell(draws), *by_said, cell(audited)]
    over, right, sure = np.nanmean([draw[1][2:5] for draw in draws], axis=0)
    borne_out = [draw[1][5:] for draw in draws if draw[0] is False]
    luck = np.mean(borne_out, axis=0) if borne_out else np.full(2, np.nan)
    return workers, cells, f"{over:>+10.3f}{right:>13.3f}{sure:>8.3f}", luck


def cell(draws: list[Draw]) -> Cell | None:
    """Return the means over draws, None without any."""
    return (*np.mean([draw[1][:2] for draw in draws], axis=0).tolist(), len(draws)) if draws else None


def measured(table: Table, truth: np.ndarray, gold: np.ndarray, *, audits: int = 0, seed: int = 0) -> tuple[int, Draw]:
    """Return how many workers have enough answers to tasks whose truth is known and not told, and their figures."""
    kind = of("single_choice")
    options = [f"label {code}" for code in range(table.n_labels)]
    settings = kind.read_settings({"question": "Which?", "options": options})
    known = {int(task): [options[truth[task]]] for task in gold}
    answers = [options[code] for code in table.label]
    votes = Votes(table.task, table.worker, answers, table.n_tasks, table.n_workers, known)
    fitted = kind.aggregate(votes, settings, method=METHOD)
    coded = Coded(kind, settings, votes, fitted)
    untold = truth.copy()
    untold[gold] = -1
    tasks = np.flatnonzero((untold != -1) & (table.votes > 0))
    right = np.array([truth[task] >= 0 and fitted.consensus[task].answer == options[truth[task]] for task in tasks])
    if audits:
        coded.sure = calibrated(coded.sure[tasks], right, audits, np.random.default_rng(seed))(coded.sure)
    errs = shares_an_error(coded)
    skills = list(estimates(coded, [UUID(int=n) for n in range(table.n_workers)], errs=errs, scope="bench"))

    rows = np.flatnonzero(untold[table.task] != -1)
    asked = np.bincount(table.worker[rows], minlength=table.n_workers)
    hits = table.label[rows] == untold[table.task[rows]]
    some = np.flatnonzero(asked >= LEAST)
    accuracy = np.bincount(table.worker[rows], hits, minlength=table.n_workers)[some] / asked[some]
    mean, low, high = (np.array([getattr(skills[n], name) for n in some]) for name in ("mean", "low", "high"))
    held = (low <= accuracy) & (accuracy <= high)
    said = (table.counts().argmax(axis=1) == truth) & (table.votes > 0)
    figures = (held, high - low, mean - accuracy, right, coded.sure[tasks], said[gold], said[tasks])
    return len(some), (errs, tuple(float(np.mean(figure)) if len(figure) else np.nan for figure in figures))


def calibrated(confidence: np.ndarray, right: np.ndarray, audits: int, rng: np.random.Generator):
    """Return the correction of confidences that so many audits would make."""
    band = audit.bands(confidence, BANDS)
    drawn = audit.draw(band, audit.allocate(confidence, band, audits), rng)
    weight = np.bincount(band, minlength=BANDS) / np.maximum(np.bincount(band[drawn], minlength=BANDS), 1)
    return calibration.temperature(confidence[drawn], right[drawn], weight[band[drawn]], shift=True)


if __name__ == "__main__":
    main()
