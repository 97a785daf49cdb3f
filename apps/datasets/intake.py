"""One batch of an import: media into storage, then rows, bad rows and counters in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from apps.datasets import media_store, queries, values
from apps.datasets.batches import Held
from apps.datasets.entries import Bad, Broken, File, Refused, storable
from apps.datasets.limits import MAX_BAD_ROWS_KEPT, MAX_EXTERNAL_ID
from apps.datasets.models import BadRow, Dataset, Import, Media
from apps.datasets.staging import Staging
from apps.datasets.values import Draft, Ready

# What a file can be as an item: the first half of its media type, and the field of the item that names it.
SHOWN = frozenset({"image", "audio", "video"})


class OvertakenImport(Exception):
    """Another run of the same import went on from where this one was; nothing of this batch was kept."""


@dataclass
class _Sorted:
    """A batch by what becomes of its entries."""

    ready: list[Ready] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    new_media: dict[str, Media] = field(default_factory=dict)
    files: int = 0  # media that are not items themselves

    def put(self, row: Ready | Bad) -> None:
        if isinstance(row, Bad):
            self.bad.append(row)
        else:
            self.ready.append(row)


def take(job: Import, batch: Sequence[Held], *, staging: Staging, bytes_read: int) -> Refused | None:
    """Take the batch into the dataset, and count it; return why the file is refused after it, if it is.

    Of a batch in which the file turns out to be hostile, what came before is taken.
    """
    sorted_, refusal = _sort(staging.dataset, batch)
    with transaction.atomic():
        Media.objects.bulk_create(sorted_.new_media.values())
        outcome = staging.add(sorted_.ready)
        bad = sorted_.bad + outcome.bad
        _count(job, added=outcome.added, known=outcome.known, bad=len(bad), files=sorted_.files, bytes_read=bytes_read)
        _tell(job, bad)
    job.refresh_from_db()
    return refusal


def _sort(dataset: Dataset, batch: Sequence[Held]) -> tuple[_Sorted, Refused | None]:
    found = _Sorted()
    media = queries.media_of(dataset, _media_named(batch))
    for entry in batch:
        if isinstance(entry, Ready | Bad):
            found.put(entry)
        elif isinstance(entry, Draft):
            found.put(values.settle(entry, known=media))
        else:
            try:
                _take_file(dataset, entry, media, found)
            except Broken as problem:
                found.bad.append(Bad(entry.line, str(problem), storable(entry.name)))
            except Refused as refusal:
                return found, refusal
    return found, None


def _media_named(batch: Sequence[Held]) -> set[str]:
    names: set[str] = set()
    for entry in batch:
        if isinstance(entry, File):
            names.add(entry.name)
        elif isinstance(entry, Draft):
            names |= values.names_in(entry)
    return names


def _take_file(dataset: Dataset, file: File, media: dict[str, Media], found: _Sorted) -> None:
    """Store the file if it is new, and where it is an item itself, make its row."""
    kept = media_store.keep(file, dataset=dataset, known=media.get(file.name))
    noun = kept.content_type.split("/")[0]
    if file.is_item and noun not in SHOWN:
        raise Broken("holds captions, which are no item by themselves; list the items in a file items.csv")
    if file.name not in media:
        media[file.name] = found.new_media[file.name] = kept
    if not file.is_item:
        found.files += 1
        return
    external_id = file.name if len(file.name) <= MAX_EXTERNAL_ID else ""
    found.ready.append(values.ready(file.line, file.name, external_id, {noun: {"media": file.name}}))


def _count(job: Import, *, added: int, known: int, bad: int, files: int, bytes_read: int) -> None:
    """Move the import's counters on, but only from where this run left them."""
    moved = Import.objects.filter(
        pk=job.pk, state=Import.State.RUNNING, rows_read=job.rows_read, files_read=job.files_read
    ).update(
        rows_read=F("rows_read") + added + known + bad,
        rows_added=F("rows_added") + added,
        rows_known=F("rows_known") + known,
        rows_bad=F("rows_bad") + bad,
        files_read=F("files_read") + files,
        bytes_read=bytes_read,
    )
    if not moved:
        raise OvertakenImport(f"import {job.pk} was taken further by another run")


def _tell(job: Import, bad: list[Bad]) -> None:
    room = MAX_BAD_ROWS_KEPT - job.rows_bad
    BadRow.objects.bulk_create(
        BadRow(of=job, file=row.file, line=row.line, reason=row.reason) for row in bad[: max(room, 0)]
    )
