import numpy as np
import pytest
import scipy
from crowds import crowd, fleiss_diagnoses, grid, krippendorffs_example
from oracles import ask, needs_oracles

from apps.aggregation import Table, agreement
from apps.aggregation.agreement import pairwise
from apps.aggregation.answers import Answers
from apps.aggregation.numbers import Measurements


def test_fleiss_kappa_of_fleiss_own_example():
    table = fleiss_diagnoses()

    assert agreement.percent(table).value == pytest.approx(0.556, abs=5e-4)
    assert agreement.fleiss(table).value == pytest.approx(0.430, abs=5e-4)


def test_cohens_kappa_of_two_workers_ignores_the_others():
    table = grid([[0, 1, 1, 0, None], [0, 1, 0, 0, 1], [1, 0, 1, 1, 1]])
    alone = grid([[0, 1, 1, 0], [0, 1, 0, 0]])

    assert agreement.cohen(table).value == agreement.cohen(alone).value
    assert agreement.cohen(table).tasks == 4


def test_a_frequent_label_collapses_alpha_but_not_ac1():
    """Nine tasks in ten have the same label, and workers agree on 82 % of them."""
    table = grid([[0] * 90 + [1] * 10, [0] * 81 + [1] * 9 + [0] * 9 + [1]])

    assert agreement.percent(table).value == pytest.approx(0.82)
    assert agreement.alpha(table).value < 0.05
    assert agreement.gwet(table).value > 0.75


def test_partial_credit_raises_the_coefficients_of_near_misses():
    table = grid([[0, 1, 2, 3, 0, 1, 2, 3], [0, 1, 2, 3, 1, 2, 1, 2]])

    assert agreement.gwet(table, "quadratic").value > agreement.gwet(table).value + 0.1
    assert agreement.cohen(table, kind="quadratic").value > agreement.cohen(table).value + 0.1


@pytest.mark.parametrize("unit", [1e-12, 1e150, 1e307])
def test_the_unit_of_a_scale_changes_no_coefficient(unit):
    table = grid([[0, 1, 2, 3, 0, 1, 2, 3], [0, 1, 2, 3, 1, 2, 1, 2]])
    values = np.array([-7.0, -1.0, 2.0, 9.0])

    for metric in ("ordinal", "interval"):
        expected = agreement.alpha(table, metric, values).value
        assert agreement.alpha(table, metric, values * unit).value == pytest.approx(expected)
    for weights in ("linear", "quadratic"):
        expected = agreement.gwet(table, weights, values).value
        assert agreement.gwet(table, weights, values * unit).value == pytest.approx(expected)


def test_alpha_with_a_nominal_distance_is_nominal_alpha():
    table = krippendorffs_example()
    answers = Answers(table.task, table.worker, table.label.tolist(), table.n_tasks, table.n_workers)

    by_distance = agreement.alpha_by_distance(answers, lambda x, y: float(x != y))

    assert by_distance.value == pytest.approx(agreement.alpha(table).value)


def test_alpha_with_a_distance_is_close_when_its_pairs_are_sampled():
    table, _ = crowd(n_tasks=300, votes=4, seed=5)
    answers = Answers(table.task, table.worker, table.label.tolist(), table.n_tasks, table.n_workers)

    by_distance = agreement.alpha_by_distance(answers, lambda x, y: float(x != y))

    assert by_distance.value == pytest.approx(agreement.alpha(table).value, abs=0.02)


def test_pairwise_likeness_counts_every_task_once():
    answers = Answers([0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 0], "aabccz", n_tasks=3, n_workers=3)

    found = pairwise(answers, lambda x, y: float(x == y))

    assert found.value == pytest.approx((1 / 3 + 1) / 2)
    assert found.tasks == 2


@pytest.mark.parametrize(
    "measure",
    [
        agreement.percent,
        agreement.alpha,
        agreement.fleiss,
        agreement.gwet,
        lambda table: agreement.cohen(table, 0, 1),
    ],
)
def test_intervals_hold_the_long_run_value_about_as_often_as_they_say(measure):
    def draw(n, seed):
        rng = np.random.default_rng(seed)
        truth = np.repeat(rng.integers(0, 2, n), 3)
        label = np.where(rng.random(3 * n) < 0.8, truth, 1 - truth)
        return Table(np.repeat(np.arange(n), 3), np.tile(np.arange(3), n), label, n, 3, 2)

    long_run = measure(draw(100_000, 0)).value
    intervals = [measure(draw(120, seed)) for seed in range(1, 101)]

    held = sum(found.low <= long_run <= found.high for found in intervals)
    assert 86 <= held <= 100


def test_an_interval_holds_its_coefficient_even_of_few_tasks_whose_labels_are_all_different():
    table = grid(np.random.default_rng(0).permutation(60).reshape(3, 20).tolist())

    for found in (agreement.alpha(table), agreement.alpha(table, "ordinal", np.arange(60.0))):
        assert found.low <= found.value <= found.high <= 1


