"""Workers' requests for a qualification."""

from typing import Any

from django.db import transaction

from apps.turkapi import names, paging, shapes
from apps.turkapi.errors import missing, turk
from apps.turkapi.models import QualificationRequest
from apps.turkapi.operations.qualifications import of_key
from apps.turkapi.signing import Caller
from apps.workforce import services as workforce

Given = dict[str, Any]
State = QualificationRequest.State


def list_all(caller: Caller, given: Given) -> Given:
    """List what waits for an answer."""
    rows = QualificationRequest.objects.filter(
        type__organization=caller.organization, type__deleted_at=None, state=State.PENDING
    ).select_related("type")
    if "QualificationTypeId" in given:
        rows = rows.filter(type=of_key(caller, given["QualificationTypeId"]))
    of = f"{caller.organization.pk} ListQualificationRequests {given.get('QualificationTypeId')}"
    found, token = paging.page(rows, given, of=of)
    return {
        "NumResults": len(found),
        "NextToken": token,
        "QualificationRequests": [shapes.qualification_request(row) for row in found],
    }


@transaction.atomic
def accept(caller: Caller, given: Given) -> Given:
    row = _of_key(caller, given["QualificationRequestId"])
    of_key(caller, names.written(row.type_id), lock=True)  # of a deleted type nobody is granted anything
    if row.state != State.PENDING or not row.try_move(State.GRANTED):
        raise _wrong_state(row)
    workforce.grant(row.worker, name=row.type.known_as, value=given.get("IntegerValue", 1))
    return {}


@transaction.atomic
def reject(caller: Caller, given: Given) -> Given:
    row = _of_key(caller, given["QualificationRequestId"])
    if row.state != State.PENDING or not row.try_move(State.REJECTED, reason=given.get("Reason", "")):
        raise _wrong_state(row)
    return {}


def _of_key(caller: Caller, key: str) -> QualificationRequest:
    pk = names.read(key)
    rows = QualificationRequest.objects.select_related("type", "worker")
    found = rows.filter(type__organization=caller.organization, pk=pk).first() if pk else None
    if found is None:
        raise missing("QualificationRequest", key)
    return found


def _wrong_state(row: QualificationRequest) -> Exception:
    return turk(
        "InvalidQualificationRequestState", f"QualificationRequest {names.written(row.pk)} was answered already."
    )
