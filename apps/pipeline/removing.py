"""Datasets that are removed for their room's sake: only those that no campaign asks about."""

from uuid import UUID

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.datasets import queries, removing
from apps.datasets.holding import CannotRemove
from apps.datasets.models import Dataset, Discarded
from apps.members import trail
from apps.members.models import User
from apps.pipeline import uploads

VERB = "remove_dataset"
NAMED = 5  # campaigns


def check(dataset: Dataset) -> None:
    """Raise `CannotRemove` where campaigns use the dataset, or a file is on its way into it."""
    names = list(Campaign.objects.filter(dataset=dataset).order_by("name").values_list("name", flat=True))
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        named = ", ".join(repr(name) for name in names[:NAMED])
        raise CannotRemove(
            f"the dataset {dataset.name!r} is used by the campaign{'s' if len(names) > 1 else ''} {named}{more}: "
            "only one that no campaign uses, or used, can be removed",
            field="dataset.campaigns", found=names[:NAMED], wanted="no campaign",
        )  # fmt: skip
    removing.check_still(dataset)


def remove(dataset_id: UUID, *, by: User | None) -> int:
    """Remove a dataset, then some of its files; return how many files those were. To be called until none are left.

    Raises `CannotRemove`, and removes nothing then.
    """
    for path in _remove_rows(dataset_id, by=by):
        uploads.drop_path(path)
    return removing.remove_files(dataset_id)


def left(dataset_id: UUID) -> int:
    """Return how many files of a removed dataset lie in the store still."""
    return Discarded.objects.filter(dataset=dataset_id).count()


@transaction.atomic
def _remove_rows(dataset_id: UUID, *, by: User | None) -> list[str]:
    dataset = Dataset.objects.select_for_update().filter(pk=dataset_id).first()
    if dataset is None:
        return []
    check(dataset)
    trail.record(
        dataset.organization, verb="remove dataset", subject=f"dataset:{dataset.pk}", actor=by, name=dataset.name,
        **vars(queries.counts(dataset)),
    )  # fmt: skip
    return removing.remove(dataset)
