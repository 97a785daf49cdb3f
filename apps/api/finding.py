"""Rows of the caller's organization, by their ids: another organization's are not there, as if they had never been."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from apps.api.callers import Caller
from apps.campaigns.models import Campaign
from apps.datasets.models import Dataset
from apps.members.models import Organization
from apps.workforce.models import Worker

Row = TypeVar("Row", bound=Model)


def one(rows: QuerySet[Row], **by: Any) -> Row:
    """Return the row; raise `Http404` with what is not there."""
    found = rows.filter(**by).first()
    if found is None:
        raise Http404(f"there is no {rows.model._meta.verbose_name} {next(iter(by.values()))} here")
    return found


def organization(caller: Caller) -> Organization:
    return Organization.objects.get(pk=caller.organization)


def datasets(caller: Caller) -> QuerySet[Dataset]:
    return Dataset.objects.filter(organization=caller.organization)


def campaigns(caller: Caller) -> QuerySet[Campaign]:
    return Campaign.objects.filter(organization=caller.organization).select_related("organization", "dataset")


def workers(caller: Caller) -> QuerySet[Worker]:
    return Worker.objects.filter(organization=caller.organization).prefetch_related("groups")
