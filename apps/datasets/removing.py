"""Datasets that go: their rows at once, in one transaction, and their files after it, however often that is begun."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction

from apps.datasets import queries
from apps.datasets.holding import CannotRemove
from apps.datasets.models import Dataset, Discarded, Import

AT_ONCE = 1000  # files that one call removes; a bucket takes some hundredths of a second for each

# In this order: each row goes before what it is of. A million items are not read to be deleted.
_ROWS = (
    "INSERT INTO datasets_discarded (id, organization_id, dataset) SELECT id, %(whose)s, dataset_id FROM datasets_media"
    " WHERE dataset_id = %(of)s",
    "DELETE FROM datasets_media WHERE dataset_id = %(of)s",
    "DELETE FROM datasets_badrow WHERE import_id IN (SELECT id FROM datasets_import WHERE dataset_id = %(of)s)",
    "DELETE FROM datasets_import WHERE dataset_id = %(of)s",
    "DELETE FROM datasets_item WHERE dataset_id = %(of)s",
    "DELETE FROM datasets_dataset WHERE id = %(of)s",
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


@transaction.atomic
def remove(dataset: Dataset) -> list[str]:
    """Remove a dataset with its items, media and imports; return the paths of the files that were imported.

    Which files lie in the store is noted for `remove_files`, in the same transaction. Whoever calls makes sure that
    nothing else names its items. Run twice, it is removed once. Raises `CannotRemove` while it is being filled.
    """
    found = Dataset.objects.select_for_update().filter(pk=dataset.pk).first()
    if found is None:
        return []
    check_still(found)
    paths = list(Import.objects.filter(dataset=found).values_list("path", flat=True))
    with connection.cursor() as cursor:
        for statement in _ROWS:
            cursor.execute(statement, {"of": found.pk, "whose": found.organization_id})
    return paths


def remove_files(dataset: UUID, *, most: int = AT_ONCE) -> int:
    """Remove so many files of a dataset that is gone from the store; return how many those were."""
    files = list(Discarded.objects.filter(dataset=dataset).order_by("pk")[:most])
    for file in files:
        default_storage.delete(file.storage_name)
    Discarded.objects.filter(pk__in=[file.pk for file in files]).delete()
    return len(files)
