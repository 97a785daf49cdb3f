"""Very many labels: votes are held of those that a task was given, and the answers are the same."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.aggregation import Table, dawid_skene, ensemble, glad, mace, majority, table, weighted
from apps.aggregation.agreement import cohen, gwet
from apps.aggregation.agreement.weights import weights
from apps.aggregation.table import BadTable


@st.composite
def crowds(draw):
    tasks, workers, labels = draw(st.integers(1, 6)), draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cells = [(task, worker) for task in range(tasks) for worker in range(workers)]
    asked = draw(st.lists(st.sampled_from(cells), unique=True, min_size=1))
    given = draw(st.lists(st.integers(0, labels - 1), min_size=len(asked), max_size=len(asked)))
    known = draw(st.dictionaries(st.integers(0, tasks - 1), st.integers(0, labels - 1), max_size=tasks))
    return [*map(list, zip(*asked, strict=True)), given, tasks, workers, labels], known


@settings(deadline=None)  # the first one loads what is compiled
@given(crowds())
def test_votes_held_as_a_sparse_matrix_decide_as_those_held_whole(crowd):
    size, known = crowd
    with pytest.MonkeyPatch.context() as patch:
        whole = [fit(Table(*size), known) for fit in (majority.fit, weighted.fit)]
        patch.setattr(table, "DENSE", 0)
        patch.setattr(table, "FILLED", 0)
        sparse = [fit(Table(*size), known) for fit in (majority.fit, weighted.fit)]

    answered = np.isin(np.arange(size[3]), [*size[0], *known])
    for one, other in zip(whole, sparse, strict=True):
        assert one.label.tolist() == other.label.tolist()
        assert other.confidence[answered] == pytest.approx(one.confidence[answered])
        assert other.posterior.toarray()[answered] == pytest.approx(one.posterior[answered])
        assert other.skill == pytest.approx(one.skill, nan_ok=True)


def catalogue(tasks: int, labels: int, workers: int = 100) -> Table:
    """Return a crowd of three answers a task, of which two are right."""
    lot = np.random.default_rng(0)
    truth = np.arange(tasks) % labels
    given = np.stack([truth, truth, lot.integers(labels, size=tasks)], axis=1)
    asked = np.sort(np.argsort(lot.random((tasks, workers)), axis=1)[:, :3], axis=1)
    return Table(np.repeat(np.arange(tasks), 3), asked.ravel(), given.ravel(), tasks, workers, labels)


@pytest.mark.parametrize("fit", [majority.fit, weighted.fit, gwet])
def test_labels_by_the_thousand_take_memory_by_the_answer(fit):
    crowd = catalogue(11_000, 11_000)  # 1 GB if each task had a place for each label

    tracemalloc.start()
    fit(crowd)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 200e6


@pytest.mark.parametrize("fit", [dawid_skene.fit, ensemble.fit, glad.fit, mace.fit])
def test_a_method_that_weighs_each_label_says_where_those_are_too_many(fit):
    with pytest.raises(BadTable, match=r"11,000 labels of 11,000 tasks are too many to weigh each of them"):
        fit(catalogue(11_000, 11_000))


def test_plain_coefficients_need_no_table_of_labels_by_labels_and_others_say_how_many_they_take():
    two = catalogue(3000, 60_000, workers=3)

    assert cohen(two).value == pytest.approx(cohen(two, kind="identity").value)
    with pytest.raises(BadTable, match=r"quadratic credit among 60,000 labels is too much; .* at most 4,000"):
        weights("quadratic", 60_000)
    with pytest.raises(BadTable, match="at most 4,000"):
        gwet(two, "linear")
