"""Questions about datasets."""

import json
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
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


def media_of_each(names: Collection[tuple[uuid.UUID, str]]) -> dict[tuple[uuid.UUID, str], uuid.UUID]:
    """Return the media of these names, each with its dataset; names it has none of are left out."""
    if not names:
        return {}
    datasets, wanted = {dataset for dataset, _name in names}, {name for _dataset, name in names}
    media = Media.objects.filter(dataset__in=datasets, name__in=wanted).values_list("dataset", "name", "pk")
    return {(dataset, name): pk for dataset, name, pk in media if (dataset, name) in names}


def missing_media(dataset: uuid.UUID, *, items: int) -> tuple[tuple[str, str] | None, int]:
    """Return the first item that shows media which its dataset does not have, with their name; and how many there are.

    Of the first so many items. The server compares them: a hundred thousand are not carried here to be looked at.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT item.external_id, coalesce(part.value ->> 'media', ''), count(*) OVER ()
            FROM (SELECT id, external_id, data FROM datasets_item WHERE dataset_id = %(dataset)s
                  ORDER BY id LIMIT %(items)s) item
            CROSS JOIN LATERAL jsonb_each(item.data) part
            LEFT JOIN datasets_media media ON media.dataset_id = %(dataset)s AND media.name = part.value ->> 'media'
            WHERE item.data @? '$.* ? (@.type() == "object")' -- soon said of most; taking a row apart costs more
              AND jsonb_typeof(part.value) = 'object' AND media.id IS NULL
            ORDER BY item.id, part.key LIMIT 1
            """,
            {"dataset": dataset, "items": items},
        )
        row = cursor.fetchone()
    return ((row[0], row[1]), row[2]) if row else (None, 0)


def some_items(dataset: uuid.UUID, *, first: int, more: int) -> list[dict[str, Any]]:
    """Return the data of a dataset's first items and of some from anywhere in it, other ones each time.

    Numbers are drawn between the first item's and the last's, and the next item of each is taken: a look into the index
    for each, however many items there are.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH ends AS (SELECT min(id) AS low, max(id) AS high FROM datasets_item WHERE dataset_id = %(dataset)s),
            drawn AS (SELECT low + floor(random() * (high - low + 1))::bigint AS id
                      FROM ends, generate_series(1, %(more)s)),
            chosen AS (SELECT near.id FROM drawn, LATERAL (
                           SELECT id FROM datasets_item WHERE dataset_id = %(dataset)s AND id >= drawn.id
                           ORDER BY id LIMIT 1) near
                       UNION (SELECT id FROM datasets_item WHERE dataset_id = %(dataset)s ORDER BY id LIMIT %(first)s))
            SELECT data FROM datasets_item WHERE id IN (SELECT id FROM chosen) ORDER BY id
            """,
            {"dataset": dataset, "first": first, "more": more},
        )
        return [json.loads(data) for (data,) in cursor]


def is_being_filled(dataset: uuid.UUID) -> bool:
    """Return whether an import into the dataset runs now, in any process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0))",
            [import_lock(dataset)],
        )
        return bool(cursor.fetchone()[0])


def import_lock(dataset: uuid.UUID) -> str:
    """Return the name of the lock that whoever reads into a dataset holds."""
    return f"datasets.import:{dataset}"


def unfinished_imports() -> QuerySet[Import]:
    """Return the imports that are still to be run, or run on, oldest first."""
    return Import.objects.filter(state__in=[Import.State.WAITING, Import.State.RUNNING]).order_by("created_at")
