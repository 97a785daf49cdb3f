"""Prints what `manage.py aggregate` reaches on real crowds with no option given, beside the simplest way.

    LABELCROWD_CROWD_DATA=folder make bench-crowd-sets

The folder holds a folder for each set: judgments.csv, gold.csv, META.json. For classes: the difference in accuracy to
majority vote with a paired 95 % interval over gold tasks; degenerate sets count in no mean. Nothing is tuned to them.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from real_crowds import look

sys.path.insert(0, str(Path(__file__).parents[2]))

from apps.console.judgments import figures, files
from apps.console.judgments.crowd import open_crowd
from apps.console.judgments.families.categorical import Categorical

DEGENERATE = {"hitspam_cf"}  # every method gives the same labels there
SIMPLEST = {"categorical": "majority", "numeric": "mean", "spans": "majority", "pairwise": "bradley_terry"}
ALLOWED = -0.01


def main() -> None:
    root = look()
    found = sorted(root.glob("*/META.json")) if root else []
    if not found:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
        return
    print(f"{'set':<22}{'told as':<13}{'agreement':>10}  {'default':<42}{'simplest':<22}{'difference':<26}{'s':>6}")
    rows = [measure(meta.parent, json.loads(meta.read_text())["kind"]) for meta in found]
    judged = [row for row in rows if row is not None]
    if judged:
        ours, simple, low = (np.array(column) for column in zip(*judged, strict=True))
        print(f"\nclasses, mean accuracy: default {ours.mean():.4f}, majority {simple.mean():.4f}", end="")
        print(f"; sets with the interval wholly below {ALLOWED * 100:.0f} point: {int((low < ALLOWED).sum())}")


def measure(folder: Path, kind: str) -> tuple[float, float, float] | None:
    """Print a set's line; return both accuracies and the upper end of the difference, where it counts in the mean."""
    started = time.perf_counter()
    crowd, _ = open_crowd(folder / "judgments.csv")
    told = crowd.name if crowd.name == kind else f"{crowd.name} (!)"
    agreement = crowd.glance()[0]
    outcome = crowd.aggregate()
    seconds = time.perf_counter() - started
    start = f"{folder.name:<22}{told:<13}{agreement.shown(agreement.value):>10}  "
    if not (folder / "gold.csv").is_file():
        print(f"{start}{'no gold':<90}{seconds:>6.2f}")
        return None
    gold = files.read_gold(folder / "gold.csv", crowd.judgments, may_be_empty=crowd.may_be_empty)
    ours = crowd.accuracy(outcome, gold)[0]
    shown = f"{ours.name} {ours}"
    if crowd.name not in SIMPLEST:
        print(f"{start}{shown:<42}{'':<48}{seconds:>6.2f}")
        return None
    simplest = crowd.aggregate(SIMPLEST[crowd.name])
    theirs = crowd.accuracy(simplest, gold)[0]
    beside = f"{SIMPLEST[crowd.name]} {theirs.shown(theirs.value)}"
    if not isinstance(crowd, Categorical):
        print(f"{start}{shown:<42}{beside:<48}{seconds:>6.2f}")
        return None
    truth, _ = crowd.truth(gold)
    right = [(one.answers[gold.task] == truth).astype(float) for one in (outcome, simplest)]
    gain = figures.mean("difference", right[0] - right[1], share=True, bounds=(-1.0, 1.0))
    difference = f"{gain.value * 100:+.1f} [{gain.low * 100:+.1f}, {gain.high * 100:+.1f}] points"
    print(f"{start}{shown:<42}{beside:<22}{difference:<26}{seconds:>6.2f}")
    return None if folder.name in DEGENERATE else (ours.value, theirs.value, gain.high)


if __name__ == "__main__":
    main()