def test_agreement_of_few_tasks_without_exception_is_not_certain():
    """Two workers agree on all of twelve tasks: in up to 26 % of all such tasks they may not (Clopper, Pearson)."""
    table = grid([[0, 1] * 6] * 2)

    every = agreement.percent(table)

    exact = scipy.stats.binomtest(12, 12).proportion_ci(method="exact")
    assert (every.value, every.high) == (1, 1)
    assert every.low == pytest.approx(exact.low)
    answers = Answers(table.task, table.worker, table.label.tolist(), table.n_tasks, table.n_workers)
    alike = pairwise(answers, lambda x, y: float(x == y), bounds=(0, 1))
    assert alike.low == pytest.approx(exact.low)


def test_a_coefficient_that_no_resample_moves_has_no_interval_rather_than_one_of_no_width():
    table = grid([[0, 1] * 6] * 2)
    numbers = Measurements(table.task, table.worker, table.label.astype(float), table.n_tasks, table.n_workers)

    for found in (*(m(table) for m in (agreement.alpha, agreement.fleiss, agreement.gwet)), agreement.icc(numbers)):
        assert found.value == 1
        assert np.isnan([found.low, found.high]).all()


def test_no_pairs_leave_every_coefficient_undetermined():
    table = grid([[0, 1, 0]])

    for measure in (agreement.percent, agreement.alpha, agreement.fleiss, agreement.gwet):
        assert np.isnan(measure(table).value)
    assert np.isnan(agreement.icc(Measurements([0, 1], [0, 0], [1.0, 2.0], 2, 1)).value)


def test_misspelt_options_are_refused():
    with pytest.raises(ValueError, match="weights must be one of identity"):
        agreement.gwet(krippendorffs_example(), "cubic")
    with pytest.raises(ValueError, match="'answer' or 'mean'"):
        agreement.icc(Measurements([0], [0], [1.0], 1, 1), of="sum")


ragged = [krippendorffs_example(), crowd(n_tasks=80, votes=4, seed=2)[0], fleiss_diagnoses()]


@needs_oracles
@pytest.mark.parametrize("table", ragged)
@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_what_the_krippendorff_package_says(table, metric):
    values = np.arange(1, table.n_labels + 1)
    size = {"n_tasks": table.n_tasks, "n_workers": table.n_workers}

    (said,) = ask(
        (
            "krippendorff_alpha",
            {"task": table.task, "worker": table.worker, "value": values[table.label], "metric": metric, **size},
        )
    )

    assert agreement.alpha(table, metric, values).value == pytest.approx(said, abs=1e-9)


@needs_oracles
@pytest.mark.parametrize("table", ragged)
def test_coefficients_are_what_irrcac_says(table):
    rows = {"task": table.task, "worker": table.worker, "label": table.label}
    given = {**rows, "n_tasks": table.n_tasks, "n_workers": table.n_workers}
    wanted = [("gwet", "identity"), ("gwet", "quadratic"), ("gwet", "ordinal"), ("gwet", "linear")]

    percent, fleiss, *gwet = ask(
        ("irrcac_percent", given),
        ("irrcac", {**given, "coefficient": "fleiss", "weights": "identity"}),
        *(("irrcac", {**given, "coefficient": name, "weights": kind}) for name, kind in wanted),
    )

    assert agreement.percent(table).value == pytest.approx(percent, abs=1e-9)
    assert agreement.fleiss(table).value == pytest.approx(fleiss, abs=1e-9)
    assert [agreement.gwet(table, kind).value for _, kind in wanted] == pytest.approx(gwet, abs=1e-9)


@needs_oracles
def test_cohens_kappa_is_what_scikit_learn_says():
    rng = np.random.default_rng(0)
    first = rng.integers(0, 4, 60)
    second = np.where(rng.random(60) < 0.6, first, rng.integers(0, 4, 60))
    table = grid([first.tolist(), second.tolist()])

    said = ask(
        *(("sklearn_cohen", {"first": first, "second": second, "weights": w}) for w in (None, "linear", "quadratic"))
    )

    ours = [agreement.cohen(table, kind=kind).value for kind in ("identity", "linear", "quadratic")]
    assert ours == pytest.approx(said, abs=1e-9)


@needs_oracles
def test_intraclass_correlations_are_what_pingouin_says():
    rng = np.random.default_rng(0)
    task, worker = np.repeat(np.arange(12), 4), np.tile(np.arange(4), 12)
    value = rng.normal(size=12)[task] + rng.normal(size=48)
    table = Measurements(task, worker, value, 12, 4)

    ((one, mean),) = ask(("pingouin_icc", {"task": task, "worker": worker, "value": value}))

    assert agreement.icc(table).value == pytest.approx(one, abs=1e-9)
    assert agreement.icc(table, of="mean").value == pytest.approx(mean, abs=1e-9)
