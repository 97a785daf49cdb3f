"""Questions about datasets."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from apps.datasets.models import Dataset, Import, Item, Media


@dataclass(frozen=True)
class Counts:
    """How much a dataset holds."""

    items: int
    media: int
    imports: int


def items(dataset: Dataset) -> QuerySet[Item]:
    """Return the dataset's items in the order they came; iterate with `.iterator()`, as they may be millions."""
    return Item.objects.filter(dataset=dataset).order_by("id")


def counts(dataset: Dataset) -> Counts:
    return Counts(
        items=Item.objects.filter(dataset=dataset).count(),
        media=Media.objects.filter(dataset=dataset).count(),
        imports=Import.objects.filter(dataset=dataset).count(),
    )


def media_of(dataset: Dataset | uuid.UUID, names: Iterable[str]) -> dict[str, Media]:
    """Return the dataset's media of these names, by name; names it has none of are left out."""
    wanted = set(names)
    if not wanted:
        return {}
    key = dataset.pk if isinstance(dataset, Dataset) else dataset
    return {media.name: media for media in Media.objects.filter(dataset_id=key, name__in=wanted)}


def unfinished_imports() -> QuerySet[Import]:
    """Return the imports that are still to be run, or run on, oldest first."""
    return Import.objects.filter(state__in=[Import.State.WAITING, Import.State.RUNNING]).order_by("created_at")
