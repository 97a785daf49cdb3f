"""HIT types and HITs."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore.utils import parse_to_aware_datetime

from apps.core import clock, money
from apps.turkapi import names as ids
from apps.turkapi import paging, queries, shapes
from apps.turkapi.errors import BadValue, turk
from apps.turkapi.models import HitType
from apps.turkapi.services import hits, requirements
from apps.turkapi.services.types import CURRENCY, MadeMeanwhile, Terms, known_type, new_type, type_of
from apps.turkapi.signing import Caller

Given = dict[str, Any]
DAY = 86_400
LONGEST = {"Title": 128, "Description": 2000, "Keywords": 1000, "RequesterAnnotation": 255}
# Seconds; a lease of ours has 30 days at most, MTurk's had a year.
BOUNDS = {
    "LifetimeInSeconds": (30, 365 * DAY),
    "AssignmentDurationInSeconds": (30, 30 * DAY),
    "AutoApprovalDelayInSeconds": (0, 30 * DAY),
}


def create_type(caller: Caller, given: Given) -> Given:
    return {"HITTypeId": ids.written(type_of(caller, _terms(caller, given)).pk)}


def create(caller: Caller, given: Given) -> Given:
    """Make a HIT of the type of these values; a HIT that is refused leaves no type behind that was made for it."""
    terms = _terms(caller, given)
    while (known := known_type(caller, terms)) is None:
        with suppress(MadeMeanwhile):
            return _create(caller, given, partial(new_type, caller, terms), "CreateHIT")
    return _create(caller, given, lambda: known, "CreateHIT")


def create_with_type(caller: Caller, given: Given) -> Given:
    known = queries.hit_type(caller.organization, given["HITTypeId"])
    return _create(caller, given, lambda: known, "CreateHITWithHITType")


def create_additional_assignments(caller: Caller, given: Given) -> Given:
    more = given["NumberOfAdditionalAssignments"]
    if more < 1:
        raise BadValue(f"NumberOfAdditionalAssignments is {more}; it should be at least 1")
    hit = queries.hit(caller.organization, given["HITId"])
    hits.extend(caller, hit=hit, more=more, token=given.get("UniqueRequestToken"))
    return {}


def get(caller: Caller, given: Given) -> Given:
    return {"HIT": shapes.hit(queries.hit(caller.organization, given["HITId"]))}


def list_all(caller: Caller, given: Given) -> Given:
    return _page(caller, given, queries.of_caller(caller.organization), "ListHITs")


def list_reviewable(caller: Caller, given: Given) -> Given:
    rows = queries.reviewable(caller.organization)
    if "HITTypeId" in given:
        rows = rows.filter(type=queries.hit_type(caller.organization, given["HITTypeId"]))
    rows = rows.filter(reviewing=given.get("Status", "Reviewable") == "Reviewing")
    return _page(caller, given, rows, f"ListReviewableHITs {given.get('HITTypeId')} {given.get('Status')}")


def list_for_qualification_type(caller: Caller, given: Given) -> Given:
    key = given["QualificationTypeId"]
    requirements.name_of(caller.organization, key)
    rows = queries.of_caller(caller.organization).filter(type__requirements__contains=[{"QualificationTypeId": key}])
    return _page(caller, given, rows, f"ListHITsForQualificationType {key}")


def update_expiration(caller: Caller, given: Given) -> Given:
    hit = queries.hit(caller.organization, given["HITId"])
    hits.expire(caller, hit=hit, at=_expiry(given["ExpireAt"]))
    return {}


def update_review_status(caller: Caller, given: Given) -> Given:
    hit = queries.hit(caller.organization, given["HITId"])
    hits.review(caller, hit=hit, revert=given.get("Revert", False))
    return {}


def update_type(caller: Caller, given: Given) -> Given:
    hit = queries.hit(caller.organization, given["HITId"])
    hits.retype(caller, hit=hit, of=queries.hit_type(caller.organization, given["HITTypeId"]))
    return {}


def delete(caller: Caller, given: Given) -> Given:
    hits.delete(caller, hit=queries.hit(caller.organization, given["HITId"]))
    return {}


def list_review_policy_results(caller: Caller, given: Given) -> Given:
    """Answer for a HIT without review policies, as every HIT here is."""
    return {"HITId": str(queries.hit(caller.organization, given["HITId"]))}


def _create(caller: Caller, given: Given, type_: Callable[[], HitType], operation: str) -> Given:
    _check_lengths(given)
    for policy in ("AssignmentReviewPolicy", "HITReviewPolicy"):
        if policy in given:
            raise BadValue(f"{policy} is not offered: agreement and known answers are the campaign's own here")
    if "HITLayoutId" in given or "Question" not in given:
        key = given.get("HITLayoutId", "")
        said = f"HITLayout {key} does not exist." if key else "a HIT needs a Question: there are no HIT layouts here."
        raise turk("HITLayoutDoesNotExist", said)
    hit = hits.create(
        caller,
        type_=type_,
        question=given["Question"],
        most=given.get("MaxAssignments", 1),
        lifetime=given["LifetimeInSeconds"],
        annotation=given.get("RequesterAnnotation", ""),
        token=(operation, given.get("UniqueRequestToken")),
    )
    return {"HIT": shapes.hit(hit)}


def _terms(caller: Caller, given: Given) -> Terms:
    _check_lengths(given)
    asked = given.get("QualificationRequirements", [])
    requirements.read(caller.organization, asked)
    return Terms(
        title=given["Title"].strip() or _empty("Title"),
        description=given["Description"].strip() or _empty("Description"),
        keywords=given.get("Keywords", ""),
        reward=money.to_minor(given["Reward"].rstrip("."), CURRENCY),
        duration=given["AssignmentDurationInSeconds"],
        approve_after=given.get("AutoApprovalDelayInSeconds", 30 * DAY),
        requirements=asked,
    )


def _expiry(given: Any) -> datetime:
    """Return the time that a HIT is to end at, as long after now as a HIT may live at most; raise `BadValue`."""
    if isinstance(given, bool):  # botocore takes it for a number of seconds
        raise BadValue("ExpireAt is no time")
    try:
        at: datetime = parse_to_aware_datetime(given).astimezone(UTC)
    except (ValueError, OverflowError, OSError, RuntimeError):
        raise BadValue(f"ExpireAt is {str(given)[:40]}, which is no time that can be") from None
    longest = BOUNDS["LifetimeInSeconds"][1]
    if at > clock.from_now(seconds=longest):
        raise BadValue(f"ExpireAt is {at.isoformat()}; it should be at most {longest} seconds from now")
    return at


def _empty(name: str) -> str:
    raise BadValue(f"{name} is empty")


def _check_lengths(given: Given) -> None:
    for name, most in LONGEST.items():
        if len(given.get(name, "")) > most:
            raise BadValue(f"{name} has {len(given[name])} characters, {most} are the most")
    for name, (low, high) in BOUNDS.items():
        if name in given and not low <= given[name] <= high:
            raise BadValue(f"{name} is {given[name]}; it should be from {low} to {high}")


def _page(caller: Caller, given: Given, rows: Any, of: str) -> Given:
    found, token = paging.page(rows, given, of=f"{caller.organization.pk} {of}")
    return {"NumResults": len(found), "NextToken": token, "HITs": [shapes.hit(hit) for hit in found]}
