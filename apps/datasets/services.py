"""Files into datasets."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from apps.core import clock
from apps.datasets import batches, formats, holding, intake, queries, source, values
from apps.datasets.entries import Bad, Entry, Refused, Row, TakenName, storable
from apps.datasets.limits import BATCH_ROWS
from apps.datasets.models import Dataset, Import, Item
from apps.datasets.source import Source
from apps.datasets.staging import Staging
from apps.datasets.values import Ready
from apps.members.models import Organization, User

__all__ = ["ImportBusy", "Progress", "Refused", "TakenName", "add_item", "open_dataset", "run_import", "start_import"]

Progress = Callable[[Import], None]


class ImportBusy(Exception):
    """Another import into the dataset is running; this one can run after it."""


def open_dataset(organization: Organization, *, name: str) -> Dataset:
    """Return the organization's dataset of this name, made now if it is new."""
    return Dataset.objects.get_or_create(organization=organization, name=name)[0]


def add_item(dataset: Dataset, *, external_id: str, data: dict[str, Any]) -> Item:
    """Add one item, or return the one known under this external id; raise `Refused` for data that no item may have."""
    row = values.read(Row(1, dict(data) | {"external_id": external_id}, 0))
    if not isinstance(row, Ready):
        raise Refused(row.reason if isinstance(row, Bad) else "an item added by itself can't name media")
    found, _ = Item.objects.get_or_create(
        dataset=dataset, external_id=row.external_id, defaults={"data": json.loads(row.text)}
    )
    return found


@transaction.atomic
def make_dataset(organization: Organization, *, name: str, description: str = "") -> Dataset:
    """Make a dataset; raise `Refused` if the organization has one of this name."""
    _check_name(organization.pk, name)
    return Dataset.objects.create(organization=organization, name=name, description=description)


@transaction.atomic
def describe_dataset(dataset: Dataset, *, name: str | None = None, description: str | None = None) -> Dataset:
    """Give a dataset another name or description, those given; raise `Refused` for another's name, and `Gone`."""
    if name is not None and name != dataset.name:
        _check_name(dataset.organization_id, name)
    given = {key: value for key, value in (("name", name), ("description", description)) if value is not None}
    if not holding.held(dataset.pk):
        raise holding.gone(dataset)
    if given:
        Dataset.objects.filter(pk=dataset.pk).update(**given)
    dataset.refresh_from_db()
    return dataset


def _check_name(organization: UUID, name: str) -> None:
    Organization.objects.select_for_update(no_key=True).get(pk=organization)  # two of one name come one at a time
    if Dataset.objects.filter(organization=organization, name=name).exists():
        raise TakenName(f"there is a dataset named {name!r} already")


@transaction.atomic
def start_import(
    dataset: Dataset,
    *,
    path: str | Path,
    by: User | None = None,
    media_columns: Iterable[str] = (),
    name: str = "",
    sha256: str = "",
) -> Import:
    """Note that a file or folder is to be imported; `run_import` does it.

    Args: path must stay where it is until the import is done; media_columns name the columns whose values are names of
    media; name is what people call the file, where the path doesn't say it; sha256 is what arrived, so that nothing is
    read of a file that is torn, or another by then.
    Raises `Refused` when there is no such file or no format reads it, and `Gone`.
    """
    if not holding.held(dataset.pk):
        raise holding.gone(dataset)
    real = Path(path).resolve()
    if not real.exists():
        raise Refused(f"there is no file {str(path)!r}")
    formats.of(real.name, is_folder=real.is_dir())
    return Import.objects.create(
        dataset=dataset,
        file_name=storable(name or real.name)[:400],
        path=str(real),
        media_columns=sorted(set(media_columns)),
        started_by=by,
        bytes_total=source.size_of(real),
        sha256=sha256,
    )


def run_import(import_id: UUID, *, progress: Progress | None = None, batch_rows: int = BATCH_ROWS) -> Import:
    """Import the file, from where an earlier run of this import stopped; return the import, done or failed.

    May be run again at any time: each batch is one transaction with the counters, so a killed run loses and doubles
    nothing, and a run of an import that is done does nothing. After every batch `progress` is told.
    Raises `ImportBusy` while another import into the dataset runs.
    """
    job = Import.objects.select_related("dataset").get(pk=import_id)
    with _alone(job.dataset):
        job.refresh_from_db()
        if job.state == Import.State.DONE:
            return job
        job.move(Import.State.RUNNING, problem="", finished_at=None)
        try:
            _read(job, progress, batch_rows)
        except (Refused, OSError) as problem:
            return job.move(Import.State.FAILED, problem=storable(str(problem)), finished_at=clock.now())
        return job.move(Import.State.DONE, finished_at=clock.now())


def refuse_import(import_id: UUID, *, problem: str) -> Import:
    """Note that an import can't go on; what was read of it stays. Run twice, it is noted once."""
    job = Import.objects.get(pk=import_id)
    job.try_move(Import.State.FAILED, problem=storable(problem), finished_at=clock.now())
    return job


def take_up_import(import_id: UUID, *, given_up: str) -> None:
    """Have an import wait again that failed with this problem. Run twice, it waits once."""
    failed = Import.objects.filter(pk=import_id, problem=given_up)
    Import.move_all(failed, Import.State.WAITING, problem="", finished_at=None)


def _read(job: Import, progress: Progress | None, batch_rows: int) -> None:
    path = Path(job.path)
    if not path.exists():
        raise Refused(f"{job.file_name!r} is no longer where it was")
    _check_same(job, path)
    form = formats.of(path.name, is_folder=path.is_dir())
    with Source(job.file_name, path=path) as opened:
        entries: Iterator[Entry] = form.read(opened)
        rest = itertools.islice(entries, job.rows_read + job.files_read, None)
        found = batches.of(rest, rows=batch_rows, media_columns=frozenset(job.media_columns))
        staging = Staging(job.dataset)
        with closing(batches.ahead(found)) as upcoming:
            for batch in upcoming:
                refusal = intake.take(job, batch, staging=staging, bytes_read=opened.bytes_read)
                if progress:
                    progress(job)
                if refusal:
                    raise refusal
    if not job.rows_read:
        raise Refused(f"{job.file_name!r} holds no rows")


def _check_same(job: Import, path: Path) -> None:
    """Note what the file is, or raise `Refused` if it is not what it was when the import began."""
    sha256 = source.fingerprint(path)
    if job.sha256 and job.sha256 != sha256:
        if job.rows_read + job.files_read:
            raise Refused(
                f"{job.file_name!r} has changed since {job.rows_read:,} of its rows were read; import it anew"
            )
        if path.is_relative_to(Path(settings.UPLOAD_ROOT).resolve()):  # what is somebody's own may be mended by them
            raise Refused(
                f"{job.file_name!r} is not as it arrived: what lies here, {source.size_of(path):,} bytes, is torn or "
                "another file; send it again"
            )
    Import.objects.filter(pk=job.pk).update(sha256=sha256, bytes_total=source.size_of(path))
    job.refresh_from_db(fields=["sha256", "bytes_total"])


@contextmanager
def _alone(dataset: Dataset) -> Iterator[None]:
    """Hold the dataset's lock for imports: it outlives transactions, and ends with a killed process."""
    key: list[Any] = [queries.import_lock(dataset.pk)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        if not cursor.fetchone()[0]:
            raise ImportBusy(f"another import into {dataset.name!r} is running")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
