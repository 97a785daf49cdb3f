"""The TurkErrorCodes that the documentation names for an operation are those it answers, row by row of the table."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.pipeline import flow
from apps.turkapi.operations import TABLE
from tests import belt
from tests.turkapi.over_boto3 import HIT, requester, turk
from tests.turkapi.reachable import codes_from
from tests.turkapi.test_requests_of_the_reference import REQUESTS, ours, topic, world  # noqa: F401  # a fixture
from tests.turkapi.test_table_of_operations import ROOT, ROWS, codes_of

NOBODY = "0" * 32
Given = dict[str, Any]
# Ways that the code has and no call goes: tokens are kept with what was made, a HIT's id, or nothing.
NEVER = {
    "CreateAdditionalAssignmentsForHIT": {"HitAlreadyExists"},  # makes no HIT
    "SendBonus": {"HitAlreadyExists"},
    "CreateHIT": {
        "DuplicateCall",  # its token is kept together with its HIT
        "HITTypeDoesNotExist",  # only of a type that is stopped between being found and being locked
    },
    "CreateHITWithHITType": {"DuplicateCall"},
}


@pytest.mark.parametrize("name", ROWS)
def test_the_codes_of_a_row_are_those_that_its_operation_can_come_to(name):
    assert codes_of(name) == codes_from(TABLE[name]) - NEVER.get(name, set())


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "code"), [(name, code) for name in ROWS for code in sorted(codes_of(name))])
def test_an_operation_answers_each_code_that_its_row_names(name, code, topic, settings):  # noqa: F811
    settings.TURK_FEES = (20, 20, 5, 20, 1)
    user = requester()
    mturk = turk(user)
    given = ours(REQUESTS[name]["request"], {**world(user, mturk, name), "Destination": topic})
    call = getattr(mturk, xform_name(name))

    given = way_to(name, code)(mturk, call, given)
    with pytest.raises(ClientError) as refused:
        call(**given)

    assert refused.value.response["TurkErrorCode"] == f"AWS.MechanicalTurk.{code}"


def way_to(name: str, code: str) -> Callable[[Any, Any, Given], Given]:
    """Return what makes a call of an operation come to a code: it does something before, and returns what to ask."""
    if (name, code) in WAYS:
        return WAYS[name, code]
    if code in WAYS_OF_ALL:
        return WAYS_OF_ALL[code]
    noun = code.removesuffix("DoesNotExist")
    assert noun != code, f"how {name} comes to {code} is not said"
    return lambda mturk, call, given: {**given, f"{noun}Id": f"A{NOBODY}" if noun == "Worker" else NOBODY}


def again(mturk: Any, call: Any, given: Given) -> Given:
    call(**given)
    return given


def again_by_token(mturk: Any, call: Any, given: Given) -> Given:
    return again(mturk, call, {**given, "UniqueRequestToken": "one"})


def penniless(mturk: Any, call: Any, given: Given) -> Given:
    """Leave nothing in the funds."""
    left = mturk.get_account_balance()["AvailableBalance"]
    mturk.create_hit(**{**HIT, "Title": "Dear", "MaxAssignments": 1, "Reward": f"{float(left) / 1.2 - 0.01:.2f}"})
    return given


def paused(mturk: Any, call: Any, given: Given) -> Given:
    for campaign in Campaign.objects.all():
        flow.pause(campaign)
    return given


def of_a_paused_type(mturk: Any, call: Any, given: Given) -> Given:
    return paused(mturk, call, again(mturk, call, given))


def of_a_dear_type(mturk: Any, call: Any, given: Given) -> Given:
    dear = {"Title": "Dear", "Description": "The same", "Reward": "1000", "AssignmentDurationInSeconds": 600}
    return {**given, "HITTypeId": mturk.create_hit_type(**dear)["HITTypeId"]}


def stopped(mturk: Any, call: Any, given: Given) -> Given:
    for campaign in Campaign.objects.all():
        flow.stop(campaign)
    belt.run()
    return given


def of_a_new_hit(mturk: Any, call: Any, given: Given) -> Given:
    return {**given, "HITId": mturk.create_hit(**HIT)["HIT"]["HITId"]}


def rejected_by_a_campaign_that_ended(mturk: Any, call: Any, given: Given) -> Given:
    """Have the fee, which is not held with the page's money, gone to funds that were then spent."""
    mturk.reject_assignment(AssignmentId=given["AssignmentId"], RequesterFeedback="It is a dog.")
    penniless(mturk, call, stopped(mturk, call, given))
    return {**given, "OverrideRejection": True}


