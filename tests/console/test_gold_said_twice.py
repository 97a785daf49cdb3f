"""Gold may say the same twice, in whatever way that judgments may; two different answers are a contradiction."""

import csv

import pytest
from django.core.management import CommandError
from test_judgment_files_commands import told

GIVEN = {
    "categorical": ["1", "2"],
    "numeric": ["1.5", "1"],
    "text": ["a cat", "a dog"],
    "boxes": ["[[0, 0, 5, 5]]", "[]"],
    "multilabel": ['["cat", "dog"]', '["cow"]'],
}


def judged(folder, kind, *gold):
    given = [("task", "worker", "label"), *((task, w, GIVEN[kind][task == "b"]) for task in "ab" for w in "xyz")]
    right = [("task", "label"), *(("a", label) for label in gold)]
    for name, rows in (("judgments", given), ("gold", right)):
        with (folder / f"{name}.tsv").open("w", newline="") as file:
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows(rows)
    return ("aggregate", folder / "judgments.tsv", "--kind", kind, "--gold", folder / "gold.tsv")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("categorical", "1", "1.0"),
        ("categorical", "1", " 1"),
        ("numeric", "1.5", "1.50"),
        ("text", "a cat", "a  cat "),
        ("boxes", "[[0, 0, 5, 5]]", "[[0,0,5.0,5]]"),
        ("multilabel", '["cat", "dog"]', '["cat","dog"]'),
    ],
)
def test_gold_that_says_the_same_in_two_ways_is_one_answer(tmp_path, kind, one, other):
    assert "1 judged task" in told(*judged(tmp_path, kind, one, other))


@pytest.mark.parametrize(
    ("kind", "one", "other"), [("categorical", "1", "2"), ("numeric", "1.5", "1.51"), ("boxes", "[]", "[[0, 0, 5, 5]]")]
)
def test_gold_that_says_two_things_is_refused_where_it_says_the_second(tmp_path, kind, one, other):
    with pytest.raises(CommandError, match=r"gold.tsv, line 3: task 'a' has another answer above"):
        told(*judged(tmp_path, kind, one, other))
