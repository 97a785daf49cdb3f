"""Datasets that go: marked first, so that nobody makes anything of one; then their rows, and then their files.

Each is a transaction of its own, and items go some at a time: of each three foreign keys ask at the commit whether a
task, a known answer or a reservation names it. However often a removal is begun, it goes on where it was.
"""

from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.datasets import queries
from apps.datasets.holding import CannotRemove
from apps.datasets.models import Dataset, Discarded, Import

AT_ONCE = 1000  # files that one call removes; a bucket takes some hundredths of a second for each
ITEMS_AT_ONCE = 200_000  # took 9 s on two busy cores; a call has four minutes

# In this order: each row goes before what it is of.
_ALL_BUT_ITEMS = (
    "INSERT INTO datasets_discarded (id, organization_id, dataset) SELECT media.id, organization_id, dataset_id"
    " FROM datasets_media media JOIN datasets_dataset ON dataset_id = datasets_dataset.id WHERE dataset_id = %(of)s",
    "DELETE FROM datasets_media WHERE dataset_id = %(of)s",
    "DELETE FROM datasets_badrow WHERE import_id IN (SELECT id FROM datasets_import WHERE dataset_id = %(of)s)",
    "DELETE FROM datasets_import WHERE dataset_id = %(of)s",
)


def check_still(dataset: Dataset) -> None:
    """Raise `CannotRemove` while a file is on its way into the dataset."""
    under_way = queries.unfinished_imports().filter(dataset=dataset).first()
    if under_way is not None or queries.is_being_filled(dataset.pk):
        raise CannotRemove(
            f"the dataset {dataset.name!r} is being filled{f' from {under_way}' if under_way else ''}: when that has "
            "ended it can be removed",
            field="dataset.imports", found="under way", wanted="ended",
        )  # fmt: skip


def mark(dataset: Dataset) -> bool:
    """Have a dataset that the caller has alone be of no more use to anybody; return whether it was until now.

    Whoever calls makes sure that nothing names its items.
    """
    return bool(Dataset.objects.filter(pk=dataset.pk, leaving_at=None).update(leaving_at=Now()))


@transaction.atomic
def remove_media(dataset: UUID) -> list[str]:
    """Remove a marked dataset's media and imports; return the paths of the files that were imported.

    Which files lie in the store is noted for `remove_files`, in the same transaction. Run twice, they go once.
    """
    paths = list(Import.objects.filter(dataset=dataset).values_list("path", flat=True))
    with connection.cursor() as cursor:
        for statement in _ALL_BUT_ITEMS:
            cursor.execute(statement, {"of": dataset})
    return paths


@transaction.atomic
def remove_items(dataset: UUID, *, most: int = ITEMS_AT_ONCE) -> bool:
    """Remove so many items of a marked dataset, after the last of them itself; return whether it is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM datasets_item WHERE id IN"
            " (SELECT id FROM datasets_item WHERE dataset_id = %s ORDER BY id LIMIT %s)",
            [dataset, most],
        )
        if cursor.rowcount == most:
            return False
        cursor.execute("DELETE FROM datasets_dataset WHERE id = %s AND leaving_at IS NOT NULL", [dataset])
    return True


def remove_files(dataset: UUID, *, most: int = AT_ONCE) -> int:
    """Remove so many files of a dataset that is gone, with their small copies; return how many those were."""
    files = list(Discarded.objects.filter(dataset=dataset).order_by("pk")[:most])
    for file in files:
        default_storage.delete(file.small_name)
        default_storage.delete(file.storage_name)
    Discarded.objects.filter(pk__in=[file.pk for file in files]).delete()
    return len(files)
