import numpy as np
import pytest

from apps.aggregation import BadTable, Table, names


def test_rows_are_put_in_order_of_task_then_worker():
    table = Table([2, 0, 2], [1, 0, 0], [0, 1, 1], n_tasks=3, n_workers=2, n_labels=2)

    assert table.task.tolist() == [0, 2, 2]
    assert table.worker.tolist() == [0, 0, 1]
    assert table.label.tolist() == [1, 1, 0]
    assert table.votes.tolist() == [1, 0, 2]


def test_a_table_cannot_be_changed():
    table = Table([0], [0], [0], n_tasks=1, n_workers=1, n_labels=2)

    with pytest.raises(ValueError, match="read-only"):
        table.label[0] = 1


def test_the_arrays_given_are_left_alone():
    label = np.array([1, 0], dtype=np.int32)
    table = Table(np.array([1, 0]), np.array([0, 0]), label, n_tasks=2, n_workers=1, n_labels=2)

    label[:] = 1

    assert table.label.tolist() == [0, 1]


def test_an_empty_table_is_a_table():
    table = Table([], [], [], n_tasks=2, n_workers=0, n_labels=2)

    assert len(table) == 0
    assert table.votes.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("task", "worker", "label", "because"),
    [
        ([0, 0], [1, 1], [0, 1], "worker 1 answers task 0 more than once"),
        ([0, 5], [0, 1], [0, 1], "task codes must be from 0 to 1, not 5"),
        ([0, 1], [0, -1], [0, 1], "worker codes must be from 0 to 2, not -1"),
        ([0, 1], [0, 1], [0.5, 1.0], "label must be whole numbers"),
        ([0, 1], [0], [0, 1], "equally long"),
        ([[0, 1]], [0], [0, 1], "flat"),
    ],
)
def test_bad_tables_are_refused_with_the_reason(task, worker, label, because):
    with pytest.raises(BadTable, match=because):
        Table(task, worker, label, n_tasks=2, n_workers=3, n_labels=2)


def test_votes_are_counted_block_by_block_as_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    cell = rng.choice(50 * 7, 200, replace=False)
    table = Table(cell // 7, cell % 7, rng.integers(0, 3, 200), n_tasks=50, n_workers=7, n_labels=3)
    weight = rng.random(7)

    at_once = table.counts(), table.counts(weight)
    monkeypatch.setattr("apps.aggregation.table.BLOCK", 8)

    assert (table.counts() == at_once[0]).all()
    assert (table.counts(weight) == at_once[1]).all()
    assert at_once[0].sum() == 200


def test_known_labels_come_as_a_mapping_or_as_an_array():
    table = Table([0, 1, 2], [0, 0, 0], [0, 1, 0], n_tasks=3, n_workers=1, n_labels=2)

    assert table.clamp({1: 0}).tolist() == [-1, 0, -1]
    assert table.clamp(np.array([-1, 0, -1])).tolist() == [-1, 0, -1]
    assert table.clamp(None).tolist() == [-1, -1, -1]


@pytest.mark.parametrize("known", [{3: 0}, {0: 2}, np.array([0, 2, 0]), np.array([0, 0])])
def test_known_labels_out_of_range_are_refused(known):
    table = Table([0, 1, 2], [0, 0, 0], [0, 1, 0], n_tasks=3, n_workers=1, n_labels=2)

    with pytest.raises(BadTable):
        table.clamp(known)


def test_many_names_get_the_codes_that_few_get():
    few = ["é", "z", "a", "𝄞", "", "z", "ﬀ"]

    codes, known = names.factorise(few)
    many, known_of_many = names.factorise(few * 2000)

    assert known_of_many == known == sorted(set(few))
    assert many.tolist() == codes.tolist() * 2000


@pytest.mark.parametrize("known", [np.array([0.7, 1.0]), np.array([0.0, 1.0]), np.array([np.nan, 1.0]), {0: 0.7}])
def test_known_labels_that_are_not_whole_are_refused_and_not_cut_off(known):
    table = Table([0, 1], [0, 0], [0, 1], n_tasks=2, n_workers=1, n_labels=2)

    with pytest.raises(BadTable, match="known label must be whole numbers, not float64"):
        table.clamp(known)


def test_the_last_label_that_a_byte_holds_can_be_known():
    table = Table([0, 1], [0, 0], [0, 1], n_tasks=2, n_workers=1, n_labels=200)

    assert table.clamp(np.array([127, -1], dtype=np.int8)).tolist() == [127, -1]
