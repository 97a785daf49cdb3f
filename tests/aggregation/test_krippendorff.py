import numpy as np
import pytest
from crowds import crowd, grid, krippendorffs_example

from apps.aggregation import Table
from apps.aggregation.agreement import alpha, percent


@pytest.mark.parametrize(
    ("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_krippendorffs_own_example(metric, published):
    found = alpha(krippendorffs_example(), metric, values=[1, 2, 3, 4, 5])

    assert found.value == pytest.approx(published, abs=5e-4)
    assert found.low < found.value <= found.high
    assert found.tasks == 11


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_1_where_all_agree_and_0_by_chance(metric):
    agreeing = grid([[0, 1, 2, 3], [0, 1, 2, 3]])
    rng = np.random.default_rng(0)
    n = 4000
    chance = Table(np.repeat(np.arange(n), 2), np.tile([0, 1], n), rng.integers(0, 4, 2 * n), n, 2, 4)

    assert alpha(agreeing, metric, values=[1, 2, 3, 4]).value == 1
    assert abs(alpha(chance, metric, values=[1, 2, 3, 4]).value) < 0.05


def test_ordinal_alpha_needs_the_order_of_values_only():
    table = krippendorffs_example()

    assert alpha(table, "ordinal", [1, 2, 3, 4, 5]).value == alpha(table, "ordinal", [1, 10, 100, 1e3, 1e4]).value


def test_alpha_without_variation_or_without_pairs_is_undetermined():
    assert np.isnan(alpha(grid([[1, 1], [1, 1]])).value)
    assert np.isnan(alpha(grid([[0, 1]])).value)


def test_unknown_metrics_and_misfitting_values_are_refused():
    table = krippendorffs_example()

    with pytest.raises(ValueError, match="metric must be one of nominal"):
        alpha(table, "cosine")
    with pytest.raises(ValueError, match="one for each of 5 labels"):
        alpha(table, "interval", [1, 2])
    with pytest.raises(ValueError, match="negative"):
        alpha(table, "ratio", [-1, 2, 3, 4, 5])


def test_tasks_that_look_alike_are_drawn_as_if_one_by_one():
    table, _ = crowd(n_tasks=400, votes=3, n_labels=2)
    share = percent(table).value
    each = [np.unique(table.label[table.task == t], return_counts=True)[1] for t in range(400)]
    agreed = np.array([(n * (n - 1)).sum() / 6 for n in each])
    draws = agreed[np.random.default_rng(1).integers(0, 400, (2000, 400))].mean(axis=1)

    found = percent(table)

    assert share == pytest.approx(agreed.mean())
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.01)


def test_a_table_is_the_same_after_measuring_agreement():
    table, _ = crowd()
    before = table.label.copy()

    alpha(table)

    assert (table.label == before).all()
