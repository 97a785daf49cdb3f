"""Qualification requirements: MTurk's ids and comparators as the workforce's qualifications, by name."""

from collections.abc import Mapping
from typing import Any

from apps.members.models import Organization
from apps.turkapi import names
from apps.turkapi.errors import BadValue, missing
from apps.turkapi.models import QualificationType
from apps.work.requirements import APPROVED, APPROVED_PERCENT, COMPARE, DISCOVERY, PREVIEW

COUNTED = {"00000000000000000040": APPROVED, "000000000000000000L0": APPROVED_PERCENT}
LOCALE = "00000000000000000071"
# Kept and told, and not checked: our pool knows no country, no age and no master, only whom an organization invited.
TOLD_ONLY = {
    LOCALE: "Worker_Locale",
    "00000000000000000060": "Worker_Adult",
    "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH": "Masters",
    "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6": "Masters (Sandbox)",
}
MASTERS = frozenset(key for key, name in TOLD_ONLY.items() if name.startswith("Masters"))
GUARDS = {"PreviewAndAccept": PREVIEW, "DiscoverPreviewAndAccept": DISCOVERY}  # Accept is what each guards
MOST = 10
MOST_VALUES = {"IntegerValues": 15, "LocaleValues": 30}
WITHOUT_VALUES = ("Exists", "DoesNotExist")
IN_A_SET = ("In", "NotIn")
OF_LOCALES = ("EqualTo", "NotEqualTo", *IN_A_SET, *WITHOUT_VALUES)


def read(organization: Organization, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the requirements that a worker is checked by; raise `Refused` for one that can't be."""
    if len(given) > MOST:
        raise BadValue(f"there are {len(given)} qualification requirements, {MOST} are the most")
    return [checked for one in given if (checked := _read(organization, one)) is not None]


def _read(organization: Organization, given: Mapping[str, Any]) -> dict[str, Any] | None:
    key, comparator = given["QualificationTypeId"], given["Comparator"]
    if given.get("RequiredToPreview") and "ActionsGuarded" in given:
        raise BadValue("RequiredToPreview and ActionsGuarded exclude each other")
    kind, other = ("LocaleValues", "IntegerValues") if key == LOCALE else ("IntegerValues", "LocaleValues")
    if given.get(other):
        raise BadValue(f"the requirement of {TOLD_ONLY.get(key, key)} takes {kind}, not {other}")
    if key == LOCALE and comparator not in OF_LOCALES:
        raise BadValue(f"{comparator} does not compare locales, only {', '.join(OF_LOCALES)} do")
    values = list(given.get(kind, []))
    _check(comparator, values, kind)
    if key in TOLD_ONLY:
        return None
    checked = {"name": name_of(organization, key), "comparator": comparator, "values": values}
    guards = PREVIEW if given.get("RequiredToPreview") else GUARDS.get(given.get("ActionsGuarded", ""), "")
    return {**checked, "guards": guards} if guards else checked


def name_of(organization: Organization, key: str) -> str:
    """Return how the workforce calls a qualification type; raise `Refused` if there is no such type."""
    if key in COUNTED:
        return COUNTED[key]
    pk = names.read(key)
    own = QualificationType.objects.filter(organization=organization, deleted_at=None)
    found = own.filter(pk=pk).first() if pk else None
    if found is None:
        raise missing("QualificationType", key)
    return found.known_as


def _check(comparator: str, values: list[Any], kind: str) -> None:
    if comparator in WITHOUT_VALUES:
        if values:
            raise BadValue(f"{comparator} takes no {kind}")
        return
    if comparator not in COMPARE:
        raise BadValue(f"{comparator!r} is not a comparator")
    most = MOST_VALUES[kind] if comparator in IN_A_SET else 1
    if not 1 <= len(values) <= most:
        raise BadValue(f"{comparator} takes {'1' if most == 1 else f'1 to {most}'} {kind}, {len(values)} are given")
