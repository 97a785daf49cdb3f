"""Answers questions with other people's implementations: a line of JSON in, a line of JSON out.

Runs in the environment that requirements.lock describes (`make oracles`), never in the product's.
"""

# ruff: noqa: PLC0415 (an oracle takes seconds to load, so only the one asked is)

from __future__ import annotations

import json
import sys

import numpy as np


def frame(task, worker, label):
    import pandas as pd

    return pd.DataFrame({"task": task, "worker": worker, "label": label})


def grid(task, worker, value, n_tasks, n_workers):
    cells = np.full((n_workers, n_tasks), np.nan)
    cells[worker, task] = value
    return cells


def crowdkit_majority(task, worker, label):
    from crowdkit.aggregation import MajorityVote

    return MajorityVote().fit_predict(frame(task, worker, label)).sort_index().tolist()


def crowdkit_wawa(task, worker, label):
    from crowdkit.aggregation import Wawa

    return Wawa().fit_predict(frame(task, worker, label)).sort_index().tolist()


def crowdkit_dawid_skene(task, worker, label, iterations):
    from crowdkit.aggregation import DawidSkene

    posterior = DawidSkene(n_iter=iterations, tol=-1).fit_predict_proba(frame(task, worker, label))
    return posterior.sort_index().sort_index(axis=1).to_numpy().tolist()


def crowdkit_one_coin(task, worker, label, iterations):
    from crowdkit.aggregation import OneCoinDawidSkene

    posterior = OneCoinDawidSkene(n_iter=iterations, tol=-1).fit_predict_proba(frame(task, worker, label))
    return posterior.sort_index().sort_index(axis=1).to_numpy().tolist()


def crowdkit_mace(task, worker, label):
    from crowdkit.aggregation import MACE

    return MACE(n_restarts=1).fit_predict(frame(task, worker, label)).sort_index().tolist()


def crowdkit_rover(task, worker, text):
    import pandas as pd
    from crowdkit.aggregation import ROVER

    rows = pd.DataFrame({"task": task, "worker": worker, "text": text})
    return ROVER(str.split, " ".join).fit_predict(rows).sort_index().tolist()


def crowdkit_glad(task, worker, label):
    from crowdkit.aggregation import GLAD

    return GLAD(n_iter=50).fit_predict(frame(task, worker, label)).sort_index().tolist()


def crowdkit_bradley_terry(worker, left, right, winner):
    import pandas as pd
    from crowdkit.aggregation import BradleyTerry

    rows = pd.DataFrame({"worker": worker, "left": left, "right": right, "label": winner})
    # Any other tolerance ends after two steps: the scores are compared with themselves.
    return BradleyTerry(n_iter=2000, tol=-1).fit_predict(rows).sort_index().tolist()


def krippendorff_alpha(task, worker, value, n_tasks, n_workers, metric):
    import krippendorff

    return krippendorff.alpha(grid(task, worker, value, n_tasks, n_workers), level_of_measurement=metric)


def irrcac(task, worker, label, n_tasks, n_workers, coefficient, weights):
    import pandas as pd
    from irrCAC.raw import CAC

    rows = pd.DataFrame(grid(task, worker, label, n_tasks, n_workers).T)
    return getattr(CAC(rows, weights=weights, digits=12), coefficient)()["est"]["coefficient_value"]


def irrcac_percent(task, worker, label, n_tasks, n_workers):
    import pandas as pd
    from irrCAC.raw import CAC

    rows = pd.DataFrame(grid(task, worker, label, n_tasks, n_workers).T)
    return CAC(rows, digits=12).gwet()["est"]["pa"]


def sklearn_cohen(first, second, weights):
    from sklearn.metrics import cohen_kappa_score

    return cohen_kappa_score(first, second, weights=weights)


def sklearn_isotonic(x, y, at):
    from sklearn.isotonic import IsotonicRegression

    return IsotonicRegression(out_of_bounds="clip").fit(x, y).predict(at).tolist()


def pingouin_icc(task, worker, value):
    import pandas as pd
    import pingouin

    found = pingouin.intraclass_corr(
        pd.DataFrame({"t": task, "w": worker, "v": value}), targets="t", raters="w", ratings="v"
    )
    return found["ICC"].tolist()[:1] + found["ICC"].tolist()[3:4]


def pycocotools_box_iou(first, second):
    from pycocotools import mask

    return mask.iou(np.array(first, float), np.array(second, float), [0] * len(second)).tolist()


def pycocotools_mask_iou(first, second):
    from pycocotools import mask

    one = mask.encode(np.asfortranarray(np.array(first, dtype=np.uint8)))
    other = mask.encode(np.asfortranarray(np.array(second, dtype=np.uint8)))
    return float(mask.iou([one], [other], [0])[0, 0])


def jiwer_wer(reference, hypothesis):
    import jiwer

    return jiwer.wer(reference, hypothesis)


def jiwer_cer(reference, hypothesis):
    import jiwer

    return jiwer.cer(reference, hypothesis)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps([globals()[name](**given) for name, given in json.loads(line)]), flush=True)
