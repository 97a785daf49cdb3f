"""Prints the accuracy of every categorical method on real crowds, beside published figures.

    LABELCROWD_CROWD_DATA=folder make bench-accuracy

For the default method it prints the difference to majority vote with a paired 95 % interval over gold tasks.
"""

from __future__ import annotations

import time

import numpy as np
from crowds import categorical, sets

from apps.aggregation.methods import DEFAULT, METHODS

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
WITHOUT = {"hitspam_cf"}  # every method gives the same answers there


def main() -> None:
    columns = [*METHODS, "ck mv", "ck ds", "ebcc"]
    print(f"{'set':<12}" + "".join(f"{name[:12]:>13}" for name in columns) + f"{DEFAULT + ' - majority':>26}")
    scores = []
    for name in sets("categorical"):
        table, truth = categorical(name)
        judged = truth != -1
        right, seconds = {}, {}
        for method, fit in METHODS.items():
            started = time.perf_counter()
            right[method] = (fit(table).label == truth)[judged]
            seconds[method] = time.perf_counter() - started
        row = [right[method].mean() for method in METHODS]
        row += [np.nan if score is None else score for score in ELSEWHERE.get(name, (None, None, None))]
        low, high, difference = paired(right[DEFAULT], right["majority"])
        print(
            f"{name:<12}"
            + "".join(f"{score:>13.3f}" for score in row)
            + f"{difference:>+12.3f} [{low:+.3f}, {high:+.3f}]"
        )
        if name not in WITHOUT:
            scores.append(row)
    if scores:
        print(f"{'mean':<12}" + "".join(f"{score:>13.3f}" for score in np.nanmean(scores, axis=0)))
    else:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")


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
