"""Where workers ask for the qualifications of MTurk's API."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from apps.turkapi import names as ids
from apps.turkapi.models import QualificationType
from apps.workforce.asking import Way
from apps.workforce.models import Worker


def ways(worker: Worker, names: Collection[str]) -> list[Way]:
    """Return the pages of the types of these names that can be asked for; that of one that was asked for says so."""
    named = Q(other_name="", name__in=names) | Q(other_name__in=[name for name in names if name])
    types = QualificationType.objects.filter(named, organization=worker.organization_id, active=True, deleted_at=None)
    page = reverse("turkapi:request_qualification")
    return [
        Way(type_.known_as, f"{page}?{urlencode({'qualificationId': ids.written(type_.pk)})}")
        for type_ in types.order_by("name")
    ]
