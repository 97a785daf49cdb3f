import numpy as np
import pytest
from crowds import crowd
from oracles import ask, needs_oracles

from apps.aggregation import dawid_skene, glad, mace, majority, one_coin, weighted

pytestmark = needs_oracles


def rows(table):
    return {"task": table.task, "worker": table.worker, "label": table.label}


def test_majority_is_crowd_kits_where_no_votes_tie():
    table, _ = crowd(n_tasks=300, votes=5)
    top = np.sort(table.counts(), axis=1)
    clear = top[:, -1] > top[:, -2]

    (said,) = ask(("crowdkit_majority", rows(table)))

    assert (majority.fit(table).label == said)[clear].all()


@pytest.mark.parametrize("n_labels", [2, 4])
def test_dawid_skene_without_prior_is_crowd_kits_to_ten_digits(n_labels):
    table, _ = crowd(n_tasks=300, n_labels=n_labels, seed=n_labels)

    (said,) = ask(("crowdkit_dawid_skene", rows(table) | {"iterations": 10}))
    ours = dawid_skene.fit(table, right=0, wrong=0, truth=0, iterations=10, tolerance=-1)

    assert ours.posterior == pytest.approx(np.array(said), abs=1e-8)


def test_weighted_votes_decide_nearly_as_wawa_does():
    table, _ = crowd(n_tasks=500, n_workers=15, seed=3)

    (said,) = ask(("crowdkit_wawa", rows(table)))

    assert (weighted.fit(table).label == said).mean() > 0.98


def test_glad_decides_nearly_as_crowd_kits():
    table, _ = crowd(n_tasks=150, n_workers=10, seed=4)

    (said,) = ask(("crowdkit_glad", rows(table)))

    assert (glad.fit(table).label == said).mean() > 0.97


@pytest.mark.parametrize("n_labels", [2, 4])
def test_one_coin_without_prior_is_crowd_kits_to_eight_digits(n_labels):
    table, _ = crowd(n_tasks=200, n_labels=n_labels, seed=n_labels)
    plain = {"classes": "estimated", "right": 0, "wrong": 0, "truth": 0}

    (said,) = ask(("crowdkit_one_coin", rows(table) | {"iterations": 10}))
    ours = one_coin.fit(table, **plain, iterations=10, tolerance=-1)

    assert ours.posterior == pytest.approx(np.array(said), abs=1e-8)


def test_mace_decides_nearly_as_crowd_kits():
    """Theirs is variational Bayes from random starts, ours the maximum a posteriori from the shares of votes."""
    table, _ = crowd(n_tasks=200, n_workers=10, accuracy=(0.3, 0.95), seed=5)

    (said,) = ask(("crowdkit_mace", rows(table)))

    assert (mace.fit(table).label == said).mean() > 0.97
