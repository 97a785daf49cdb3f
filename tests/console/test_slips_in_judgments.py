"""A slip does not change what a whole file is taken for: it is told with its line."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import open_crowd

BOXES = [f'"[[{n}, {n}, 5.5, 5]]"' for n in range(9)]
SPANS = [f'"[[{n}, {n + 2}, ""PER""]]"' for n in range(9)]
WHOLE = [str(n * 7) for n in range(9)]


def judged(folder: Path, *labels: str) -> Path:
    path = folder / "judgments.csv"
    rows = [f"t{n // 3},w{n % 3},{label}" for n, label in enumerate(labels)]
    path.write_text("\n".join(["task,worker,label", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        ([*WHOLE, "n/a"], "line 11: label 'n/a' is not a number, as nearly all others are; --kind says .* categorical"),
        ([*WHOLE[:3], "3.5", "n/a", *WHOLE[3:]], "line 6: label 'n/a' is not a number"),
        (["-1.5", "unsure", *WHOLE], "line 3: label 'unsure' is not a number"),
        ([*WHOLE, "nan"], "line 11: label 'nan' is not a finite number"),
        (["2", "inf"], "line 3: label 'inf' is not a finite number"),
        ([*WHOLE, ""], "line 11: label is empty"),
        ([*BOXES, "n/a"], "line 11: label 'n/a' is no list or object of JSON, as nearly all others are"),
        (["none", *SPANS], "line 2: label 'none' is no list or object of JSON, as nearly all others are"),
        ([*SPANS, '"[[2, 3"'], "line 11: label '\\[\\[2, 3' is not JSON"),
        (['"[[0, 1, ""PER""]]"', *BOXES], "line 2: .* is no box; the label should be"),
        (['"[""a"", ""b""]"', *SPANS], "line 2: .* is no span"),
    ],
)
def test_what_nearly_all_labels_are_is_what_the_others_should_be(tmp_path, labels, fault):
    with pytest.raises(BadFile, match=fault):
        open_crowd(judged(tmp_path, *labels))


def test_who_says_that_they_are_classes_is_believed(tmp_path):
    family, _ = open_crowd(judged(tmp_path, *WHOLE, "n/a"), kind="categorical")

    assert family.name == "categorical"


@pytest.mark.parametrize("labels", [["1", "2", "1", "cat"], ["[noise] well", "[noise] oh", "[noise] so", "yes", "no"]])
def test_where_others_are_many_the_file_is_taken_for_what_holds_all(tmp_path, labels):
    assert open_crowd(judged(tmp_path, *labels))[0].name in ("categorical", "text")


@pytest.mark.parametrize("strange", [np.nan, np.inf])
@pytest.mark.parametrize("kind", [None, "categorical", "numeric"])
def test_a_number_of_parquet_that_is_none_is_neither_a_class_nor_an_amount(tmp_path, strange, kind):
    path = tmp_path / "judgments.parquet"
    labels = [1.0, 2.0, strange, 1.0]
    parquet.write_table(pa.table({"task": ["a", "a", "b", "b"], "worker": ["v", "w"] * 2, "label": labels}), path)

    with pytest.raises(BadFile, match=f"row 3: label is {strange}, it should be a finite number"):
        open_crowd(path, kind=kind)


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        (["[]", '"[[[1]]]"', "[]"], r"line 3: label '\[\[\[1\]\]\]' fits no family: say which with --kind"),
        (["[]", "[]"], r"judgments.csv: that labels are '\[\]' tells no family: say which with --kind"),
    ],
)
def test_labels_that_fit_no_family_are_told_by_the_one_that_is_strange(tmp_path, labels, fault):
    with pytest.raises(BadFile, match=fault):
        open_crowd(judged(tmp_path, *labels))


@pytest.mark.parametrize(
    ("kind", "label", "fault"),
    [
        ("spans", '"[[false, 2, ""PER""]]"', 'line 3: .*false, 2, "PER".* is no span'),
        ("spans", '"[[0, true, ""PER""]]"', 'line 3: .*0, true, "PER".* is no span'),
        ("masks", '"{""size"":[true,2],""counts"":[2]}"', "line 3: label .* is no mask"),
        ("boxes", '"[[true, 0, 1, 1]]"', "line 3: .* is no box"),
    ],
)
def test_yes_and_no_are_no_numbers(tmp_path, kind, label, fault):
    good = '"{""size"":[1,2],""counts"":[2]}"' if kind == "masks" else "[]"

    with pytest.raises(BadFile, match=fault):
        open_crowd(judged(tmp_path, good, label), kind=kind)


def test_a_document_of_more_tokens_than_are_held_is_refused_with_its_line(tmp_path):
    path = judged(tmp_path, *SPANS)
    (tmp_path / "docs.csv").write_text("task,n_tokens\nt0,12\nt1,999999999\nt2,12\n")

    with pytest.raises(BadFile, match=r"docs.csv, line 3: n_tokens is 999,999,999, a document has at most 1,000,000"):
        open_crowd(path)
