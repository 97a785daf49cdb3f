"""What aggregation over several processes costs for each judgment, as processes and data grow.

`make bench-engine ARGS="--judgments 1000000 4000000 --processes 1 2"`
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from apps.console.judgments.engines import dask

VOTES, WORKERS, LABELS = 5, 1000, 4
FILE_ROWS = 500_000


def write(folder: Path, judgments: int) -> None:
    """Write files of a simulated crowd."""
    rng = np.random.default_rng(0)
    tasks = judgments // VOTES
    skill = rng.uniform(0.5, 0.95, WORKERS)
    for first in range(0, tasks, FILE_ROWS // VOTES):
        here = np.arange(first, min(first + FILE_ROWS // VOTES, tasks))
        task = np.repeat(here, VOTES)
        start = rng.integers(0, WORKERS, len(here))
        worker = (start[:, None] + np.arange(VOTES) * 37).ravel() % WORKERS
        right = rng.random(len(task)) < skill[worker]
        label = np.where(right, task % LABELS, rng.integers(0, LABELS, len(task)))
        names = {"task": pa.array(task).cast(pa.string()), "worker": pa.array(worker).cast(pa.string())}
        parquet.write_table(
            pa.table({**names, "label": pa.array(label).cast(pa.string())}), folder / f"{first:09}.parquet"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judgments", type=int, nargs="+", default=[1_000_000, 4_000_000])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, {WORKERS:,} workers, {LABELS} labels, {VOTES} judgments a task")
    print(
        f"{'judgments':>12} {'processes':>9} {'all, s':>8} {'iterations':>10} {'EM, ns per judgment and iteration':>34}"
    )
    for judgments in asked.judgments:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), judgments)
            for processes in asked.processes:
                marks: list[float] = []
                began = time.perf_counter()
                found = dask.aggregate(
                    Path(folder),
                    processes=processes,
                    progress=lambda *_, marks=marks: marks.append(time.perf_counter()),
                )
                whole = time.perf_counter() - began
                each = (marks[-1] - marks[0]) / max(len(marks) - 1, 1) / judgments * 1e9
                print(f"{judgments:>12,} {processes:>9} {whole:>8.1f} {found.iterations:>10} {each:>34.1f}", flush=True)


if __name__ == "__main__":
    main()
