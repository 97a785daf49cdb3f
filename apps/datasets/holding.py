"""Who holds a dataset: who makes something of it keeps it there until that is made, and who removes it has it alone."""

from uuid import UUID

from django.db import connection

from apps.core.conflicts import Conflicting
from apps.datasets.entries import Refused
from apps.datasets.models import Dataset


class CannotRemove(Conflicting):
    """The dataset is needed; the text says by what."""


class Gone(Refused):
    """The dataset was removed meanwhile, or is leaving."""


def gone(dataset: Dataset) -> Gone:
    return Gone(f"the dataset {dataset.name!r} is not there any more: it is being removed, or was")


def held(dataset: UUID) -> bool:
    """Keep a dataset where it is until the transaction's end; return whether it is there, and not leaving. Many may.

    A foreign key asks for it at the commit alone, when whoever made something of it was told that it is made.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM datasets_dataset WHERE id = %s AND leaving_at IS NULL FOR KEY SHARE", [dataset])
        return cursor.fetchone() is not None


def alone(dataset: Dataset) -> Dataset:
    """Return the dataset as it is now, nobody else's until the transaction's end; raise `Gone` or `CannotRemove`.

    Nobody is waited for: whoever holds it may do so for long, and who asks would keep a web thread until then.
    """
    rows = Dataset.objects.filter(pk=dataset.pk)
    found = rows.select_for_update(skip_locked=True).first()
    if found is not None:
        return found
    if not rows.exists():
        raise gone(dataset)
    raise CannotRemove(
        f"something is being made of the dataset {dataset.name!r} at this moment, or it is being removed already: "
        "look again in a minute",
        field="dataset", found="in use", wanted="at rest",
    )  # fmt: skip
