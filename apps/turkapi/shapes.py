"""Rows as MTurk's data structures."""

from datetime import timedelta
from typing import Any

from apps.core import money
from apps.kinds import of
from apps.kinds.framed import FramedKind
from apps.turkapi import names, queries
from apps.turkapi.models import Hit, QualificationRequest, QualificationType
from apps.work.models import Assignment, Place
from apps.work.queries import REPORTED
from apps.workforce.models import Qualification

REPORTED_FIELD = "labelcrowd.reported_as_broken"
SCHEMA_OF_STATE = {"submitted": "Submitted", "approved": "Approved", "rejected": "Rejected"}


def amount(minor: int, currency: str) -> str:
    """Return an amount as the API writes it: digits and a point."""
    return f"{money.to_decimal(minor, currency):f}"


def hit(row: Hit) -> dict[str, Any]:
    """Return the HIT structure."""
    campaign, counts = row.type.campaign, queries.counts(row)
    type_id = names.written(row.type_id)
    return {
        "HITId": str(row),
        "HITTypeId": type_id,
        "HITGroupId": type_id,
        "CreationTime": names.seconds(row.created_at),
        "Title": row.type.title,
        "Description": row.type.description,
        "Question": row.task.item.data["question"],
        "Keywords": row.type.keywords or None,
        "HITStatus": queries.status(row),
        "MaxAssignments": row.most,
        "Reward": amount(campaign.price, campaign.currency),
        "AutoApprovalDelayInSeconds": campaign.approve_after_seconds,
        "Expiration": names.seconds(row.task.closes_at),
        "AssignmentDurationInSeconds": campaign.lease_seconds,
        "RequesterAnnotation": row.annotation or None,
        "QualificationRequirements": row.type.requirements,
        "HITReviewStatus": "MarkedForReview" if row.reviewing else "NotReviewed",
        "NumberOfAssignmentsPending": counts.pending,
        "NumberOfAssignmentsAvailable": counts.available,
        "NumberOfAssignmentsCompleted": counts.completed,
    }


def assignment(row: Assignment, of_hit: Hit) -> dict[str, Any]:
    """Return the Assignment structure, the answer with it."""
    review = getattr(row, "review", None)
    state = SCHEMA_OF_STATE[row.state]
    delay = timedelta(seconds=row.campaign.approve_after_seconds)
    approve_at = review.approve_at if review is not None else (row.submitted_at or row.leased_at) + delay
    return {
        "AssignmentId": names.written(row.pk),
        "WorkerId": names.worker_id(row.worker_id),
        "HITId": str(of_hit),
        "AssignmentStatus": state,
        "AutoApprovalTime": names.seconds(approve_at),
        "AcceptTime": names.seconds(row.leased_at),
        "SubmitTime": names.seconds(row.submitted_at),
        "ApprovalTime": names.seconds(row.decided_at) if state == "Approved" else None,
        "RejectionTime": names.seconds(row.decided_at) if state == "Rejected" else None,
        "Deadline": names.seconds(row.expires_at),
        "Answer": answer(row, of_hit),
        "RequesterFeedback": (review.reason or None) if review is not None else None,
    }


def answer(row: Assignment, of_hit: Hit) -> str | None:
    """Return what was handed in as QuestionFormAnswers, None for a page that was not.

    A page that was reported as broken says so by a field of ours: programs look for one in each submission.
    """
    kind = of(row.campaign.kind)
    place = Place.objects.select_related("judgment").filter(assignment=row).first()
    if place is None or not isinstance(kind, FramedKind):
        return None
    if place.state in REPORTED:
        raw = kind.read_posted([(REPORTED_FIELD, place.note)])
    elif hasattr(place, "judgment"):
        raw = place.judgment.answer
    else:
        return None
    given = kind.read(raw, kind.read_settings(row.campaign.settings))
    return kind.write_xml(given, of_hit.task.item.data)


def qualification_type(row: QualificationType) -> dict[str, Any]:
    """Return the QualificationType structure."""
    return {
        "QualificationTypeId": names.written(row.pk),
        "CreationTime": names.seconds(row.created_at),
        "Name": row.name,
        "Description": row.description,
        "Keywords": row.keywords or None,
        "QualificationTypeStatus": "Active" if row.active else "Inactive",
        "Test": row.test or None,
        "TestDurationInSeconds": row.test_seconds,
        "AnswerKey": row.answer_key or None,
        "RetryDelayInSeconds": row.retry_seconds,
        "IsRequestable": row.active,
        "AutoGranted": row.auto_granted,
        "AutoGrantedValue": row.auto_value if row.auto_granted else None,
    }


def qualification(row: Qualification, type_: QualificationType) -> dict[str, Any]:
    """Return the Qualification structure."""
    return {
        "QualificationTypeId": names.written(type_.pk),
        "WorkerId": names.worker_id(row.worker_id),
        "GrantTime": names.seconds(row.granted_at),
        "IntegerValue": row.value,
        "Status": "Granted",
    }


def qualification_request(row: QualificationRequest) -> dict[str, Any]:
    """Return the QualificationRequest structure."""
    return {
        "QualificationRequestId": names.written(row.pk),
        "QualificationTypeId": names.written(row.type_id),
        "WorkerId": names.worker_id(row.worker_id),
        "Test": row.type.test or None,
        "Answer": row.answer or None,
        "SubmitTime": names.seconds(row.requested_at),
    }
