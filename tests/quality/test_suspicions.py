"""Two who share a range of addresses are looked at first: they are few, so chance had fewer tries with them."""

import numpy as np

from apps.aggregation import Table, suspicion
from apps.quality.suspicions import alike

WORKERS, TASKS = 60, 1500


def test_a_pair_from_one_range_of_addresses_is_shown_sooner_than_one_of_many():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, TASKS)
    said = np.where(rng.random((WORKERS, TASKS)) < 0.75, truth, (truth + rng.integers(1, 3, (WORKERS, TASKS))) % 3)
    given = np.argsort(rng.random((WORKERS, TASKS)), axis=0) < 4
    meet = rng.random(TASKS) < 0.015
    given[:2, meet] = True
    said[1, meet] = said[0, meet]
    worker, task = np.nonzero(given)
    table = Table(task, worker, said[given], TASKS, WORKERS, 3)
    unknown = np.full(TASKS, -1)

    apart, close = (
        {tuple(codes): odds for _, codes, odds, _ in alike(table, unknown, near=near)} for near in (set(), {(0, 1)})
    )

    bound = suspicion.threshold(WORKERS)
    assert apart.get((0, 1), 0.0) < bound <= close[0, 1]
