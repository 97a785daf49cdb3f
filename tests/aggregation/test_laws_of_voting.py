"""What every categorical algorithm promises."""

from functools import partial

import numpy as np
import pytest
from crowds import crowd
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.aggregation import BadTable, Table, dawid_skene, majority, methods, weighted

METHODS = {
    **methods.METHODS,
    "dawid_skene without prior": partial(dawid_skene.fit, right=0, wrong=0, truth=0),
}
every_method = pytest.mark.parametrize("fit", METHODS.values(), ids=METHODS.keys())


@st.composite
def tables(draw):
    n_tasks, n_workers, n_labels = draw(st.integers(1, 8)), draw(st.integers(1, 5)), draw(st.integers(2, 4))
    cells = draw(st.lists(st.sampled_from(range(n_tasks * n_workers)), unique=True, max_size=n_tasks * n_workers))
    label = draw(st.lists(st.integers(0, n_labels - 1), min_size=len(cells), max_size=len(cells)))
    task, worker = np.divmod(np.array(cells, dtype=np.int64), n_workers)
    return Table(task, worker, np.array(label, dtype=np.int64), n_tasks, n_workers, n_labels)


@every_method
@settings(max_examples=40, deadline=None)
@given(tables())
def test_posteriors_are_probabilities_and_labels_their_first_maximum(fit, table):
    result = fit(table)

    assert result.posterior.shape == (table.n_tasks, table.n_labels)
    assert (result.posterior >= 0).all()
    assert result.posterior.sum(axis=1) == pytest.approx(1)
    of_label = np.take_along_axis(result.posterior, result.label[:, None], axis=1)[:, 0]
    assert (of_label >= result.posterior.max(axis=1, initial=0) - 1e-8).all()
    assert ((result.skill >= 0) & (result.skill <= 1 + 1e-9) | np.isnan(result.skill)).all()


