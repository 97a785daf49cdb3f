"""Files of judgments are read alike from every format, and faults are told with their line."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from apps.console.judgments import files
from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import check_method, open_crowd

ROWS = [("t2", "ann", "cat"), ("t1", "ann", "dog"), ("t1", "bob", "dog"), ("t2", "bob", "cow")]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def csv(folder: Path, *rows: str, header: str = "task,worker,label", name: str = "judgments.csv") -> Path:
    return written(folder, name, "\n".join([header, *rows]) + "\n")


def triples(judgments: files.Judgments) -> list[tuple[str, ...]]:
    columns = (judgments.task, judgments.worker, judgments.label)
    return [tuple(column.names[int(column.code[row])].as_py() for column in columns) for row in range(len(judgments))]


def in_every_format(folder: Path) -> list[Path]:
    objects = [dict(zip(("task", "worker", "label"), row, strict=True)) for row in ROWS]
    parquet.write_table(pa.Table.from_pylist(objects), folder / "a.parquet")
    return [
        csv(folder, *(",".join(row) for row in ROWS)),
        csv(folder, *("\t".join(row) for row in ROWS), header="task\tworker\tlabel", name="a.tsv"),
        written(folder, "a.jsonl", "\n\n".join(map(json.dumps, objects))),
        folder / "a.parquet",
        written(folder, "excel.csv", b"\xef\xbb\xbftask;worker;label\r\n" + "\r\n".join(map(";".join, ROWS)).encode()),
        csv(folder, *(f"note,{w},{t},{label}" for t, w, label in ROWS), header="extra,worker,task,label", name="b.csv"),
    ]


def test_every_format_gives_the_same_judgments(tmp_path):
    read = [triples(files.read_judgments(path)) for path in in_every_format(tmp_path)]

    assert read == [ROWS] * 6


def test_codes_do_not_depend_on_the_order_of_rows(tmp_path):
    rows = [",".join(row) for row in ROWS]

    one, other = (files.read_judgments(csv(tmp_path, *order)) for order in (rows, rows[::-1]))

    assert one.task.names.to_pylist() == other.task.names.to_pylist() == ["t1", "t2"]
    assert one.label.code.tolist() == other.label.code.tolist()[::-1]


def test_numbers_and_lists_are_read_as_their_json_text(tmp_path):
    spans = [[0, 2, "PER"]]
    lines = written(tmp_path, "a.jsonl", json.dumps({"task": 7, "worker": "ann", "label": spans}) + "\n")
    parquet.write_table(pa.table({"task": [7], "worker": ["ann"], "label": [[[0, 2]]]}), tmp_path / "a.parquet")

    assert triples(files.read_judgments(lines)) == [("7", "ann", '[[0,2,"PER"]]')]
    assert triples(files.read_judgments(tmp_path / "a.parquet")) == [("7", "ann", "[[0,2]]")]


def test_a_task_is_called_the_same_whether_its_number_is_written_as_whole_or_not(tmp_path):
    rows = [{"task": 1.0, "worker": 7.0, "label": 1.0}, {"task": 1, "worker": 8, "label": 1}]
    lines = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    parquet.write_table(pa.table({"task": [1.0], "worker": [7.0], "label": ["1.0"]}), tmp_path / "a.parquet")

    assert triples(files.read_judgments(lines)) == [("1", "7", "1.0"), ("1", "8", "1")]
    assert triples(files.read_judgments(tmp_path / "a.parquet")) == [("1", "7", "1.0")]


@pytest.mark.parametrize(
    "content", ["sep=;\ntask;worker;label\n", "\ufeffsep=;\r\ntask;worker;label\r\n", "\n  \ntask;worker;label\n"]
)
def test_what_excel_puts_before_the_heading_is_read_and_counted_as_lines(tmp_path, content):
    path = written(tmp_path, "judgments.csv", content + "t;ann;two,words\nt;bob;cat\n")

    assert triples(files.read_judgments(path)) == [("t", "ann", "two,words"), ("t", "bob", "cat")]
    at = len(content.splitlines()) + 2
    with pytest.raises(BadFile, match=f"line {at}: worker is empty"):
        files.read_judgments(written(tmp_path, "judgments.csv", content + "t;ann;cat\nt;;cat\n"))
    with pytest.raises(BadFile, match=f"line {at}: there are 2 values, there should be 3"):
        files.read_judgments(written(tmp_path, "judgments.csv", content + "t;ann;cat\nt;bob\n"))


def test_of_a_workers_answers_to_one_task_the_most_frequent_is_kept_and_the_others_are_counted(tmp_path):
    read = files.read_judgments(csv(tmp_path, "t,ann,cat", "t,ann,dog", "t,bob,cow", "t,ann,dog", "u,bob,dog"))

    assert triples(read) == [("t", "ann", "dog"), ("t", "bob", "cow"), ("u", "bob", "dog")]
    assert read.repeats == 2


def test_who_contradicts_themselves_tells_for_neither_label_on_the_whole(tmp_path):
    rows = [f"t{t},w{w},{label}" for t in range(50) for w in range(8) for label in ("no", "yes")]

    kept = triples(files.read_judgments(csv(tmp_path, *rows)))

    assert len(kept) == 400
    assert 160 < sum(label == "no" for _, _, label in kept) < 240


def test_which_answers_are_kept_and_so_what_comes_of_them_does_not_depend_on_the_order_of_rows(tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"t{t},w{w},{label}" for t, w, label in rng.integers(0, (40, 6, 3), (600, 3))]

    found = []
    for _ in range(4):
        rng.shuffle(rows)
        family, _ = open_crowd(csv(tmp_path, *rows), kind="categorical")
        outcome = family.aggregate()
        kept = sorted(triples(family.judgments))
        found.append((kept, outcome.columns["label"].to_pylist(), outcome.confidence.round(9).tolist()))

    assert family.judgments.repeats > 300
    assert found == [found[0]] * 4


def test_a_label_with_a_line_break_does_not_shift_the_lines_of_later_faults(tmp_path):
    path = csv(tmp_path, 't,ann,"two\nlines"', "", "t,bob,")

    with pytest.raises(BadFile, match="line 5: label is empty"):
        files.read_judgments(path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "line 1: this should name the columns, but is empty"),
        (b"task,worker,label\n", "there are no judgments in it"),
        (b"task,worker,answer\n1,2,3\n", "line 1: there is no column 'label' among task, worker, answer"),
        (b"task,worker,label,label\n1,2,3,4\n", "line 1: there are 2 columns 'label'"),
        (b"task,worker,label\na,w,x\nb,w\n", "line 3: there are 2 values, there should be 3"),
        (b"task,worker,label\na,w,x\nb,w,x,y\n", "line 3: there are 4 values, there should be 3"),
        (b"task,worker,label\na,w,x\na,,x\n", "line 3: worker is empty"),
        (b"task,worker,label\na,w,x\nb,w,x\0y\n", "line 3: label holds a NUL"),
        (b"task,worker,label\na,w,x\nb,w,caf\xe9\n", "line 3: byte 8 of this line is not UTF-8"),
        (b"task,worker,label\xe9\na,w,x\n", "line 1: this is not UTF-8"),
        (b'task,worker,label\na,w,x\nb,w,"never closed\nc,w,x\n', "after line 2: a quote is not closed"),
    ],
)
def test_a_faulty_csv_file_is_refused_with_its_line(tmp_path, content, fault):
    with pytest.raises(BadFile, match=fault):
        files.read_judgments(written(tmp_path, "judgments.csv", content))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "there are no judgments in it"),
        (b'{"task":"1","worker":"w","label":"x"}\n{"task":1,"worker":"v"}\n', "line 2: there is no 'label'"),
        (b'{"task":"1","worker":"w","label":"x"}\n{"task":\n', "line 2: not JSON at column"),
        (b'{"task":"1","worker":"w","label":"x"}\n[1]\n', "line 2: this should be an object"),
        (b'{"task":"1","worker":"w","label":"caf\xe9"}\n', "line 1: this is not UTF-8"),
        (
            b'{"task":"1","worker":"w","label":1.5}\n{"task":"1","worker":"v","label":NaN}\n',
            "line 2: this is not JSON: NaN",
        ),
        (b'{"task":"1","worker":"w","label":"x\\u0000"}\n', "line 1: label holds a NUL"),
        (
            b'{"task":"1","worker":"w","label":"x"}\n\n{"task":"1","worker":"v","label":"\\ud800"}\n',
            "line 3: .* half of a character",
        ),
    ],
)
def test_a_faulty_json_lines_file_is_refused_with_its_line(tmp_path, content, fault):
    with pytest.raises(BadFile, match=fault):
        files.read_judgments(written(tmp_path, "judgments.jsonl", content))


def test_a_faulty_parquet_file_is_refused_with_its_row(tmp_path):
    parquet.write_table(
        pa.table({"task": ["a", "b"], "worker": ["w", "w"], "label": ["x", None]}), tmp_path / "a.parquet"
    )

    with pytest.raises(BadFile, match="row 2: there is no 'label'"):
        files.read_judgments(tmp_path / "a.parquet")
    with pytest.raises(BadFile, match="not a Parquet file"):
        files.read_judgments(written(tmp_path, "b.parquet", b"nonsense"))


def test_a_file_of_another_format_or_none_is_refused(tmp_path):
    with pytest.raises(BadFile, match="should end with one of"):
        files.read_judgments(written(tmp_path, "judgments.xlsx", b""))
    with pytest.raises(BadFile, match="there is no file"):
        files.read_judgments(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("kind", "label", "fault"),
    [
        ("numeric", "many", "line 3: label 'many' is not a number"),
        ("numeric", "10_14", "line 3: label '10_14' is not a number"),
        ("numeric", "inf", "line 3: label 'inf' is not a finite number"),
        ("numeric", "1e200", "line 3: label '1e200' is too large a number, it should be at most 1e\\+150"),
        ("spans", '"[[2, 1, ""A""]]"', "line 3: .* is no span"),
        ("spans", '"[[2, 1"', "line 3: .* is not JSON"),
        ("spans", "{}", "line 3: .* is no list"),
        ("spans", '"[[0, 300000000, ""A""]]"', "line 3: a span ends at token 300,000,000; a document has at most"),
        ("boxes", '"[[1, 2, 3, -4]]"', "line 3: .* is no box"),
        ("intervals", '"[[2.5, 2.5]]"', "line 3: .* is no stretch of time"),
        ("intervals", '"[[1, 2, 3]]"', "line 3: .* is no stretch of time"),
        ("intervals", '"[[null, 2]]"', "line 3: .* is no stretch of time"),
        ("boxes", '"[[1e308, 0, 1e308, 1]]"', "line 3: .* is no box"),
        ("masks", '"{""size"":[100000,100000],""counts"":[10000000000]}"', "line 3: .* is too large"),
        ("boxes", '"[[1, 2, 3]]"', "line 3: .* is no box"),
        ("masks", '"{""size"":[2,2],""counts"":[1,2]}"', "line 3: .* add up to 3, not to 2 x 2"),
        ("masks", '"{""size"":[2,2],""counts"":""04""}"', "line 3: .* is a compressed mask"),
        ("masks", '"{""size"":[1,4],""counts"":[4]}"', r"line 3: the mask's size is \(1, 4\), others .* \(2, 2\)"),
    ],
)
def test_a_label_that_its_kind_cannot_read_is_refused_with_its_line(tmp_path, kind, label, fault):
    good = {"numeric": "1", "masks": '"{""size"":[2,2],""counts"":[1,3]}"'}.get(kind, "[]")
    path = csv(tmp_path, f"t,ann,{good}", f"t,bob,{label}")

    with pytest.raises(BadFile, match=fault):
        open_crowd(path, kind=kind)


def test_a_comparison_of_something_else_is_refused_with_its_line(tmp_path):
    header = "task,worker,left,right,label"

    with pytest.raises(BadFile, match="line 2: label 'z' is neither 'x' nor 'y'"):
        open_crowd(csv(tmp_path, "a,w,x,y,z", header=header))
    with pytest.raises(BadFile, match="line 3: left and right are the same item"):
        open_crowd(csv(tmp_path, "a,w,x,y,x", "b,w,x,x,x", header=header))


@pytest.mark.parametrize(
    ("told", "labels"),
    [
        ("categorical", ["cat", "dog", "cat"]),
        ("categorical", ["0", "1", "4"]),
        ("numeric", ["0.5", "1", "4"]),
        ("text", ["a cat sat", "the dog ran off", "no one came"]),
        ("text", ["a cat sat", "the dog ran off", ""]),
        ("spans", ["[]", '"[[0, 2, ""PER""]]"', "[]"]),
        ("boxes", ["[]", '"[[0, 0, 3.5, 2]]"', "[]"]),
        ("intervals", ["[]", '"[[0, 12]]"', "[]"]),
        ("intervals", ["[]", '"[[0, 12, ""speech""]]"', '"[[0.5, 12, ""speech""]]"']),
        ("multilabel", ["[]", '"[""cat"", ""a dog""]"', '"[""cat""]"']),
        ("masks", ['"{""size"":[1,2],""counts"":[1,1]}"'] * 3),
    ],
)
def test_the_kind_is_told_from_the_labels(tmp_path, told, labels):
    family, why = open_crowd(csv(tmp_path, *(f"t{n},ann,{label}" for n, label in enumerate(labels))))

    assert family.name == told
    assert why


def test_many_whole_numbers_are_amounts_when_answers_to_one_task_are_near_each_other(tmp_path):
    near = [f"t{n},{worker},{n + shift}" for n in range(0, 40, 2) for shift, worker in enumerate(("ann", "bob"))]
    codes = [f"t{n},{worker},{n if n % 4 else (n + k * 17) % 40}" for n in range(40) for k, worker in enumerate("abc")]

    assert open_crowd(csv(tmp_path, *near))[0].name == "numeric"
    assert open_crowd(csv(tmp_path, *codes))[0].name == "categorical"


def test_ranges_with_a_line_between_their_ends_are_no_numbers(tmp_path):
    near = [
        f"t{n},{worker},{n}_{n + 4 + shift}" for n in range(0, 40, 2) for shift, worker in enumerate(("ann", "bob"))
    ]

    assert open_crowd(csv(tmp_path, *near))[0].name != "numeric"


def test_a_zero_written_twice_makes_no_classes_of_amounts(tmp_path):
    near = [f"t{n},{worker},{n + shift}" for n in range(0, 40, 2) for shift, worker in enumerate(("ann", "bob"))]

    assert open_crowd(csv(tmp_path, *near, "t0,eve,00", "t38,eve,0040"))[0].name == "numeric"


def test_a_few_whole_numbers_are_classes_and_it_is_said_where_they_look_like_a_scale(tmp_path):
    lot = np.random.default_rng(0)
    stars = [f"t{n},{w},{min(max(n % 5 + 1 + lot.integers(-1, 2), 1), 5)}" for n in range(60) for w in "abc"]
    codes = [f"t{n},{w},{n % 5 if lot.random() < 0.8 else lot.integers(5)}" for n in range(60) for w in "abc"]

    scale, classes = (open_crowd(csv(tmp_path, *rows)) for rows in (stars, codes))

    assert scale[0].name == classes[0].name == "categorical"
    hint = "though answers to one task are near each other: --method ordinal takes them for a scale, --kind numeric for"
    assert scale[1].endswith(f"{hint} amounts")
    assert classes[1] == "5 whole numbers, taken as codes of classes"


def test_whole_numbers_of_which_no_task_has_two_are_not_said_to_be_far_apart(tmp_path):
    family, why = open_crowd(csv(tmp_path, *(f"t{n},ann,{n * n}" for n in range(40))))

    assert (family.name, why) == ("categorical", "40 whole numbers, and no task has two answers that could tell")


def test_numbers_too_long_to_be_told_apart_as_numbers_are_codes_and_all_of_them_count(tmp_path):
    _, why = open_crowd(csv(tmp_path, *(f"t{n},ann,{10**30 + n}" for n in range(3))))

    assert why == "3 whole numbers of more digits than a number holds, taken as codes of classes"


def test_lists_that_all_hold_one_label_are_a_choice(tmp_path):
    one = [f't{n},{w},"[""{label}""]"' for n, label in enumerate(("cat", "dog", "cow")) for w in "abc"]

    choice, why = open_crowd(csv(tmp_path, *one))
    several, _ = open_crowd(csv(tmp_path, *one, 't0,eve,"[""cat"", ""dog""]"'))

    assert (choice.name, several.name) == ("categorical", "multilabel")
    assert why == "each list holds one label; --kind multilabel if there may be several"
    assert choice.aggregate().columns["label"].to_pylist() == ['["cat"]', '["dog"]', '["cow"]']


def test_two_files_put_together_with_both_headings_are_refused_where_the_second_begins(tmp_path):
    with pytest.raises(BadFile, match=r"judgments.csv, line 4: this is the heading again \(task, worker, label\)"):
        open_crowd(csv(tmp_path, "t,ann,cat", "t,bob,cat", "task,worker,label", "u,ann,dog"))


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        (["0.5", "1.5", "2.5", "2.0", "0.25", "n/a"], "line 7: label 'n/a' is not a number, as nearly all others are"),
        (["0,5", "1,5", "2,5"], "line 2: label '0,5' should have a decimal point"),
        (["1,003", "12,345", "1,234,567.50"], "line 2: label '1,003' should be without a thousands separator"),
        (["1,003", "1,5", "2,25"], "line 2: label '1,003' should have a decimal point"),
        (["cat", "dog", ""], "line 4: label is empty"),
        (["0.5", "", "2.5"], "line 3: label is empty"),
    ],
)
def test_slips_among_labels_are_told_with_their_line_and_make_no_other_kind_of_them(tmp_path, labels, fault):
    path = csv(tmp_path, *(f't{n},ann,"{label}"' for n, label in enumerate(labels)))

    with pytest.raises(BadFile, match=fault):
        open_crowd(path)


def test_a_file_whose_lines_end_as_in_old_times_is_refused(tmp_path):
    with pytest.raises(BadFile, match="they should end with line feeds"):
        open_crowd(written(tmp_path, "judgments.csv", "task,worker,label\rt,ann,cat\r"))


def test_labels_that_tell_nothing_ask_for_the_kind(tmp_path):
    with pytest.raises(BadFile, match="say which with --kind"):
        open_crowd(csv(tmp_path, "t,ann,[]", "t,bob,[]"))


def test_a_method_of_another_kind_is_refused_with_those_there_are(tmp_path):
    family, _ = open_crowd(csv(tmp_path, "t,ann,1.5"))

    with pytest.raises(BadFile, match="'majority' is no method for numeric: it should be one of blend, mean"):
        check_method(family, "majority")


def test_gold_with_two_answers_to_one_task_or_to_other_tasks_is_refused(tmp_path):
    judgments = files.read_judgments(csv(tmp_path, "t,ann,cat"))

    with pytest.raises(BadFile, match="line 3: task 't' has another answer above"):
        files.read_gold(csv(tmp_path, "t,cat", "t,dog", header="task,label", name="gold.csv"), judgments)
    with pytest.raises(BadFile, match=r"gold.csv: there are no gold answers in it"):
        files.read_gold(csv(tmp_path, header="task,label", name="gold.csv"), judgments)
    with pytest.raises(BadFile, match="none of its 1 tasks is judged in judgments"):
        files.read_gold(csv(tmp_path, "u,cat", header="task,label", name="gold.csv"), judgments)


def test_spans_beyond_the_document_or_documents_without_length_are_refused(tmp_path):
    path = csv(tmp_path, 't,ann,"[[0, 3, ""A""]]"')

    csv(tmp_path, "t,2", header="task,n_tokens", name="docs.csv")
    with pytest.raises(BadFile, match="line 2: a span ends at token 3, but the document has 2"):
        open_crowd(path)
    csv(tmp_path, "u,2", header="task,n_tokens", name="docs.csv")
    with pytest.raises(BadFile, match="there is no task 't'"):
        open_crowd(path)
    csv(tmp_path, "t,two", header="task,n_tokens", name="docs.csv")
    with pytest.raises(BadFile, match="line 2: n_tokens is 'two'"):
        open_crowd(path)