def asked_for(mturk: Any, call: Any, given: Given) -> Given:
    return {**given, "QualificationRequirements": [{"QualificationTypeId": NOBODY, "Comparator": "Exists"}]}


def of_a_deleted_type(mturk: Any, call: Any, given: Given) -> Given:
    (asked,) = mturk.list_qualification_requests()["QualificationRequests"]
    mturk.delete_qualification_type(QualificationTypeId=asked["QualificationTypeId"])
    return given


def offered_again(mturk: Any, call: Any, given: Given) -> Given:
    hit = of_a_new_hit(mturk, call, {})["HITId"]
    mturk.update_expiration_for_hit(HITId=hit, ExpireAt=0)
    return {"HITId": hit, "ExpireAt": clock.from_now(seconds=86_400)}


def without(name: str, instead: Given) -> Callable[[Any, Any, Given], Given]:
    return lambda mturk, call, given: {**{key: value for key, value in given.items() if key != name}, **instead}


WAYS_OF_ALL: dict[str, Callable[[Any, Any, Given], Given]] = {
    "DuplicateCall": again_by_token,
    "HITLayoutDoesNotExist": without("Question", {"HITLayoutId": "ABC"}),
    "HitAlreadyExists": again_by_token,
    "InsufficientFunds": penniless,
    "InvalidAssignmentState": again,
    "InvalidHITState": paused,
    "InvalidMaximumAssignmentsIncrease": without("", {"NumberOfAdditionalAssignments": 9}),
    "InvalidNotification": lambda mturk, call, given: {
        **given,
        "Notification": {**given["Notification"], "Destination": f"{given['Notification']['Destination']}_gone"},
    },
    "InvalidQualificationRequestState": again,
    "OperationNotSupported": without("", {}),
    "QualificationDoesNotExist": lambda mturk, call, given: (
        mturk.disassociate_qualification_from_worker(
            **{name: given[name] for name in ("WorkerId", "QualificationTypeId")}
        )
        and given
    ),
    "QualificationTypeAlreadyExists": again,
}
WAYS: dict[tuple[str, str], Callable[[Any, Any, Given], Given]] = {
    ("AcceptQualificationRequest", "QualificationTypeDoesNotExist"): of_a_deleted_type,
    ("ApproveAssignment", "InsufficientFunds"): rejected_by_a_campaign_that_ended,
    ("CreateHIT", "InvalidHITState"): of_a_paused_type,
    ("CreateHIT", "QualificationTypeDoesNotExist"): asked_for,
    ("CreateHITType", "QualificationTypeDoesNotExist"): asked_for,
    ("DeleteHIT", "InvalidHITState"): of_a_new_hit,
    ("ListBonusPayments", "AssignmentDoesNotExist"): without("HITId", {"AssignmentId": NOBODY}),
    ("UpdateExpirationForHIT", "InsufficientFunds"): lambda mturk, call, given: penniless(
        mturk, call, offered_again(mturk, call, given)
    ),
    ("UpdateExpirationForHIT", "InvalidHITState"): lambda mturk, call, given: stopped(
        mturk, call, {**given, "ExpireAt": clock.from_now(seconds=86_400)}
    ),
    ("UpdateHITReviewStatus", "InvalidHITState"): of_a_new_hit,
    ("UpdateHITTypeOfHIT", "InsufficientFunds"): of_a_dear_type,
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "refused",
    [{"HITReviewPolicy": {"PolicyName": "SimplePlurality/2011-09-01"}}, {"LifetimeInSeconds": 1}, {"Reward": "1.2345"}],
)
def test_what_has_no_code_of_mturks_is_told_by_the_errors_own_as_the_page_of_moving_over_says(refused):
    page = " ".join((ROOT / "infra/docs/mturk-migration.md").read_text().split())

    with pytest.raises(ClientError) as error:
        turk(requester()).create_hit(**HIT | refused)

    told = error.value.response
    assert told.get("TurkErrorCode") is None
    assert told["Error"]["Code"] in page
    assert 'e.response.get("TurkErrorCode")' in page
    assert 'decide by `e.response["Error"]["Code"]`' in page
    assert all(
        name in page for name in ("HITReviewPolicy", "AssignmentReviewPolicy", "HITLayoutId", "assets.crowd.aws")
    )
