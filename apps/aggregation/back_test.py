"""How forecasts of what more answers gain did on the answers at hand: some are hidden, some bought, others judge.

Of each task's n answers, in a random order, ⌊n / 2⌋ are taken as all there is, the gain of a fifth more is forecast,
these are bought, one at least of each task left. Tasks of fewer than four answers keep theirs, buy none and count in no
share: where each task has one answer, no two of them differ, and nothing tells how good they are.

Those left judge, which no label is made of: labels made of all answers would speak for what was bought, as it is in
them. A judge names the right label with probability a, and each of the K - 1 others equally often. Where a label
changed, with v[t] the share of the judges that name the new one less that of those that name the old one,

    E[v[t]] = (a - (1 - a) / (K - 1)) · (1 if now right, -1 if no longer, else 0)
    rise = 1 / T · sum over the C changed tasks of v[t] / (a - (1 - a) / (K - 1))

of T tasks of four answers or more. Its variance from having these tasks and judges and no others is that of a sum of C
such terms; one at least, for none may have changed by chance.

a is that of a fit of all n answers, and less on hard tasks, where labels change: what is measured is rather too near to
0. Where a whole crowd errs alike, so do its judges.

Efron: The estimation of prediction error. JASA 99, 2004 (what a rule was made of makes it look better than it is).
"""

from __future__ import annotations

import numpy as np

from . import dawid_skene, forecast
from .arrays import Ints
from .forecast import Trial
from .methods import Fit
from .replay import random_places, rows_of
from .table import Table

STEP = 0.2
LEAST = 4  # answers of a task: two at hand, one to buy, one to judge
FEWEST = 30  # tasks that have them
BLUNTEST = 0.1  # what a judge tells at least: less of it is noise


def run(table: Table, *, method: Fit = dawid_skene.fit, seeds: int = 10) -> Trial | None:
    """Forecast on half of the answers what a fifth more gains, buy them, and judge by others; None of too few tasks."""
    if (table.votes >= LEAST).sum() < FEWEST or table.n_labels < 2:
        return None
    accuracy = forecast.accuracy_of(method(table), table)
    sharp = max(accuracy - (1 - accuracy) / (table.n_labels - 1), BLUNTEST)
    rows = [_one(table, sharp, method, np.random.default_rng((seed, 2))) for seed in range(seeds)]
    told, measured, noise = np.array(rows).T
    return Trial(told, measured, float(noise.mean()))


def _one(table: Table, sharp: float, method: Fit, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return what was forecast, what was measured, and its variance."""
    tried = table.votes >= LEAST
    place, half = random_places(table, rng), np.where(tried, table.votes // 2, table.votes)
    at_hand = rows_of(table, place < half[table.task])
    before = method(at_hand)
    sure = before.confidence[tried]
    accuracy, labels = forecast.accuracy_of(before, at_hand), table.n_labels
    wanted = forecast.plan(sure, int(STEP * half[tried].sum()), accuracy=accuracy, labels=labels)
    more = np.zeros(table.n_tasks, dtype=np.int64)
    more[tried] = np.minimum(wanted, (table.votes - half - 1)[tried])
    after = method(rows_of(table, place < (half + more)[table.task]))
    judges = rows_of(table, place >= (half + more)[table.task])
    measured, noise = _judged(judges, np.where(tried, before.label, after.label), after.label, sharp)
    share = float(tried.mean())
    expected = forecast.rise(sure, more[tried], accuracy=accuracy, labels=labels)
    return expected, measured / share, noise / share**2


def _judged(judges: Table, old: Ints, new: Ints, sharp: float) -> tuple[float, float]:
    """Return the rise in the share of right labels, and its variance."""
    tasks, changed = judges.n_tasks, old != new
    named = (judges.label == new[judges.task]).astype(float) - (judges.label == old[judges.task])
    vote = np.bincount(judges.task, named, minlength=tasks)[changed] / judges.votes[changed] / sharp
    return float(vote.sum()) / tasks, max(float((vote**2).sum()), 1.0) / tasks**2
