"""aggregate, agreement and replay, as typed: what they print and write, and that they need no database."""

import csv
import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from django.core.management import CommandError, call_command

from apps.console.management.commands import aggregate, agreement

ROOT = Path(__file__).parents[2]


@pytest.fixture
def crowd(tmp_path):
    """A file of 60 tasks, each judged by 12 workers, of whom the last three guess; and its gold beside it."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 60)
    with (tmp_path / "judgments.csv").open("w") as file:
        file.write("task,worker,label\n")
        for task, right in enumerate(truth):
            for worker in range(12):
                wrong = rng.random() < (0.5 if worker > 8 else 0.15)
                file.write(f"t{task},w{worker},{'cat' if right ^ wrong else 'dog'}\n")
    gold = [f"t{task},{'cat' if right else 'dog'}" for task, right in enumerate(truth)]
    (tmp_path / "gold.csv").write_text("\n".join(["task,label", *gold]) + "\n")
    return tmp_path


def told(*words: object) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out, stderr=out)
    return out.getvalue()


def test_a_reader_that_has_enough_ends_a_command_quietly_and_what_it_writes_is_written(crowd):
    words = [sys.executable, "manage.py", "aggregate", crowd / "judgments.csv", "--out", crowd / "labels.csv"]
    read, write = os.pipe()
    os.close(read)  # as `| head -0` would

    ended = subprocess.run(words, cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True, check=False)

    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len((crowd / "labels.csv").read_text().splitlines()) == 61


@pytest.mark.parametrize("method", ["one_coin", "one_coin_estimated"])
def test_a_method_is_reported_by_the_name_by_which_it_is_asked_for(crowd, method):
    assert f"method {method} " in squeezed(told("aggregate", crowd / "judgments.csv", "--method", method)) + " "


def test_classes_that_differ_by_case_only_are_noted(tmp_path):
    said = ["t1,ann,yes", "t1,bob,Yes", "t1,cy,yes", "t2,ann,no", "t2,bob,no"]
    (tmp_path / "judgments.csv").write_text("\n".join(["task,worker,label", *said]) + "\n")

    for command in ("aggregate", "agreement"):
        said = squeezed(told(command, tmp_path / "judgments.csv"))
        assert "note labels that differ by case only are different classes: 'Yes', 'yes'" in said


def test_alpha_by_a_metric_is_printed_where_it_is_asked_for_and_fits(tmp_path):
    (tmp_path / "judgments.csv").write_text("task,worker,label\na,v,1\na,w,2\nb,v,10\nb,w,20\nc,v,4\nc,w,4\n")
    asked = ("agreement", tmp_path / "judgments.csv", "--kind")

    found = [squeezed(told(*asked, kind, "--metric", "ratio")) for kind in ("numeric", "categorical")]

    value = re.search(r"alpha, ratio (\S+)", found[0])[1]
    assert value == re.search(r"alpha, ratio (\S+)", found[1])[1] == f"{ratio_alpha([(1, 2), (10, 20), (4, 4)]):.3f}"
    assert "alpha, ratio" not in squeezed(told(*asked, "numeric"))
    with pytest.raises(CommandError, match="--metric is for --kind categorical or numeric, and these are text"):
        told(*asked, "text", "--metric", "ratio")
    (tmp_path / "judgments.csv").write_text("task,worker,label\na,v,-1\na,w,2\n")
    with pytest.raises(CommandError, match="numbers from 0 on, and -1 is below"):
        told(*asked, "numeric", "--metric", "ratio")


def ratio_alpha(units):
    def squares(pairs):
        return sum(((x - y) / (x + y)) ** 2 for x, y in pairs)

    every = [value for unit in units for value in unit]
    apart = [(x, y) for i, x in enumerate(every) for j, y in enumerate(every) if i != j]
    return 1 - (2 * squares(units) / len(every)) / (squares(apart) / len(apart))


def test_whole_ratings_whose_gold_has_decimals_are_numbers(tmp_path):
    lot = np.random.default_rng(0)
    truth = lot.uniform(1, 5, 60).round(2)
    said = [f"t{n},w{w},{min(max(round(one + lot.normal()), 1), 5)}" for n, one in enumerate(truth) for w in range(4)]
    (tmp_path / "judgments.csv").write_text("\n".join(["task,worker,label", *said]) + "\n")
    (tmp_path / "gold.csv").write_text("\n".join(["task,label", *(f"t{n},{x}" for n, x in enumerate(truth))]) + "\n")
    asked = ("aggregate", tmp_path / "judgments.csv")

    with_gold, alone = squeezed(told(*asked, "--gold", tmp_path / "gold.csv")), squeezed(told(*asked))

    assert "numeric (guessed: labels are whole numbers, and '1." in with_gold
    assert "in gold.csv is none)" in with_gold
    assert "Pearson's correlation 0.8" in with_gold or "Pearson's correlation 0.9" in with_gold
    assert "categorical (guessed: 5 whole numbers" in alone
    assert "--kind numeric for amounts" in alone
    as_told = squeezed(told(*asked, "--kind", "categorical", "--gold", tmp_path / "gold.csv"))
    assert "accuracy" in as_told  # who says what they are is believed


@pytest.mark.parametrize("gold", ["1", "4", "9", "2.0", "cat"])
def test_gold_without_decimals_leaves_whole_numbers_classes(tmp_path, gold):
    said = [f"t{n},w{w},{(n + w // 3) % 5}" for n in range(20) for w in range(4)]
    (tmp_path / "judgments.csv").write_text("\n".join(["task,worker,label", *said]) + "\n")
    (tmp_path / "gold.csv").write_text(f"task,label\nt1,{gold}\n")

    assert ": categorical (" in told("aggregate", tmp_path / "judgments.csv", "--gold", tmp_path / "gold.csv")


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_aggregate_prints_a_summary_with_accuracy_and_writes_the_labels(crowd):
    said = told("aggregate", crowd / "judgments.csv", "--gold", crowd / "gold.csv", "--out", crowd / "labels.csv")

    for line in (
        "categorical (guessed: 2 different labels)",
        "judgments                 720",
        "12.0, each",
        "ensemble",
    ):
        assert line in said
    assert "accuracy" in said
    assert "macro-F1" in said
    with (crowd / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["task", "label", "confidence"]
    assert len(rows) == 60
    assert {row["label"] for row in rows} == {"cat", "dog"}
    assert all(0.5 <= float(row["confidence"]) <= 1 for row in rows)
    assert not list(crowd.glob(".labels*"))


def test_gold_that_speaks_of_other_classes_than_the_judgments_is_noticed(crowd):
    (crowd / "other.csv").write_text("task,label\nt0,Cat\nt1,dog\nt2,horse\n")

    said = told("aggregate", crowd / "judgments.csv", "--gold", crowd / "other.csv")

    assert "note labels of gold that nobody gave: 2, 'Cat', 'horse'" in squeezed(said)


def test_labels_are_the_same_in_every_format(crowd):
    for name in ("labels.csv", "labels.jsonl", "labels.parquet"):
        told("aggregate", crowd / "judgments.csv", "--out", crowd / name)

    with (crowd / "labels.csv").open(newline="") as file:
        rows = [{**row, "confidence": float(row["confidence"])} for row in csv.DictReader(file)]
    assert rows == [json.loads(line) for line in (crowd / "labels.jsonl").read_text().splitlines()]
    assert rows == parquet.read_table(crowd / "labels.parquet").to_pylist()


@pytest.mark.parametrize(
    ("given", "label", "kept_as"),
    [
        (["1", "2", "1"], 1, "int64"),
        (["true", "1.50", "true"], "true", "string"),
        (["007", "7", "007"], "007", "string"),
        ([2.25, 2.75, 2.5], 2.5, "double"),
        (["12 cats", "12 cats", "12 rats"], "12 cats", "string"),
        ([["cat", "dog"], ["cat", "dog"], []], ["cat", "dog"], "extension<arrow.json>"),
        ([[[0, 2, "PER"]]] * 3, [[0, 2, "PER"]], "extension<arrow.json>"),
        ([[[1, 2, 10, 20.5]]] * 3, [[1, 2, 10, 20.5]], "extension<arrow.json>"),
        ([{"size": [1, 3], "counts": [1, 2]}] * 3, {"size": [1, 3], "counts": [1, 2]}, "extension<arrow.json>"),
    ],
)
def test_labels_are_values_where_a_format_has_types_and_are_read_again_as_what_they_are(
    tmp_path, given, label, kept_as
):
    rows = [{"task": f"t{task}", "worker": f"w{n}", "label": one} for task in range(2) for n, one in enumerate(given)]
    (tmp_path / "judgments.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("labels.csv", "labels.jsonl", "labels.parquet"):
        told("aggregate", tmp_path / "judgments.jsonl", "--out", tmp_path / name)

    written = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [row["label"] for row in written] == [label] * 2
    table = parquet.read_table(tmp_path / "labels.parquet")
    assert str(table.schema.field("label").type) == kept_as
    as_gold = [
        squeezed(told("aggregate", tmp_path / "judgments.jsonl", "--gold", tmp_path / name))
        for name in ("labels.csv", "labels.jsonl", "labels.parquet")
    ]
    figures = [said.split(" gold ")[1].split(" time ")[0] for said in as_gold]
    assert figures[0] == figures[1] == figures[2]


@pytest.mark.parametrize(
    ("kind", "given", "method"),
    [
        ("categorical", ["cat", "cat", "dog"], "ensemble"),
        ("numeric", [1.5, 2.5, 2.25], "blend"),
        ("text", ["a cat sat", "a cat sat", "the cat sat"], "rover"),
        ("spans", [[[0, 2, "X"]], [[0, 2, "X"]], []], "dawid_skene"),
        ("boxes", [[[0, 0, 4, 4]], [[0, 1, 4, 4]], []], "cluster"),
        ("intervals", [[[0, 4]], [[0.5, 4]], []], "cluster"),
        ("multilabel", [["x", "y"], ["x"], ["x", "z"]], "ensemble"),
        ("masks", [{"size": [1, 3], "counts": [1, 2]}] * 3, "pixels"),
        ("pairwise", ["a", "a", "b"], "noisy_bradley_terry"),
        ("pairwise", ["a", "a", "b"], "bradley_terry"),
    ],
)
def test_what_takes_long_shows_how_far_it_is_whatever_the_kind(tmp_path, monkeypatch, capsys, kind, given, method):
    sides = {"left": "a", "right": "b"} if kind == "pairwise" else {}
    rows = [
        {"task": f"t{n}", "worker": f"w{worker}", **sides, "label": label}
        for n in range(4)
        for worker, label in enumerate(given)
    ]
    (tmp_path / "judgments.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = ("aggregate", tmp_path / "judgments.jsonl", "--kind", kind, "--method", method)

    told(*asked)
    assert capsys.readouterr().err == ""  # over before anybody waits
    monkeypatch.setattr(aggregate, "PATIENCE", 0.0)
    told(*asked)

    shown = capsys.readouterr().err.splitlines()
    assert len(shown) > 1
    combining = [line for line in shown if line.startswith(f"  combining {kind}: ")]
    comparing = [line for line in shown if line.startswith(f"  comparing {kind}: ")]
    assert shown == [*combining, *comparing]
    assert re.fullmatch(r"  combining \w+: 100%, ([\d,]+) of \1 ", combining[-1])


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", ["a cat sat", "a cat sat", "the cat sat"]),
        ("spans", [[[0, 2, "X"]], [[0, 2, "X"]], []]),
        ("boxes", [[[0, 0, 4, 4]], [[0, 1, 4, 4]], []]),
        ("intervals", [[[0, 4]], [[0.5, 4]], []]),
        ("masks", [{"size": [1, 3], "counts": [1, 2]}] * 3),
        ("multilabel", [["x", "y"], ["x"], ["x", "z"]]),
    ],
)
def test_how_far_a_long_comparison_is_never_falls_and_ends_with_all(tmp_path, monkeypatch, capsys, kind, given):
    rows = [{"task": f"t{n}", "worker": f"w{w}", "label": label} for n in range(4) for w, label in enumerate(given)]
    (tmp_path / "judgments.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(agreement, "PATIENCE", 0.0)

    told("agreement", tmp_path / "judgments.jsonl", "--kind", kind)

    shares = [
        int(re.fullmatch(rf"  comparing {kind}: (\d+)%, .*", line)[1]) for line in capsys.readouterr().err.splitlines()
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 100
    assert len(shares) > 3


def test_a_number_is_written_to_csv_as_workers_wrote_it(tmp_path):
    (tmp_path / "prices.csv").write_text("task,worker,label\na,ann,1.50\na,bob,1.50\nb,ann,2.00\n")

    for name in ("labels.csv", "labels.jsonl"):
        told("aggregate", tmp_path / "prices.csv", "--kind", "categorical", "--out", tmp_path / name)

    with (tmp_path / "labels.csv").open(newline="") as file:
        assert [row["label"] for row in csv.DictReader(file)] == ["1.50", "2.00"]
    assert [json.loads(line)["label"] for line in (tmp_path / "labels.jsonl").read_text().splitlines()] == [1.5, 2.0]


def test_the_order_of_rows_changes_no_byte(crowd):
    header, *rows = (crowd / "judgments.csv").read_text().splitlines()
    (crowd / "backwards.csv").write_text("\n".join([header, *rows[::-1]]) + "\n")

    told("aggregate", crowd / "judgments.csv", "--out", crowd / "one.csv")
    told("aggregate", crowd / "backwards.csv", "--out", crowd / "other.csv")

    assert (crowd / "one.csv").read_bytes() == (crowd / "other.csv").read_bytes()


def test_without_out_the_first_labels_are_shown(crowd):
    said = told("aggregate", crowd / "judgments.csv", "--method", "majority")

    assert "task,label,confidence\nt0," in said
    assert "and 55 more" in said


def test_what_cannot_be_is_refused_in_a_sentence(crowd):
    judgments = crowd / "judgments.csv"

    with pytest.raises(CommandError, match="would overwrite the judgments"):
        told("aggregate", judgments, "--out", judgments)
    with pytest.raises(CommandError, match="should end with one of"):
        told("aggregate", judgments, "--out", crowd / "labels.xlsx")
    with pytest.raises(CommandError, match="there is no folder"):
        told("aggregate", judgments, "--out", crowd / "nowhere" / "labels.csv")
    with pytest.raises(CommandError, match=r"'rover' is no method for categorical: .*; it is of --kind text"):
        told("aggregate", judgments, "--method", "rover")
    with pytest.raises(CommandError, match="--target must be above 0"):
        told("replay", judgments, "--gold", crowd / "gold.csv", "--target", "2")
    (crowd / "texts.csv").write_text("task,worker,label\nt0,ann,a cat sat\nt1,ann,no one came by\n")
    (crowd / "alike.csv").write_text("task,worker,label\nt0,ann,yes\nt0,bob,yes\n")
    with pytest.raises(CommandError, match=r"the labels are text .*; only classes can be replayed"):
        told("replay", crowd / "texts.csv", "--gold", crowd / "gold.csv")
    with pytest.raises(CommandError, match="all labels are yes, so there is nothing to replay"):
        told("replay", crowd / "alike.csv", "--gold", crowd / "gold.csv")
    with pytest.raises(CommandError, match="--control is 1, it should be"):
        told("replay", judgments, "--gold", crowd / "gold.csv", "--control", "1")
    assert judgments.read_text().startswith("task,worker,label")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("aggregate judgments.csv --docs docs.csv", "--docs is for spans, and the labels of judgments.csv are"),
        ("agreement judgments.csv --docs docs.csv --kind categorical", "--docs is for spans, .* of --kind categorical"),
        ("aggregate judgments.csv --processes 2", r"--processes is for --engine \(dask\), and none is named"),
        ("aggregate judgments.csv --scheduler tcp://here:1", "--scheduler is for --engine"),
        ("aggregate judgments.csv --clamp", "--clamp says that the method is told --gold, and none is given"),
        ("aggregate judgments.csv --gold gold.csv --clamp --kind text", "--clamp is for --kind categorical"),
        ("aggregate judgments.csv --engine dask --method majority", "does --method dawid_skene of --kind categorical"),
        (
            "aggregate judgments.csv --engine dask --scheduler tcp://here:1 --processes 2",
            "--processes is for this mach",
        ),
        ("replay judgments.csv --gold gold.csv --policy fixed --least 2", "--least is for --policy adaptive"),
        (
            "replay judgments.csv --gold gold.csv --most 0",
            "--least is 1 and --most is 0, it should be 1 <= --least <= --m",
        ),
        ("replay judgments.csv --gold gold.csv --policy fixed --most 10", "--most is for --policy adaptive"),
        ("replay judgments.csv --gold gold.csv --policy fixed --control 0", "--control is for --policy adaptive"),
    ],
)
def test_an_option_that_does_not_apply_is_refused_and_not_passed_over(crowd, monkeypatch, asked, why):
    monkeypatch.chdir(crowd)

    with pytest.raises(CommandError, match=why):
        told(*asked.split())


def test_agreement_prints_each_coefficient_with_its_interval(crowd):
    said = told("agreement", crowd / "judgments.csv")

    found = {line[2:30].strip(): line[30:].split() for line in said.splitlines() if " to " in line}
    assert {"percent agreement", "Krippendorff's alpha", "Fleiss' kappa", "Gwet's AC1"} <= set(found)
    value, low, high = (float(found["Krippendorff's alpha"][at]) for at in (0, 1, 3))
    assert low < value < high


def test_agreement_of_two_workers_has_cohens_kappa(tmp_path):
    rows = [f"t{n},{worker},{(n + (n == 3) * k) % 2}" for n in range(20) for k, worker in enumerate("ab")]
    (tmp_path / "two.csv").write_text("\n".join(["task,worker,label", *rows]) + "\n")

    said = told("agreement", tmp_path / "two.csv")

    assert "Cohen's kappa                   0.900" in said


def test_replay_prints_what_a_policy_saves_and_what_it_costs_in_accuracy(crowd):
    asked = ("replay", crowd / "judgments.csv", "--gold", crowd / "gold.csv", "--seeds", "4", "--most", "12")

    said = told(*asked, "--policy", "adaptive", "--target", "0.95")

    assert "adaptive, target 0.95" in said
    assert "fixed k=5, majority 290 ± 0 5.00 ± 0.00" in squeezed(said)  # two of the 60 tasks are control questions
    assert re.search(r"control questions (\d+) answers, all in the bill", squeezed(said))
    assert "fewer answers, accuracy" in said.split("against fixed k=12, majority")[1]
    assert told(*asked, "--target", "0.95") == said


def test_a_replay_leaves_out_redundancies_that_the_file_has_no_answers_for_and_says_so(crowd):
    header, *rows = (crowd / "judgments.csv").read_text().splitlines()
    few = [row for row in rows if int(row.split(",")[1][1:]) < (9 if row.startswith("t0,") else 3)]
    (crowd / "few.csv").write_text("\n".join([header, *few]) + "\n")
    asked = ("replay", crowd / "few.csv", "--gold", crowd / "gold.csv", "--seeds", "2")

    said = squeezed(told(*asked))

    assert "judgments per task 3.1, 3 to 9" in said
    assert "left out fixed k=10: half of the tasks have 3 answers or fewer, and none more than 9" in said
    assert set(re.findall(r"fixed k=(\d+), ", said)) == {"3"}
    assert set(re.findall(r"fixed k=(\d+), ", told(*asked, "--k", "8"))) == {"8"}  # asked for by its number
    assert "fixed k=3, ensemble" in told(*asked, "--policy", "fixed")
    with pytest.raises(CommandError, match=r"--k is 10, and no task of few\.csv has more than 9 answers"):
        told(*asked, "--k", "10")


def test_a_fixed_replay_asks_each_task_as_often(crowd):
    said = told("replay", crowd / "judgments.csv", "--gold", crowd / "gold.csv", "--policy", "fixed", "--k", "3")

    assert "fixed k=3, ensemble 180 ± 0 3.00 ± 0.00" in squeezed(said)
    assert "against fixed k=3, majority: as many answers" in said


def test_a_target_is_no_reason_to_refuse_a_fixed_replay_and_is_said_to_change_nothing(crowd):
    asked = ("replay", crowd / "judgments.csv", "--gold", crowd / "gold.csv", "--policy", "fixed", "--seeds", "1")

    without, said = told(*asked), told(*asked, "--target", "0.98")

    note = "  note                      fixed redundancy has no target: 0.98 changes nothing\n"
    assert said.count(note) == 1
    assert said.replace(note, "") == without


def test_a_replay_doubts_gold_that_speaks_of_other_classes_as_aggregate_does(crowd):
    (crowd / "other.csv").write_text("task,label\nt0,Cat\nt1,dog\nt2,cat\n")

    said = told("replay", crowd / "judgments.csv", "--gold", crowd / "other.csv", "--seeds", "1")

    assert "note labels of gold that nobody gave: 1, 'Cat'" in squeezed(said)


@pytest.mark.parametrize("command", ["aggregate", "agreement"])
def test_what_word_errors_leave_aside_is_said(tmp_path, command):
    (tmp_path / "texts.csv").write_text("task,worker,label\nt,ann,A cat sat\nt,bob,a cat sat!\nu,ann,no one came\n")

    said = squeezed(told(command, tmp_path / "texts.csv", "--kind", "text"))

    assert "word error rate 0.000" in said
    assert "note errors leave case and punctuation aside; a character of Han, kana, Thai and their like is" in said


@pytest.mark.parametrize("command", [["aggregate"], ["agreement"], ["replay", "--gold", "gold.csv", "--seeds", "1"]])
def test_no_database_is_opened(crowd, command):
    name, *options = command
    nowhere = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "LABELCROWD_VAR": str(crowd)}

    ran = subprocess.run(
        [sys.executable, ROOT / "manage.py", name, "judgments.csv", *options],
        cwd=crowd, env=nowhere, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "judgments.csv" in ran.stdout
    assert not (crowd / "postgres").exists()


LABELS = {
    "categorical": ("cat", "dog"), "numeric": ("1", "2.5"), "text": ("a b c", "a d c"),
    "multilabel": ('["a"]', '["a", "b"]'), "boxes": ("[[0, 0, 5, 5]]", "[[1, 0, 5, 5]]"),
    "intervals": ("[[0, 2]]", "[[1, 3]]"), "spans": ('[[0, 1, "P"]]', '[[1, 2, "P"]]'),
    "masks": ('{"size": [2, 3], "counts": [1, 2, 3]}', '{"size": [2, 3], "counts": [0, 3, 3]}'),
}  # fmt: skip
FEW = {  # of task, worker, which of two labels
    "one worker": [(0, 0, 0), (1, 0, 1), (2, 0, 0)],
    "one task": [(0, 0, 0), (0, 1, 1), (0, 2, 0)],
    "one answer": [(0, 0, 0)],
    "all the same": [(task, worker, 0) for task in range(4) for worker in range(3)],
    "never the same": [(task, worker, worker) for task in range(4) for worker in range(2)],
}


@pytest.mark.parametrize("few", FEW)
@pytest.mark.parametrize("kind", LABELS)
def test_files_that_say_next_to_nothing_come_to_values_or_are_said_to_determine_none(kind, few, tmp_path):
    with (tmp_path / "few.csv").open("w", newline="") as file:
        rows = [(f"t{task}", f"w{worker}", LABELS[kind][said]) for task, worker, said in FEW[few]]
        csv.writer(file).writerows([("task", "worker", "label"), *rows])
    (tmp_path / "docs.csv").write_text("task,n_tokens\n" + "".join(f"t{task},4\n" for task in range(4)))

    agreed = told("agreement", tmp_path / "few.csv", "--kind", kind)
    found = told("aggregate", tmp_path / "few.csv", "--kind", kind)

    assert "nan" not in squeezed(agreed + found).split()
    undetermined = " - not determined " in squeezed(agreed)
    assert undetermined == ("note - is a coefficient" in squeezed(agreed) or "note no task has" in squeezed(agreed))
    assert ("note no task has answers of two workers" in squeezed(agreed)) == (few in ("one worker", "one answer"))
