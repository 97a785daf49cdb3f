"""Dawid-Skene over several processes gives the labels of one, from one file or a folder of them."""

import importlib
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from django.core.management import CommandError, call_command

from apps.aggregation import Table, dawid_skene
from apps.console.judgments import files
from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import open_crowd
from apps.console.judgments.engines import EngineFailed

ENGINES = ["dask"]
ROOT = Path(__file__).parents[2]


def crowd(seed: int = 0, *, tasks: int = 300, workers: int = 20, labels: int = 3, votes: int = 5):
    """Return task, worker and label codes of a simulated crowd."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, tasks)
    skill = rng.uniform(0.4, 0.95, workers)
    task = np.repeat(np.arange(tasks), votes)
    worker = np.concatenate([rng.choice(workers, votes, replace=False) for _ in range(tasks)])
    right = rng.random(len(task)) < skill[worker]
    label = np.where(right, truth[task], rng.integers(0, labels, len(task)))
    return task, worker, label


def written(folder, task, worker, label, *, files: int = 3):
    rows = pa.table(
        {
            "task": [f"t{each:05}" for each in task],
            "worker": [f"w{each:03}" for each in worker],
            "label": [str(each) for each in label],
        }
    )
    order = np.random.default_rng(1).permutation(len(task))
    for number, part in enumerate(np.array_split(order, files)):
        parquet.write_table(rows.take(pa.array(part)), folder / f"{number}.parquet", row_group_size=200)
    return folder


@pytest.mark.parametrize("name", ENGINES)
def test_labels_and_confidences_are_those_of_one_machine(name, tmp_path):
    task, worker, label = crowd()
    engine = importlib.import_module(f"apps.console.judgments.engines.{name}")

    found = engine.aggregate(written(tmp_path, task, worker, label), processes=2)

    alone = dawid_skene.fit(Table(task, worker, label, 300, 20, 3))
    assert found.columns["task"].to_pylist() == [f"t{each:05}" for each in range(300)]
    assert found.columns["label"].to_pylist() == [str(each) for each in alone.label]
    assert np.abs(found.columns["confidence"].to_numpy() - alone.confidence).max() < 1e-9
    assert (found.iterations, found.processes, found.judgments) == (alone.diagnostics.iterations, 2, 1500)


@pytest.mark.parametrize("name", ENGINES)
def test_known_answers_are_clamped_as_on_one_machine(name, tmp_path):
    task, worker, label = crowd()
    engine = importlib.import_module(f"apps.console.judgments.engines.{name}")
    gold = tmp_path / "gold.csv"
    gold.write_text("task,label\n" + "".join(f"t{t:05},{(t * 7) % 3}.0\n" for t in range(30)) + "elsewhere,1\n")
    (tmp_path / "judgments").mkdir()

    found = engine.aggregate(
        written(tmp_path / "judgments", task, worker, label), processes=2, known=files.read_known(gold)
    )

    alone = dawid_skene.fit(Table(task, worker, label, 300, 20, 3), {t: (t * 7) % 3 for t in range(30)})
    assert found.known == 30
    assert found.columns["label"].to_pylist() == [str(each) for each in alone.label]
    assert np.abs(found.columns["confidence"].to_numpy() - alone.confidence).max() < 1e-9
    assert found.iterations == alone.diagnostics.iterations


@pytest.mark.parametrize("options", [[], ["--clamp"]])
def test_gold_says_the_same_by_an_engine_as_without(options, tmp_path):
    written(tmp_path, *crowd(), files=1)
    (tmp_path / "gold.csv").write_text("task,label\n" + "".join(f"t{t:05},{t % 3}\n" for t in range(250, 350)))
    asked = ["aggregate", str(tmp_path / "0.parquet"), "--gold", str(tmp_path / "gold.csv"), *options]

    said = []
    for more in (["--method", "dawid_skene", "--out", "one.csv"], ["--engine", "dask", "--out", "two.csv"]):
        out = StringIO()
        call_command(*asked, *more[:-1], str(tmp_path / more[-1]), stdout=out, stderr=StringIO())
        said.append(
            [line for line in out.getvalue().splitlines() if line.split()[0] in ("gold", "accuracy", "macro-F1")]
        )

    assert said[0] == said[1]
    assert len(said[0]) == (1 if options else 3)
    one, two = ((tmp_path / name).read_text() for name in ("one.csv", "two.csv"))
    assert one == two


@pytest.mark.parametrize(
    ("gold", "said"),
    [("nowhere,1", "none of the 1 tasks of known label is judged"), ("t00001,cow", "'cow' is the known answer, and")],
)
def test_known_answers_that_cannot_be_told_are_refused_with_a_sentence(gold, said, tmp_path):
    written(tmp_path, *crowd(tasks=20), files=1)
    (tmp_path / "gold.csv").write_text(f"task,label\n{gold}\n")

    with pytest.raises(CommandError, match=said):
        call_command(
            "aggregate", str(tmp_path / "0.parquet"), "--engine", "dask", "--processes", "1", "--clamp",
            "--gold", str(tmp_path / "gold.csv"), stdout=StringIO(), stderr=StringIO(),
        )  # fmt: skip


@pytest.mark.parametrize("name", ENGINES)
def test_odd_rows_come_to_what_they_come_to_on_one_machine(name, tmp_path):
    engine = importlib.import_module(f"apps.console.judgments.engines.{name}")
    answers = ["1", "1.0", "2", "2 ", "1", "2", "1.0"]
    rows = {"task": [*"aabbaab"], "worker": [*"xyxyzxz"], "label": answers}  # x answers a twice
    path = tmp_path / "judgments.parquet"
    parquet.write_table(pa.table(rows), path)

    found = engine.aggregate(path, processes=2)

    alone = open_crowd(path, kind="categorical")[0].aggregate("dawid_skene")
    assert found.columns["label"].to_pylist() == alone.columns["label"].to_pylist() == ["1", "2"]
    assert np.abs(found.columns["confidence"].to_numpy() - alone.confidence).max() < 1e-9
    assert np.abs(found.columns["confidence"].to_numpy() - alone.columns["confidence"].to_numpy()).max() < 1e-9
    assert (found.n_labels, found.judgments, found.repeats) == (2, 6, 1)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"task": [], "worker": [], "label": []}, "there are no judgments"),
        ({"task": ["a"], "worker": [""], "label": ["cat"]}, "judgments.parquet, row 1 of row group 0: worker is empty"),
    ],
)
def test_files_of_nothing_are_told_so(name, rows, said, tmp_path):
    engine = importlib.import_module(f"apps.console.judgments.engines.{name}")
    text = pa.schema([(column, pa.string()) for column in rows])
    parquet.write_table(pa.table(rows, schema=text), tmp_path / "judgments.parquet")

    with pytest.raises(BadFile, match=said):
        engine.aggregate(tmp_path, processes=1)


@pytest.mark.parametrize("name", ENGINES)
def test_files_that_cannot_be_read_so_are_told_before_anything_starts(name, tmp_path):
    engine = importlib.import_module(f"apps.console.judgments.engines.{name}")
    parquet.write_table(pa.table({"task": ["a"], "who": ["x"]}), tmp_path / "other.parquet")

    with pytest.raises(BadFile, match="there is no column 'worker' among task, who"):
        engine.aggregate(tmp_path, processes=1)
    parquet.write_table(pa.table([["a"]] * 4, names=["task", "worker", "label", "label"]), tmp_path / "other.parquet")
    with pytest.raises(BadFile, match="there are 2 columns 'label', there should be one"):
        engine.aggregate(tmp_path, processes=1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadFile, match=r"holds no file \*.parquet"):
        engine.aggregate(tmp_path / "empty", processes=1)


def test_a_cluster_that_is_not_there_or_whose_processes_die_is_one_sentence(tmp_path):
    engine = importlib.import_module("apps.console.judgments.engines.dask")
    rows = pa.table({"task": ["a"], "worker": ["x"], "label": ["cat"]})
    parquet.write_table(rows, tmp_path / "judgments.parquet")

    with pytest.raises(CommandError, match=r"--scheduler nonsense should be an address as in tcp://host:8786: missing"):
        call_command("aggregate", str(tmp_path), "--engine", "dask", "--scheduler", "nonsense")
    with pytest.raises(EngineFailed, match="Dask gave up: process after process was killed"), engine.client_of(1) as it:
        it.submit(os._exit, 1).result()


def test_two_runs_at_once_need_no_port_of_each_other():
    engine = importlib.import_module("apps.console.judgments.engines.dask")

    with engine.client_of(1) as one, engine.client_of(1) as other:
        ports = [client.scheduler_info()["services"]["dashboard"] for client in (one, other)]

    assert 8787 not in ports, "distributed's own port, which another run may hold"


def test_lists_are_classes_as_on_one_machine_and_other_files_are_told_what_they_should_be(tmp_path):
    engine = importlib.import_module("apps.console.judgments.engines.dask")
    lists = [["cat"], ["cat"], ["dog"], ["dog"]]
    rows = {"task": [*"aabb"], "worker": [*"xyxy"], "label": lists}
    path = tmp_path / "judgments.parquet"
    parquet.write_table(pa.table(rows), path)

    assert engine.aggregate(path, processes=1).columns["label"].to_pylist() == ['["cat"]', '["dog"]']

    (tmp_path / "judgments.csv").write_text("task,worker,label\na,x,cat\n")
    with pytest.raises(BadFile, match=r"judgments\.csv should be a \.parquet, or a folder of them"):
        engine.aggregate(tmp_path / "judgments.csv", processes=1)
    with pytest.raises(BadFile, match=r"there is no file or folder '.*nothing'"):
        engine.aggregate(tmp_path / "nothing", processes=1)


@pytest.mark.parametrize(("worker", "code"), [("x", 0), ("", 1)])
def test_the_engine_says_nothing_of_itself(tmp_path, worker, code):
    rows = pa.table({"task": ["a", "b"], "worker": [worker, "y"], "label": ["cat", "dog"]})
    parquet.write_table(rows, tmp_path / "judgments.parquet")

    ran = subprocess.run(
        [sys.executable, ROOT / "manage.py", "aggregate", "judgments.parquet", "--engine", "dask", "--processes", "1"],
        cwd=tmp_path, env={**os.environ, "LABELCROWD_VAR": str(tmp_path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    said = [line for line in ran.stderr.splitlines() if not line.startswith("  dawid_skene: ")]
    assert (ran.returncode, len(said)) == (code, code), ran.stderr
    assert not code or "worker is empty" in said[0]


def test_the_command_spreads_the_work_and_writes_the_labels(tmp_path):
    task, worker, label = crowd(tasks=40)
    (tmp_path / "judgments").mkdir()
    out = StringIO()

    call_command(
        "aggregate", str(written(tmp_path / "judgments", task, worker, label)), "--engine", "dask", "--processes", "1",
        "--out", str(tmp_path / "labels.csv"), stdout=out, stderr=out,
    )  # fmt: skip

    assert "dawid_skene, converged after" in out.getvalue()
    assert len((tmp_path / "labels.csv").read_text().splitlines()) == 41


def test_what_an_engine_does_not_do_is_refused(tmp_path):
    with pytest.raises(CommandError, match="--engine dask does --method dawid_skene"):
        call_command("aggregate", str(tmp_path), "--engine", "dask", "--method", "glad")
