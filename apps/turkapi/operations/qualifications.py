"""Qualification types, and who has them."""

from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.core import clock
from apps.kinds.errors import BadSettings
from apps.members.models import Organization
from apps.turkapi import answer_keys, names, paging, queries, shapes
from apps.turkapi.errors import BadValue, missing, turk
from apps.turkapi.models import QualificationType
from apps.turkapi.services import requirements
from apps.turkapi.services.types import framed
from apps.turkapi.signing import Caller
from apps.workforce import services as workforce
from apps.workforce.models import Qualification

Given = dict[str, Any]
LONGEST = {"Name": 100, "Description": 2000, "Keywords": 1000}
# In MTurk's own words, by which clients tell these from other errors.
ALREADY = (
    "You have already created a QualificationType with this name. A QualificationType's name must be unique among all "
    "of the QualificationTypes created by the same user."
)
NOT_HELD = "You requested a Qualification that does not exist."
LEAST_SECONDS = {"TestDurationInSeconds": 1, "RetryDelayInSeconds": 0}
MOST_SECONDS = 2**31 - 1  # 68 years; MTurk documents no bound
# What may be changed, and by which column.
COLUMNS = {
    "Description": "description",
    "Test": "test",
    "AnswerKey": "answer_key",
    "TestDurationInSeconds": "test_seconds",
    "RetryDelayInSeconds": "retry_seconds",
    "AutoGranted": "auto_granted",
    "AutoGrantedValue": "auto_value",
}


@transaction.atomic
def create(caller: Caller, given: Given) -> Given:
    Organization.objects.select_for_update(no_key=True).get(pk=caller.organization.pk)  # one at a time: a name is one's
    own = QualificationType.objects.filter(organization=caller.organization, deleted_at=None, name=given["Name"])
    if own.exists():
        raise turk("QualificationTypeAlreadyExists", ALREADY)
    row = QualificationType(organization=caller.organization, name=given["Name"], keywords=given.get("Keywords", ""))
    if not row.name.strip():
        raise BadValue("Name is empty")
    row.other_name = _other_name(caller, row.name)
    _set(row, given)
    row.save()
    return {"QualificationType": shapes.qualification_type(row)}


@transaction.atomic
def update(caller: Caller, given: Given) -> Given:
    """Change what is given; a new Test has no AnswerKey but one that comes with it."""
    row = of_key(caller, given["QualificationTypeId"], lock=True)
    _set(row, {"AnswerKey": "", **given} if "Test" in given else given)
    row.save()
    return {"QualificationType": shapes.qualification_type(row)}


def get(caller: Caller, given: Given) -> Given:
    return {"QualificationType": shapes.qualification_type(of_key(caller, given["QualificationTypeId"]))}


@transaction.atomic
def delete(caller: Caller, given: Given) -> Given:
    """Take the type and everybody's grant of it away; HITs that ask for it stay as they are."""
    row = of_key(caller, given["QualificationTypeId"], lock=True)
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    for held in _granted(caller, row).select_related("worker").iterator():
        workforce.revoke(held.worker, name=row.known_as)
    return {}


def list_all(caller: Caller, given: Given) -> Given:
    """List the organization's own: there are no others that a requester could ask for."""
    rows = QualificationType.objects.filter(organization=caller.organization, deleted_at=None)
    if given["MustBeRequestable"]:
        rows = rows.filter(active=True)
    query = given.get("Query", "")
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(description__icontains=query) | Q(keywords__icontains=query))
    of = f"{caller.organization.pk} ListQualificationTypes {query} {given['MustBeRequestable']}"
    found, token = paging.page(rows, given, of=of)
    return {
        "NumResults": len(found),
        "NextToken": token,
        "QualificationTypes": [shapes.qualification_type(row) for row in found],
    }


@transaction.atomic
def associate(caller: Caller, given: Given) -> Given:
    row = of_key(caller, given["QualificationTypeId"], lock=True)  # so that nothing is granted of a deleted one
    worker = queries.worker(caller.organization, given["WorkerId"])
    workforce.grant(worker, name=row.known_as, value=given.get("IntegerValue", 1))
    return {}


