"""Measure an import: rows of an external_id and 200 bytes of text, from a file into PostgreSQL.

    DATABASE_URL=... python infra/bench/import_rows.py [ROWS] [SUFFIX ...]

Works in a database of its own beside that of DATABASE_URL, and removes it. Prints rows/s and the process's peak memory.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")

import django

django.setup()

from django.db import connection  # noqa: E402 - Django is set up first

from apps.datasets import services  # noqa: E402
from apps.datasets.models import Dataset  # noqa: E402
from apps.members.models import Organization  # noqa: E402

TEXT = "The quick brown fox, which jumps over the lazy dog, is number {:09d} of a great many. "


def write(path: Path, rows: int) -> None:
    with path.open("w") as file:
        if path.suffix == ".csv":
            file.write("external_id,text\n")
        if path.suffix == ".json":
            file.write("[")
        for number in range(rows):
            text = (TEXT.format(number) * 3)[:200]
            if path.suffix == ".csv":
                file.write(f'item-{number},"{text}"\n')
            else:
                comma = "," if path.suffix == ".json" and number + 1 < rows else ""
                file.write(f'{{"external_id": "item-{number}", "text": "{text}"}}{comma}\n')
        if path.suffix == ".json":
            file.write("]")


def measure(path: Path, rows: int, organization: Organization) -> None:
    dataset = Dataset.objects.create(organization=organization, name=path.name)
    for what in ("first import", "same again"):
        job = services.start_import(dataset, path=path)
        start = time.perf_counter()
        job = services.run_import(job.pk)
        seconds = time.perf_counter() - start
        if job.state != "done" or job.rows_added + job.rows_known != rows:
            raise SystemExit(f"{path.name}: {job.state} {job.problem}, {job.rows_added} added, {job.rows_bad} bad")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{path.name:12} {what:13} {rows:>9,} rows {rows / seconds:>9,.0f} rows/s, peak memory {memory:.0f} MiB")


def main(rows: int, suffixes: list[str]) -> None:
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        organization = Organization.objects.create(name="Bench", slug="bench")
        with tempfile.TemporaryDirectory() as folder:
            for suffix in suffixes:
                path = Path(folder) / f"rows.{suffix}"
                write(path, rows)
                measure(path, rows, organization)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000, sys.argv[2:] or ["csv", "jsonl", "json"])
