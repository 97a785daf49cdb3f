"""Assignments: what was handed in, and the requester's verdicts on it."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.core import clock
from apps.pipeline import flow
from apps.quality import services as quality
from apps.quality.models import Review
from apps.turkapi import paging, queries, shapes
from apps.turkapi.errors import BadValue, turk
from apps.turkapi.services.hits import enough
from apps.turkapi.signing import Caller
from apps.work.models import Assignment

Given = dict[str, Any]
State = Assignment.State
LONGEST_FEEDBACK = 1024
OVERRIDE_WITHIN = timedelta(days=30)


def get(caller: Caller, given: Given) -> Given:
    row = queries.assignment(caller.organization, given["AssignmentId"])
    hit = queries.hit_of(row)
    return {"Assignment": shapes.assignment(row, hit), "HIT": shapes.hit(hit)}


def list_for_hit(caller: Caller, given: Given) -> Given:
    hit = queries.hit(caller.organization, given["HITId"])
    statuses = given.get("AssignmentStatuses")
    rows = queries.assignments(hit)
    if statuses:
        rows = rows.filter(state__in=[status.lower() for status in statuses])
    found, token = paging.page(rows, given, of=f"ListAssignmentsForHIT {hit} {statuses}")
    return {
        "NumResults": len(found),
        "NextToken": token,
        "Assignments": [shapes.assignment(row, hit) for row in found],
    }


@transaction.atomic
def approve(caller: Caller, given: Given) -> Given:
    feedback = _feedback(given)
    row = _locked(caller, given)
    override = given.get("OverrideRejection", False)
    if row.state == State.REJECTED and override:
        _check_override(row)
    elif row.state != State.SUBMITTED:
        raise _wrong_state("Submitted, Rejected" if override else "Submitted")
    with enough():
        flow.decide(quality.review(row), verdict=Review.Verdict.APPROVE, reason=feedback, by=caller.user)
    return {}


def reject(caller: Caller, given: Given) -> Given:
    """Reject; where a second person has to agree, note that it is asked for, and refuse till then."""
    if not _reject(caller, given).verdict:
        said = "The rejection was noted: so much pay is rejected once a second person rejects it, too. Until then it is"
        raise turk("InvalidAssignmentState", f"{said} Submitted.")
    return {}


@transaction.atomic
def _reject(caller: Caller, given: Given) -> Review:
    feedback = _feedback(given)
    if not feedback.strip():
        raise BadValue("RequesterFeedback is empty: a rejection needs a reason, which the worker is told")
    row = _locked(caller, given)
    if row.state != State.SUBMITTED:
        raise _wrong_state("Submitted")
    return flow.decide(quality.review(row), verdict=Review.Verdict.REJECT, reason=feedback, by=caller.user)


def get_file_upload_url(caller: Caller, given: Given) -> Given:
    """Refuse, as MTurk did since it withdrew FileUploadAnswer in 2017."""
    queries.assignment(caller.organization, given["AssignmentId"])
    raise turk(
        "OperationNotSupported",
        "This operation is no longer supported: FileUploadAnswer was withdrawn in November 2017.",
    )


def _feedback(given: Given) -> str:
    feedback = str(given.get("RequesterFeedback", ""))
    if len(feedback) > LONGEST_FEEDBACK:
        raise BadValue(f"RequesterFeedback has {len(feedback)} characters, {LONGEST_FEEDBACK} are the most")
    return feedback


def _locked(caller: Caller, given: Given) -> Assignment:
    """Return the assignment with its row locked: of two verdicts at once the second sees the first."""
    row = queries.assignment(caller.organization, given["AssignmentId"])
    Assignment.objects.select_for_update(no_key=True).get(pk=row.pk)
    return queries.assignment(caller.organization, given["AssignmentId"])


def _check_override(row: Assignment) -> None:
    if row.submitted_at is None or row.submitted_at < clock.now() - OVERRIDE_WITHIN:
        raise turk("InvalidAssignmentState", "A rejection can be overridden within 30 days of the submission.")
    if queries.hit_of(row).disposed_at is not None:
        raise turk("InvalidAssignmentState", "A rejection can't be overridden after the HIT was deleted.")


def _wrong_state(needed: str) -> Exception:
    return turk("InvalidAssignmentState", f"This operation can be called with a status of: {needed}")