@every_method
@settings(max_examples=20, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_answers_changes_not_a_bit(fit, table, random):
    rows = list(range(len(table)))
    random.shuffle(rows)
    size = (table.n_tasks, table.n_workers, table.n_labels)

    shuffled = Table(table.task[rows], table.worker[rows], table.label[rows], *size)

    assert (fit(shuffled).posterior == fit(table).posterior).all()


@every_method
def test_renaming_workers_changes_nothing(fit):
    table, _ = crowd()
    names = np.random.default_rng(3).permutation(table.n_workers)
    size = (table.n_tasks, table.n_workers, table.n_labels)

    renamed = fit(Table(table.task, names[table.worker], table.label, *size))

    assert renamed.posterior == pytest.approx(fit(table).posterior, abs=1e-6)
    assert renamed.skill[names] == pytest.approx(fit(table).skill, abs=1e-6)


@every_method
def test_renaming_labels_renames_the_result(fit):
    table, _ = crowd()
    names = np.array([2, 0, 1])
    size = (table.n_tasks, table.n_workers, table.n_labels)

    renamed = fit(Table(table.task, table.worker, names[table.label], *size))

    assert renamed.posterior[:, names] == pytest.approx(fit(table).posterior, abs=1e-6)


@every_method
def test_renaming_tasks_renames_the_result(fit):
    table, _ = crowd()
    names = np.random.default_rng(4).permutation(table.n_tasks)
    size = (table.n_tasks, table.n_workers, table.n_labels)

    renamed = fit(Table(names[table.task], table.worker, table.label, *size))

    assert renamed.posterior[names] == pytest.approx(fit(table).posterior, abs=1e-6)


@every_method
def test_unanimous_votes_win(fit):
    truth = np.arange(30) % 3
    table = Table(np.repeat(np.arange(30), 4), np.tile(np.arange(4), 30), np.repeat(truth, 4), 30, 4, 3)

    result = fit(table)

    assert (result.label == truth).all()
    assert (result.confidence > 0.9).all()
    assert (result.skill > 0.75).all()


@every_method
def test_known_labels_stay(fit):
    table, truth = crowd()
    known = {t: int((truth[t] + 1) % 3) for t in range(10)}

    result = fit(table, known)

    assert result.label[:10].tolist() == list(known.values())
    assert (result.confidence[:10] == 1).all()


@pytest.mark.parametrize("fit", methods.METHODS.values(), ids=methods.METHODS.keys())
def test_a_lone_answer_is_less_sure_than_several_that_agree_and_a_known_label_certain(fit):
    task, worker, label = [0] * 3 + [1] * 3 + [2, 3], [0, 1, 2] * 2 + [0, 1], [1] * 3 + [0, 0, 1] + [1, 1]

    agreed, _, lone, known = fit(Table(task, worker, label, 4, 3, 2), {3: 1}).confidence

    assert 0.5 < lone < min(agreed, 0.97)
    assert known == 1


@pytest.mark.parametrize(("accuracy", "gap"), [(0.6, 0.2), (0.75, 0.12), (0.9, 0.05)])
def test_lone_answers_are_by_default_not_much_surer_than_they_are_right(accuracy, gap):
    rng = np.random.default_rng(0)
    truth, votes = rng.integers(0, 2, 1000), np.where(rng.random(1000) < 0.4, 1, 3)
    task = np.repeat(np.arange(1000), votes)
    worker = np.concatenate([rng.choice(40, number, replace=False) for number in votes])
    label = np.where(rng.random(len(task)) < accuracy, truth[task], 1 - truth[task])

    found = methods.METHODS[methods.DEFAULT](Table(task, worker, label, 1000, 40, 2))

    assert found.confidence[votes == 1].mean() < (found.label == truth)[votes == 1].mean() + gap


@pytest.mark.parametrize("votes", [2, 3, 5])
@pytest.mark.parametrize(("accuracy", "gap"), [(0.0, 0.12), (0.6, 0.05), (0.8, 0.03), (0.95, 0.02)])  # √ of noise
@pytest.mark.parametrize("labels", [2, 4, 10])
@pytest.mark.parametrize("fit", [majority.fit, weighted.fit])
def test_a_lone_answer_is_said_to_be_right_as_often_as_it_is_for_those_who_guess_too(fit, labels, accuracy, gap, votes):
    rng = np.random.default_rng(labels)
    truth, number = rng.integers(0, labels, 4000), np.repeat([votes, 1], 2000)
    task = np.repeat(np.arange(4000), number)
    worker = np.concatenate([rng.choice(40, n, replace=False) for n in number])
    right = rng.random(len(task)) < max(accuracy, 1 / labels)
    label = np.where(right, truth[task], (truth[task] + rng.integers(1, labels, len(task))) % labels)

    found = fit(Table(task, worker, label, 4000, 40, labels))

    assert found.confidence[2000:].mean() == pytest.approx((found.label == truth)[2000:].mean(), abs=gap)


@every_method
def test_a_tie_goes_to_the_lowest_code(fit):
    table = Table([0, 0], [0, 1], [2, 1], n_tasks=1, n_workers=2, n_labels=3)

    assert fit(table).label.tolist() == [1]


@every_method
def test_tasks_without_answers_and_workers_without_answers_are_allowed(fit):
    table = Table([0, 0, 0], [0, 1, 2], [1, 1, 1], n_tasks=2, n_workers=4, n_labels=2)

    result = fit(table)

    assert result.label[0] == 1
    assert np.isfinite(result.posterior).all()
    assert np.isnan(result.skill).tolist() == [False, False, False, True]


@every_method
def test_no_answers_at_all_are_allowed(fit):
    table = Table([], [], [], n_tasks=2, n_workers=1, n_labels=2)

    assert fit(table).posterior == pytest.approx(0.5)
    assert len(fit(Table([], [], [], 0, 0, 2)).label) == 0
    assert fit(Table([], [], [], 2, 0, 2)).posterior == pytest.approx(0.5)


@every_method
@pytest.mark.parametrize("n_tasks", [0, 2])
def test_tasks_that_can_have_no_label_are_refused(fit, n_tasks):
    with pytest.raises(BadTable, match="there must be a label that a task can have"):
        fit(Table([], [], [], n_tasks, 0, 0))


@every_method
@settings(max_examples=20, deadline=None)
@given(tables())
def test_the_objective_never_falls(fit, table):
    gains = np.diff(fit(table).diagnostics.objective)

    assert (gains >= -1e-9 * max(len(table), 1)).all()


@every_method
def test_good_workers_decide_well(fit):
    table, truth = crowd(n_tasks=400, accuracy=(0.6, 0.95))

    assert (fit(table).label == truth).mean() > 0.9