def disassociate(caller: Caller, given: Given) -> Given:
    row = of_key(caller, given["QualificationTypeId"])
    worker = queries.worker(caller.organization, given["WorkerId"])
    if not workforce.revoke(worker, name=row.known_as):
        raise _not_held(given)
    return {}


def score(caller: Caller, given: Given) -> Given:
    row = of_key(caller, given["QualificationTypeId"])
    worker = queries.worker(caller.organization, given["WorkerId"])
    held = _granted(caller, row).filter(worker=worker).first()
    if held is None:
        raise _not_held(given)
    return {"Qualification": shapes.qualification(held, row)}


def list_workers(caller: Caller, given: Given) -> Given:
    """List who has a qualification; revoked ones are not kept, so none is listed."""
    row = of_key(caller, given["QualificationTypeId"])
    rows = _granted(caller, row)
    if given.get("Status", "Granted") == "Revoked":
        rows = rows.none()
    found, token = paging.page(rows, given, of=f"ListWorkersWithQualificationType {row.pk}")
    return {
        "NumResults": len(found),
        "NextToken": token,
        "Qualifications": [shapes.qualification(held, row) for held in found],
    }


def of_key(caller: Caller, key: str, *, lock: bool = False) -> QualificationType:
    """Return the organization's qualification type; raise `Refused`."""
    pk = names.read(key)
    rows = QualificationType.objects.filter(organization=caller.organization, deleted_at=None)
    found = (rows.select_for_update() if lock else rows).filter(pk=pk).first() if pk else None
    if found is None:
        raise missing("QualificationType", key)
    return found


def _other_name(caller: Caller, name: str) -> str:
    """Return what the workforce is to call a new type, "" for its name: campaigns still ask for deleted ones by theirs,
    and nobody grants what is counted."""
    begins = name[:90]
    is_alike = Q(name__startswith=begins) | Q(other_name__startswith=begins)
    alike = QualificationType.objects.filter(is_alike, organization=caller.organization)
    taken = {row.known_as for row in alike.only("name", "other_name")} | set(requirements.COUNTED.values())
    numbered = (f"{begins} · {number}" for number in count(2))
    return "" if name not in taken else next(each for each in numbered if each not in taken)


def _granted(caller: Caller, row: QualificationType) -> Any:
    return Qualification.objects.filter(worker__organization=caller.organization, name=row.known_as)


def _set(row: QualificationType, given: Given) -> None:
    _check_bounds(given)
    for name, column in COLUMNS.items():
        if name in given:
            setattr(row, column, given[name])
    if "QualificationTypeStatus" in given:
        row.active = given["QualificationTypeStatus"] == "Active"
    if row.auto_granted and row.test:
        raise BadValue("AutoGranted and Test exclude each other")
    if row.test:
        if not row.test_seconds:
            raise BadValue("a Test needs TestDurationInSeconds")
        _check_test(given.get("Test", ""))
        _check_key(given.get("AnswerKey", ""))
    elif row.answer_key:
        raise BadValue("an AnswerKey needs a Test")


def _check_bounds(given: Given) -> None:
    for name, most in LONGEST.items():
        if len(given.get(name, "")) > most:
            raise BadValue(f"{name} has {len(given[name])} characters, {most} are the most")
    for name, least in LEAST_SECONDS.items():
        if not least <= given.get(name, least) <= MOST_SECONDS:
            raise BadValue(f"{name} is {given[name]}, it should be from {least} to {MOST_SECONDS}")


def _check_test(xml: str) -> None:
    try:
        framed().read_question(xml, as_test=True) if xml else None
    except BadSettings as error:
        raise BadValue(f"There was an error parsing the XML of the Test: {error}") from None


def _check_key(xml: str) -> None:
    try:
        answer_keys.check(xml) if xml else None
    except answer_keys.BadKey as error:
        raise BadValue(f"There was an error parsing the XML of the AnswerKey: {error}") from None


def _not_held(given: Given) -> Exception:
    worker, key = given["WorkerId"], given["QualificationTypeId"]
    return turk("QualificationDoesNotExist", f"{NOT_HELD} Worker {worker} does not have {key}.")
