"""Verdicts and bonuses over boto3, and what they leave in the books."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments.models import Obligation
from apps.pipeline import steps
from apps.work.models import Assignment
from tests.turkapi.over_boto3 import HIT, handed_in, organization_of, requester, turk, worker_id, worker_of

pytestmark = pytest.mark.django_db


def code_of(call, **given) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response.get("TurkErrorCode", error.value.response["Error"]["Code"]))


def test_an_approval_is_owed_once_and_told_with_its_feedback():
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    key = handed_in(worker_of(user))

    mturk.approve_assignment(AssignmentId=key, RequesterFeedback="Well done")

    told = mturk.get_assignment(AssignmentId=key)["Assignment"]
    assert (told["AssignmentStatus"], told["RequesterFeedback"]) == ("Approved", "Well done")
    assert told["ApprovalTime"] >= told["SubmitTime"] >= told["AcceptTime"]
    assert Obligation.objects.get().amount == 10
    assert Trail.objects.filter(verb="approve", actor=user).count() == 1
    assert code_of(mturk.approve_assignment, AssignmentId=key) == "AWS.MechanicalTurk.InvalidAssignmentState"
    assert code_of(mturk.reject_assignment, AssignmentId=key, RequesterFeedback="no") == (
        "AWS.MechanicalTurk.InvalidAssignmentState"
    )
    assert books.imbalances() == []


def test_a_rejection_needs_a_reason_frees_no_place_and_can_be_overridden_for_thirty_days(time_machine):
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**{**HIT, "MaxAssignments": 1})["HIT"]["HITId"]
    key = handed_in(worker_of(user))

    assert code_of(mturk.reject_assignment, AssignmentId=key, RequesterFeedback=" ") == "ParameterValidationError"
    mturk.reject_assignment(AssignmentId=key, RequesterFeedback="It is a dog.")
    assert mturk.get_hit(HITId=hit)["HIT"]["NumberOfAssignmentsAvailable"] == 0
    assert code_of(mturk.approve_assignment, AssignmentId=key) == "AWS.MechanicalTurk.InvalidAssignmentState"
    mturk.approve_assignment(AssignmentId=key, OverrideRejection=True)
    assert mturk.list_assignments_for_hit(HITId=hit, AssignmentStatuses=["Approved"])["NumResults"] == 1
    assert mturk.list_assignments_for_hit(HITId=hit, AssignmentStatuses=["Submitted"])["NumResults"] == 0
    assert Obligation.objects.get().amount == 10

    mturk.create_hit(**HIT)
    late = handed_in(worker_of(user))
    mturk.reject_assignment(AssignmentId=late, RequesterFeedback="empty")
    time_machine.move_to(clock.now() + timedelta(days=31))
    assert code_of(mturk.approve_assignment, AssignmentId=late, OverrideRejection=True) == (
        "AWS.MechanicalTurk.InvalidAssignmentState"
    )


def test_what_nobody_judged_is_approved_after_the_delay(time_machine):
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    key = handed_in(worker_of(user))
    page = Assignment.objects.get()
    steps.settle(page.pk)
    assert mturk.get_assignment(AssignmentId=key)["Assignment"]["AssignmentStatus"] == "Submitted"

    time_machine.move_to(clock.now() + timedelta(days=1, seconds=1))
    steps.settle(page.pk)

    assert mturk.get_assignment(AssignmentId=key)["Assignment"]["AssignmentStatus"] == "Approved"
    assert Obligation.objects.get().amount == 10


def test_a_delay_of_nothing_approves_at_once():
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**{**HIT, "AutoApprovalDelayInSeconds": 0})
    key = handed_in(worker_of(user))

    steps.settle(Assignment.objects.get().pk)

    assert mturk.get_assignment(AssignmentId=key)["Assignment"]["AssignmentStatus"] == "Approved"


def test_an_assignment_in_a_workers_hands_does_not_exist_yet():
    from tests.turkapi.over_boto3 import accepted

    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    page = accepted(worker_of(user))
    key = page.pk.hex.upper()

    for call, more in (
        (mturk.get_assignment, {}),
        (mturk.approve_assignment, {}),
        (mturk.reject_assignment, {"RequesterFeedback": "no"}),
        (mturk.send_bonus, {"WorkerId": "A" + "0" * 32, "BonusAmount": "1", "Reason": "why"}),
    ):
        assert code_of(call, AssignmentId=key, **more) == "AWS.MechanicalTurk.AssignmentDoesNotExist"


def test_a_bonus_is_owed_once_for_a_token_from_the_funds():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    worker = worker_of(user)
    key = handed_in(worker)
    bonus = {
        "WorkerId": worker_id(worker), "AssignmentId": key, "BonusAmount": "1.50", "Reason": "Very thorough",
        "UniqueRequestToken": "bonus 1",
    }  # fmt: skip

    mturk.send_bonus(**bonus)
    assert code_of(mturk.send_bonus, **bonus) == "AWS.MechanicalTurk.DuplicateCall"

    (by_hit,) = mturk.list_bonus_payments(HITId=hit)["BonusPayments"]
    (by_assignment,) = mturk.list_bonus_payments(AssignmentId=key)["BonusPayments"]
    assert by_hit == by_assignment
    assert {name: by_hit[name] for name in ("WorkerId", "AssignmentId", "BonusAmount", "Reason")} == {
        name: bonus[name] for name in ("WorkerId", "AssignmentId", "BonusAmount", "Reason")
    }
    assert mturk.get_account_balance()["AvailableBalance"] == "98.30"
    assert Obligation.objects.get(kind="bonus").amount == 150
    assert books.imbalances() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"BonusAmount": "0"}, "ParameterValidationError"),
        ({"BonusAmount": "0.105"}, "ValidationException"),
        ({"BonusAmount": "1000"}, "AWS.MechanicalTurk.InsufficientFunds"),
        ({"Reason": " "}, "ParameterValidationError"),
        ({"WorkerId": "A" + "0" * 32}, "AWS.MechanicalTurk.AssignmentDoesNotExist"),
    ],
)
def test_a_bonus_that_can_not_be_is_refused_by_its_code(change, code):
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    worker = worker_of(user)
    bonus = {
        "WorkerId": worker_id(worker), "AssignmentId": handed_in(worker), "BonusAmount": "1.5", "Reason": "Thorough",
        "UniqueRequestToken": "one",
    }  # fmt: skip

    assert code_of(mturk.send_bonus, **{**bonus, **change}) == code

    assert not Obligation.objects.filter(kind="bonus").exists()
    if code != "ValidationException":
        mturk.send_bonus(**bonus)  # what was refused took no token


def test_bonuses_are_listed_for_a_hit_or_an_assignment_only():
    assert code_of(turk(requester()).list_bonus_payments) == "ParameterValidationError"


def test_the_balance_is_the_organizations_own():
    user = requester(funds=12345)
    requester(funds=999)

    assert turk(user).get_account_balance()["AvailableBalance"] == "123.45"
    assert books.balance(organization_of(user), kind="funds", currency="USD") == 12345


def test_files_can_not_be_asked_for_since_2017():
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    key = handed_in(worker_of(user))

    assert code_of(mturk.get_file_upload_url, AssignmentId=key, QuestionIdentifier="x") == (
        "AWS.MechanicalTurk.OperationNotSupported"
    )
