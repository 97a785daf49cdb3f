"""Prints how honest confidence is on real crowds: raw, and corrected by 100 audited tasks as campaigns are.

    LABELCROWD_CROWD_DATA=folder make bench-calibration

Audits are drawn as `quality` draws them: in three bands of confidence, more where it is low; a temperature and a shift
are fitted, each audit weighing as the tasks it stands for. Expected calibration error (10 bins) on the tasks that were
not audited, mean over 20 draws, beside the floor that perfect confidences would show on so few tasks. Sets with fewer
than 200 gold tasks are left out.
"""

from __future__ import annotations

import numpy as np
from real_crowds import categorical, folder, sets

from apps.aggregation import audit, calibration
from apps.aggregation.methods import DEFAULT, METHODS

AUDITS, BANDS, DRAWS, WITHOUT = 100, 3, 20, {"hitspam_cf"}
SHOWN = ("majority", "dawid_skene", DEFAULT)


def main() -> None:
    if folder() is None:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
        return
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


if __name__ == "__main__":
    main()
