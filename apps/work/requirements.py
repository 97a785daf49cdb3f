"""What a campaign asks of qualifications by value: {"name", "comparator", "values"}, compared as MTurk does."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from apps.work.models import Assignment
from apps.workforce.models import Qualification, Worker

# Names of what is not granted but counted.
APPROVED = "pages approved"
APPROVED_PERCENT = "percent of pages approved"

COMPARE: Mapping[str, Callable[[int, list[int]], bool]] = {
    "LessThan": lambda own, values: own < values[0],
    "LessThanOrEqualTo": lambda own, values: own <= values[0],
    "GreaterThan": lambda own, values: own > values[0],
    "GreaterThanOrEqualTo": lambda own, values: own >= values[0],
    "EqualTo": lambda own, values: own == values[0],
    "NotEqualTo": lambda own, values: own != values[0],
    "In": lambda own, values: own in values,
    "NotIn": lambda own, values: own not in values,
    "Exists": lambda own, values: True,
}
# As a worker reads what is asked for.
SIGNS = {
    "LessThan": "<", "LessThanOrEqualTo": "≤", "GreaterThan": ">", "GreaterThanOrEqualTo": "≥", "EqualTo": "=",
    "In": "=", "Exists": "",
}  # fmt: skip


def meets(worker: Worker, requirement: Mapping[str, Any]) -> bool:
    """Return whether the worker has what is asked; without the qualification only what asks for its absence."""
    own, comparator = value(worker, requirement["name"]), requirement["comparator"]
    if comparator == "DoesNotExist":
        return own is None
    if own is None:
        return comparator in ("NotEqualTo", "NotIn")
    return COMPARE[comparator](own, requirement["values"])


def value(worker: Worker, name: str) -> int | None:
    """Return the value of a worker's qualification, None where there is none."""
    if name in (APPROVED, APPROVED_PERCENT):
        return _counted(worker, name)
    return Qualification.objects.filter(worker=worker, name=name).values_list("value", flat=True).first()


def sentence(requirement: Mapping[str, Any]) -> str:
    """Return what is asked, for the worker; whoever should not have something is not told what."""
    if requirement["comparator"] not in SIGNS:
        return _("this campaign is not offered to you")
    values = " ".join(str(number) for number in requirement["values"])
    asked = f"{requirement['name']} {SIGNS[requirement['comparator']]} {values}".strip()
    return _("this campaign asks for what you have not been granted yet: %(names)s") % {"names": asked}


def _counted(worker: Worker, name: str) -> int:
    decided = Assignment.objects.filter(worker=worker).aggregate(
        approved=Count("pk", filter=Q(state=Assignment.State.APPROVED)),
        rejected=Count("pk", filter=Q(state=Assignment.State.REJECTED)),
    )
    approved, rejected = decided["approved"], decided["rejected"]
    if name == APPROVED:
        return int(approved)
    # Nobody has a bad name before the first verdict.
    return 100 if not approved + rejected else int(100 * approved / (approved + rejected))
