"""Qualification requirements: MTurk's ids and comparators as the workforce's qualifications, by name."""

from collections.abc import Mapping
from typing import Any

from apps.members.models import Organization
from apps.turkapi import names
from apps.turkapi.errors import BadValue, missing
from apps.turkapi.models import QualificationType
from apps.work.requirements import APPROVED, APPROVED_PERCENT, COMPARE

COUNTED = {"00000000000000000040": APPROVED, "000000000000000000L0": APPROVED_PERCENT}
# Kept and told, and not checked: our pool knows no country, no age and no master, only whom an organization invited.
TOLD_ONLY = {
    "00000000000000000071": "Worker_Locale",
    "00000000000000000060": "Worker_Adult",
    "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH": "Masters",
    "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6": "Masters (Sandbox)",
}
MASTERS = frozenset(key for key, name in TOLD_ONLY.items() if name.startswith("Masters"))
MOST = 10
MOST_VALUES = 15
WITHOUT_VALUES = ("Exists", "DoesNotExist")


def read(organization: Organization, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the requirements that a worker is checked by; raise `Refused` for one that can't be."""
    if len(given) > MOST:
        raise BadValue(f"there are {len(given)} qualification requirements, {MOST} are the most")
    return [checked for one in given if (checked := _read(organization, one)) is not None]


def _read(organization: Organization, given: Mapping[str, Any]) -> dict[str, Any] | None:
    key, comparator = given["QualificationTypeId"], given["Comparator"]
    if given.get("RequiredToPreview") and "ActionsGuarded" in given:
        raise BadValue("RequiredToPreview and ActionsGuarded exclude each other")
    if key in TOLD_ONLY:
        return None
    values = list(given.get("IntegerValues", []))
    _check(comparator, values)
    return {"name": name_of(organization, key), "comparator": comparator, "values": values}


def name_of(organization: Organization, key: str) -> str:
    """Return how the workforce calls a qualification type; raise `Refused` if there is no such type."""
    if key in COUNTED:
        return COUNTED[key]
    pk = names.read(key)
    own = QualificationType.objects.filter(organization=organization, deleted_at=None)
    found = own.filter(pk=pk).first() if pk else None
    if found is None:
        raise missing("QualificationType", key)
    return found.name


def _check(comparator: str, values: list[int]) -> None:
    if comparator in WITHOUT_VALUES:
        if values:
            raise BadValue(f"{comparator} takes no IntegerValues")
        return
    if comparator not in COMPARE:
        raise BadValue(f"{comparator!r} is not a comparator")
    most = MOST_VALUES if comparator in ("In", "NotIn") else 1
    if not 1 <= len(values) <= most:
        raise BadValue(f"{comparator} takes 1 to {most} IntegerValues, {len(values)} are given")
