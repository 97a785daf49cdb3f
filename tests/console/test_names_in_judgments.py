"""Names of tasks, workers and classes are what they are meant to be, whatever stands around them unseen."""

import pytest
from test_judgment_files import csv

from apps.console.judgments import files
from apps.console.judgments.columns import BadFile, column, tidied, tidy
from apps.console.judgments.crowd import open_crowd


def test_spaces_around_names_and_headings_are_cut_as_those_of_classes_are(tmp_path):
    rows = ["t1, ann,cat", "t1, ben , cat", "t1 ,cy,dog", "t2,ann ,dog", "t2,\u200bben,dog", "\ufefft2, ann, cat"]
    path = csv(tmp_path, *rows, header="task, worker, label")

    family, _ = open_crowd(path)

    asked = family.judgments
    assert asked.task.names.to_pylist() == ["t1", "t2"]
    assert asked.worker.names.to_pylist() == ["ann", "ben", "cy"]
    assert (family.name, family.names.to_pylist(), asked.repeats) == ("categorical", ["cat", "dog"], 1)


def test_a_name_is_one_however_its_characters_are_composed(tmp_path):
    one, other = "caf\u00e9", "cafe\u0301"
    rows = [f"{one},{other},{one}", f"{other},ann,{other}", "tea,ann,tea", f"tea,{one},tea"]

    family, _ = open_crowd(csv(tmp_path, *rows), kind="categorical")
    gold = files.read_gold(csv(tmp_path, f"{other},{other}", header="task,label ", name="gold.csv"), family.judgments)

    assert family.judgments.task.names.to_pylist() == [one, "tea"]
    assert family.judgments.worker.names.to_pylist() == ["ann", one]
    assert family.names.to_pylist() == [one, "tea"]
    assert family.accuracy(family.aggregate(), gold)[0].value == 1


def test_items_that_are_compared_and_the_preferred_one_are_names_too(tmp_path):
    rows = ["1,ann,x ,y, x", "1,ben, x,y,x"]

    family, _ = open_crowd(csv(tmp_path, *rows, header="task,worker,left,right,label"))

    assert family.aggregate().columns["label"].to_pylist() == ["x"]


def test_a_name_of_spaces_alone_is_empty_and_a_heading_twice_is_told(tmp_path):
    with pytest.raises(BadFile, match="line 3: worker is empty"):
        open_crowd(csv(tmp_path, "a,ann,cat", "b,\u200b ,cat"))
    with pytest.raises(BadFile, match="there are 2 columns 'label'"):
        open_crowd(csv(tmp_path, "a,ann,cat,dog", header="task,worker,label, label"))


def test_names_are_cut_alike_one_by_one_and_as_a_column():
    import pyarrow as pa

    every = [f"{chr(code)}a{chr(code)}" for code in range(0x3100) if not 0xD800 <= code < 0xE000]

    cut = tidied(column(pa.array(every).dictionary_encode()))

    assert [cut.names[int(code)].as_py() for code in cut.code] == [tidy(name) for name in every]


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("spans", '[[0, 2, "città"]]'),
        ("boxes", '[[0.0, 0.0, 2.0, 2.0, "город"]]'),
        ("intervals", '[[0.0, 2.5, "音楽"]]'),
        ("multilabel", '["naïve"]'),
    ],
)
def test_names_of_types_are_written_in_their_own_letters(tmp_path, kind, label):
    quoted = '"' + label.replace('"', '""') + '"'
    family, _ = open_crowd(csv(tmp_path, f"a,v,{quoted}", f"a,w,{quoted}"), kind=kind)

    assert list(family.aggregate().columns["label"]) == [label]
    with pytest.raises(BadFile, match="città"):
        open_crowd(csv(tmp_path, 'a,v,"[[""città"", 2]]"'), kind=kind)
