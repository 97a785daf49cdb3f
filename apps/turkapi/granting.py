"""Where workers ask for the qualifications of MTurk's API."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.urls import reverse

from apps.turkapi import names as ids
from apps.turkapi.models import QualificationType
from apps.workforce.asking import Way
from apps.workforce.models import Worker


def ways(worker: Worker, names: Collection[str]) -> list[Way]:
    """Return the pages of the types of these names that can be asked for; that of one that was asked for says so."""
    types = QualificationType.objects.filter(
        organization=worker.organization_id, name__in=names, active=True, deleted_at=None
    )
    page = reverse("turkapi:request_qualification")
    return [
        Way(type_.name, f"{page}?{urlencode({'qualificationId': ids.written(type_.pk)})}")
        for type_ in types.order_by("name")
    ]
