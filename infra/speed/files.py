"""What imports and exports cost: rows and labels a second, and memory."""

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from apps.core import clock
from apps.datasets import services as datasets
from apps.datasets.models import Dataset
from apps.quality.models import Consensus
from apps.reports import labels
from apps.simulation import crowd
from apps.work.models import Task
from infra.house.servers import House
from infra.speed import fill
from infra.speed.measuring import Figure

ROWS = 200_000
LABELS = 100_000
SOME_LABELS = 10_000
TEXT = "The quick brown fox, which jumps over the lazy dog, is number {:09d} of a great many. "


def imports(home: House) -> Iterator[Figure]:
    """Import rows of an external_id and 200 bytes of text from a file, as the worker process does."""
    owner = fill.organization()
    dataset = Dataset.objects.create(organization=owner, name="rows")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w") as file:
            file.write("external_id,text\n")
            file.writelines(f'item-{n},"{(TEXT.format(n) * 3)[:200]}"\n' for n in range(ROWS))
        job = datasets.start_import(dataset, path=path)
        began, worked = time.perf_counter(), time.process_time()
        job = datasets.run_import(job.pk)
        seconds, busy = time.perf_counter() - began, time.process_time() - worked
    if job.rows_added != ROWS:
        raise RuntimeError(f"{job.rows_added} rows were added of {ROWS}: {job.state} {job.problem}")
    setting = f"{ROWS:,} rows of CSV, external_id and 200 bytes each, {seconds:.1f} s ({busy:.1f} s of it Python's)"
    yield Figure("import_rows_s", ROWS / seconds, "rows/s", setting, least=60_000)
    connection.close()


def exports(home: House) -> Iterator[Figure]:
    """Export the labels of a large and of a small campaign, each label with one vote behind it."""
    owner = fill.organization()
    small, large = (_labelled(owner, count) for count in (SOME_LABELS, LABELS))
    fill.tidy()
    with tempfile.TemporaryDirectory() as folder:
        seconds, _ = _export(small, "json", Path(folder))
        yield Figure("export_10k_s", seconds, "s", f"{SOME_LABELS:,} labels as JSON to a file")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds, rows = _export(large, "jsonl", Path(folder))
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    setting = f"{rows:,} labels as JSON lines to a file; the process's peak memory grew by {more:.0f} MiB over that of"
    yield Figure("export_rows_s", rows / seconds, "labels/s", f"{setting} {SOME_LABELS:,}", least=50_000)
    connection.close()


def _labelled(owner: fill.Organization, count: int) -> fill.Campaign:
    campaign = fill.campaign(owner, f"{count} labels", tasks=count, gold=0, gold_share=0.0, early_gold=0)
    worker = crowd.member(campaign, name=f"labeller-{count}", answerer=None).worker
    fill.history(campaign, worker, count)
    now = clock.now()
    Consensus.objects.bulk_create(
        (
            Consensus(
                task_id=task,
                campaign=campaign,
                answer="cat",
                confidence=0.9,
                votes=1,
                method="dawid_skene",
                final=True,
                combined_at=now,
            )
            for task in Task.objects.filter(campaign=campaign).values_list("pk", flat=True)
        ),
        batch_size=5000,
    )
    return campaign


def _export(campaign: fill.Campaign, preferred: str, folder: Path) -> tuple[float, int]:
    format_ = preferred if preferred in labels.format_names() else "jsonl"
    began = time.perf_counter()
    made = labels.write(campaign, format=format_, to=folder / "labels")
    return time.perf_counter() - began, made.rows
