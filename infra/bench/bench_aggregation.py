"""Times and weighs this project's aggregation beside Crowd-Kit's, on the same judgments, in one run.

    make bench-aggregation                     1 M judgments side by side
    make bench-aggregation ARGS=--all          and 10 M by ours alone

Each measurement is a process of its own that loads the judgments, notes its memory, then makes a Table and fits three
times; the best times and the highest memory count. Crowd-Kit's DataFrame is made before its clock starts, so `ratio`
is fit against fit; `+ table` counts in our Table too, and the coding of string ids. The judgments: 5 a task, 4 labels,
n/1000 workers, at least ten, who are right in 50 to 95 % of tasks. GLAD and MACE are measured on a hundredth and a
tenth of them, lest Crowd-Kit's take too long: ours GLAD climbs to convergence, theirs, once, does ten iterations
of another way up; both MACE do ten from one start, ours to a maximum, theirs by variational Bayes, so answers are near
and not the same. On tables so small memory tells little: most of it is modules.
Crowd-Kit runs in var/oracles, which is made when it is not there. Results go to var/bench/aggregation.json.
"""

# ruff: noqa: PLC0415 (half of this runs in another environment, without what the other half imports)

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BENCH = ROOT / "var" / "bench"
ITERATIONS = 10
LABELS = 4
RUNS = 3
NAMES = {  # of what is done side by side
    "majority": "majority",
    "dawid_skene": f"Dawid-Skene, {ITERATIONS} iterations",
    "strings": "Dawid-Skene from string ids",
    "glad": "GLAD, {n:,} judgments",
    "mace": "MACE, {n:,} judgments",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judgments", type=int, default=1_000_000)
    parser.add_argument("--all", action="store_true", help="also 10 M judgments, ours alone")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT / "infra" / "oracles"))
    from build import build

    oracle = build()
    BENCH.mkdir(parents=True, exist_ok=True)
    n = asked.judgments
    make_judgments(n)
    print(f"{n:,} judgments, {n // 5:,} tasks, {crowd(n):,} workers, {LABELS} labels; load {os.getloadavg()[0]:.1f}")
    columns = ("ours s", "+ table s", "Crowd-Kit s", "ratio", "+ table", "B/judgment", "theirs")
    print(f"{'':<34}" + "".join(f"{column:>12}" for column in columns) + "  same answers")
    report = [side_by_side(case, n, oracle) for case in ("majority", "dawid_skene", "strings")]
    report.append(alone("dawid_skene", n, {"LABELCROWD_BENCH_WITHOUT": "numba"}, "Dawid-Skene, SciPy alone", report[1]))
    report.append(alone("cold", n, {}, "Dawid-Skene, compiler's first use"))
    report.append(alone("ensemble", n, {}, "ensemble to convergence (default)"))
    for case, size in (("glad", n // 100), ("mace", n // 10)):
        make_judgments(size)
        report.append(side_by_side(case, size, oracle))
    if asked.all:
        make_judgments(10 * n)
        report.append(alone("dawid_skene", 10 * n, {}, f"Dawid-Skene, {10 * n:,}"))
        report.append(alone("ensemble", 10 * n, {}, f"ensemble, {10 * n:,}"))
    (BENCH / "aggregation.json").write_text(json.dumps(report, indent=1) + "\n")


def side_by_side(case: str, n: int, oracle: Path) -> dict:
    ours, theirs = measure(case, n, sys.executable), measure(f"crowdkit_{case}", n, oracle)
    a, b = (np.load(BENCH / f"{name}.npz") for name in (case, f"crowdkit_{case}"))
    same = float((a["label"] == b["label"]).mean())
    apart = float(np.abs(a["posterior"] - b["posterior"]).max())
    name = NAMES[case].format(n=n)
    line = {"case": name, "judgments": n, "ours": ours, "crowdkit": theirs, "same": same, "apart": apart}
    say(line, f"  {same:.2%}, posteriors to {apart:.0e}")
    return line


def alone(case: str, n: int, environment: dict[str, str], name: str, against: dict | None = None) -> dict:
    line = {"case": name, "judgments": n, "ours": measure(case, n, sys.executable, environment)}
    if against:
        line["crowdkit"] = against["crowdkit"]
    say(line)
    return line


def say(line: dict, note: str = "") -> None:
    ours, theirs = line["ours"], line.get("crowdkit")
    print(f"{line['case']:<34}{ours['seconds']:>12.3f}{ours['with_table']:>12.3f}", end="")
    if theirs:
        line["ratio"] = theirs["seconds"] / ours["seconds"]
        line["ratio_with_table"] = theirs["seconds"] / ours["with_table"]
        print(f"{theirs['seconds']:>12.2f}{line['ratio']:>11.0f}x{line['ratio_with_table']:>11.0f}x", end="")
    else:
        print(" " * 36, end="")
    print(f"{ours['bytes']:>12.0f}" + (f"{theirs['bytes']:>12.0f}" if theirs else "") + note, flush=True)


def measure(case: str, n: int, python: str | Path, environment: dict[str, str] | None = None) -> dict:
    command = [python, "-W", "ignore", __file__, case, str(n)]
    ran = subprocess.run(
        command, env=os.environ | (environment or {}), cwd=HERE, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return json.loads(ran.stdout.splitlines()[-1])


def crowd(n: int) -> int:
    """Return how many workers give so many judgments: enough that five of them answer each task."""
    return max(n // 1000, 10)


def make_judgments(n: int) -> None:
    rng = np.random.default_rng(0)
    tasks, workers = n // 5, crowd(n)
    task = np.repeat(np.arange(tasks), 5)
    worker = (rng.integers(0, workers, tasks)[:, None] + np.arange(5) * (workers // 7 + 1)).ravel() % workers
    truth = rng.integers(0, LABELS, tasks)
    right = rng.random(n) < rng.uniform(0.5, 0.95, workers)[worker]
    label = np.where(right, truth[task], (truth[task] + rng.integers(1, LABELS, n)) % LABELS)
    order = rng.permutation(n)
    np.savez(BENCH / f"judgments_{n}.npz", task=task[order], worker=worker[order], label=label[order])


# What follows runs in a process of its own, once in this project's environment or once in the oracles'.


def child(case: str, n: int) -> None:
    given = {name: column.astype(np.int32) for name, column in np.load(BENCH / f"judgments_{n}.npz").items()}
    build, fit = CHILDREN[case](given, n)
    gc.collect()
    seconds, with_table, most = [], [], 0
    for _ in range(1 if case in ("cold", "crowdkit_glad") or n > 5_000_000 else RUNS):
        with Memory() as memory:
            started = time.perf_counter()
            table = build()
            built = time.perf_counter()
            posterior, label = fit(table)
            seconds.append(time.perf_counter() - built)
            with_table.append(time.perf_counter() - started)
        most = max(most, memory.grown)
        del table
    if case.removeprefix("crowdkit_") in NAMES:
        np.savez(BENCH / f"{case}.npz", posterior=posterior, label=label)
    print(json.dumps({"seconds": min(seconds), "with_table": min(with_table), "bytes": most / n}))


class Memory:
    """The most that this process has grown by since it was entered, in bytes."""

    def __enter__(self) -> Memory:
        self.before, self.most, self.ended = resident(), 0, threading.Event()
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()
        return self

    def watch(self) -> None:
        while not self.ended.wait(0.002):
            self.most = max(self.most, resident())

    def __exit__(self, *failure: object) -> None:
        self.ended.set()
        self.watcher.join()
        self.grown = max(self.most, resident()) - self.before


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def ours(method: str, *, warm: bool = True):
    def prepare(given: dict, n: int):
        sys.path.insert(0, str(ROOT))
        from apps.aggregation import Table, dawid_skene, ensemble, fast, glad, mace, majority

        if os.environ.get("LABELCROWD_BENCH_WITHOUT") == "numba":
            fast.LARGE = sys.maxsize
        if warm:
            fast.passes(n, LABELS)
        size = (n // 5, crowd(n), LABELS)

        def build():
            return Table(given["task"], given["worker"], given["label"], *size)

        def fit(table):
            if method == "majority":
                result = majority.fit(table)
            elif method in ("ensemble", "glad"):
                result = {"ensemble": ensemble, "glad": glad}[method].fit(table)
            elif method == "mace":
                result = mace.fit(table, iterations=ITERATIONS, tolerance=-1)
            else:
                options = {"right": 0, "wrong": 0, "truth": 0, "tolerance": -1}  # as Crowd-Kit: no prior, no early end
                result = dawid_skene.fit(table, iterations=ITERATIONS, **options)
            return result.posterior, result.label

        return build, fit

    return prepare


def strings(given: dict) -> dict[str, list[str]]:
    return {name: [f"{name}_{code:08d}" for code in column] for name, column in given.items()}


def ours_from_strings(given: dict, n: int):
    named = strings(given)
    ours("dawid_skene")(given, n)
    from apps.aggregation import Table, dawid_skene, names

    names.factorise(["loads Arrow"] * names.MANY)

    def build():
        (task, tasks), (worker, workers), (label, labels) = map(names.factorise, named.values())
        return Table(task, worker, label, len(tasks), len(workers), len(labels))

    def fit(table):
        result = dawid_skene.fit(table, iterations=ITERATIONS, right=0, wrong=0, truth=0, tolerance=-1)
        return result.posterior, result.label

    return build, fit


def crowdkit(method: str):
    def prepare(given: dict, n: int):
        import pandas as pd
        from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote

        rows = pd.DataFrame(strings(given) if method == "strings" else given)

        def fit(rows):
            if method == "majority":
                model = MajorityVote()
                label = model.fit_predict(rows)
                return model.probas_.sort_index().to_numpy(), label.sort_index().to_numpy()
            models = {"glad": (GLAD, {"tol": -1}), "mace": (MACE, {"n_restarts": 1})}
            model, options = models.get(method, (DawidSkene, {"tol": -1}))
            model = model(n_iter=ITERATIONS, **options).fit(rows)
            label = model.labels_.sort_index()
            if method == "strings":
                label = label.str[-1].astype(int)
            return model.probas_.sort_index().sort_index(axis=1).to_numpy(), label.to_numpy()

        return lambda: rows, fit

    return prepare


CHILDREN = {
    "majority": ours("majority"),
    "dawid_skene": ours("dawid_skene"),
    "cold": ours("dawid_skene", warm=False),
    "ensemble": ours("ensemble"),
    "strings": ours_from_strings,
    "crowdkit_majority": crowdkit("majority"),
    "crowdkit_dawid_skene": crowdkit("dawid_skene"),
    "crowdkit_strings": crowdkit("strings"),
    "glad": ours("glad"),
    "mace": ours("mace"),
    "crowdkit_glad": crowdkit("glad"),
    "crowdkit_mace": crowdkit("mace"),
}

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in CHILDREN:
        child(sys.argv[1], int(sys.argv[2]))
    else:
        main()
