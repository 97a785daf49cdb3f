"""Rows of the caller's organization, by their ids: another organization's are not there, as if they had never been."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Exists, Model, QuerySet
from django.http import Http404

from apps.api.callers import Caller
from apps.api.problems import Problem
from apps.campaigns.models import Campaign
from apps.core.keys import key_of
from apps.datasets.models import Dataset
from apps.members.models import Organization
from apps.payments import queries as payments
from apps.workforce.models import Worker

Row = TypeVar("Row", bound=Model)


def one(rows: QuerySet[Row], **by: Any) -> Row:
    """Return the row; raise `Http404` with what is not there."""
    found = rows.filter(**by).first()
    if found is None:
        raise Http404(f"there is no {rows.model._meta.verbose_name} {next(iter(by.values()))} here")
    return found


def named(rows: QuerySet[Row], given: Mapping[str, Any], field: str) -> Row:
    """Return the row that a field of the request names; raise `Problem` (404) of that field where it is not there."""
    try:
        return one(rows, pk=given[field])
    except Http404 as missing:
        raise Problem(404, str(missing), errors=[{"field": field, "detail": str(missing)}]) from None


def waiting(rows: QuerySet[Any], noun: str, caller: Caller) -> QuerySet[Any]:
    """Return the rows with whether a decision about each waits for a second person."""
    waits = payments.to_sign([caller.organization]).filter(subject=key_of(noun))
    found: QuerySet[Any] = rows.annotate(waits=Exists(waits))
    return found


def organization(caller: Caller) -> Organization:
    return Organization.objects.get(pk=caller.organization)


def datasets(caller: Caller) -> QuerySet[Dataset]:
    return Dataset.objects.filter(organization=caller.organization)


def campaigns(caller: Caller) -> QuerySet[Campaign]:
    return Campaign.objects.filter(organization=caller.organization).select_related("organization", "dataset")


def workers(caller: Caller) -> QuerySet[Worker]:
    return Worker.objects.filter(organization=caller.organization).prefetch_related("groups")
