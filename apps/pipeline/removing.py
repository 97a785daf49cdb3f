"""Datasets that are removed for their room's sake: only those that no campaign asks about."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.campaigns.models import Campaign
from apps.datasets import queries, removing
from apps.datasets.holding import CannotRemove
from apps.datasets.models import Dataset, Discarded
from apps.members import trail
from apps.members.models import Organization, User
from apps.pipeline import uploads
from apps.pipeline.models import Operation

VERB = "remove_dataset"
NAMED = 5  # campaigns


def check(dataset: Dataset) -> None:
    """Raise `CannotRemove` where campaigns use the dataset, or a file is on its way into it, or not told of."""
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
    if _unfinished(dataset.pk, verb="import").exists():
        raise CannotRemove(
            f"a file was sent to the dataset {dataset.name!r}, and whoever sent it was not yet told what became of it: "
            "look again in a minute",
            field="dataset.operations", found="under way", wanted="ended",
        )  # fmt: skip


def under_way(dataset_id: UUID) -> Operation | None:
    """Return the operation by which a dataset is being removed, None where there is none."""
    return _unfinished(dataset_id, verb=VERB).first()


def subject(dataset_id: UUID) -> str:
    """Return what an operation about a dataset names it by."""
    return f"dataset:{dataset_id}"


def _unfinished(dataset_id: UUID, *, verb: str) -> QuerySet[Operation]:
    states = [Operation.State.WAITING, Operation.State.RUNNING]
    return Operation.objects.filter(verb=verb, subject=subject(dataset_id), state__in=states)


def remove(dataset_id: UUID, *, by: User | None) -> int:
    """Remove some of a dataset, its files at the end; return how many files those were. To be called until none are
    left and it is gone.

    Raises `CannotRemove`, and removes nothing then.
    """
    if leave(dataset_id, by=by):
        for path in removing.remove_media(dataset_id):
            uploads.drop_path(path)
        if not removing.remove_items(dataset_id):
            return 0
    return removing.remove_files(dataset_id)


def left(dataset_id: UUID) -> int:
    """Return how many files of a removed dataset lie in the store still."""
    return Discarded.objects.filter(dataset=dataset_id).count()


def begun() -> list[Dataset]:
    """Return the datasets whose removal was begun and is not through, also those whose files alone are left."""
    marked = list(Dataset.objects.filter(leaving_at__isnull=False).select_related("organization"))
    of = dict(Discarded.objects.order_by().values_list("dataset", "organization").distinct())
    owners = Organization.objects.in_bulk(of.values())
    known = {each.pk for each in marked}
    return [*marked, *(Dataset(pk=pk, organization=owners[whose]) for pk, whose in of.items() if pk not in known)]


def is_gone(dataset_id: UUID) -> bool:
    return not Dataset.objects.filter(pk=dataset_id).exists()


@transaction.atomic
def leave(dataset_id: UUID, *, by: User | None) -> bool:
    """Have nobody make anything of a dataset from now on; return whether there is one. Raises `CannotRemove`."""
    dataset = Dataset.objects.select_for_update().filter(pk=dataset_id).first()
    if dataset is None:
        return False
    check(dataset)
    if removing.mark(dataset):
        trail.record(
            dataset.organization, verb="remove dataset", subject=f"dataset:{dataset.pk}", actor=by, name=dataset.name,
            **vars(queries.counts(dataset)),
        )  # fmt: skip
    return True
