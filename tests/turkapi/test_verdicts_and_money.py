"""Verdicts and bonuses over boto3, and what they leave in the books."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from apps.core import clock
from apps.ledger import queries as books
from apps.members.models import Trail
from apps.payments.models import Obligation
from apps.pipeline import steps
from apps.quality.services import set_rejection_limit
from apps.work.models import Assignment
from tests import belt
from tests.factories import member
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


def test_who_worked_on_it_decides_nothing_and_is_refused_for_good():
    """A code of wrong credentials would have a client try for ever."""
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    worker = worker_of(user)
    worker.user = user
    worker.save()
    key = handed_in(worker)

    assert code_of(mturk.approve_assignment, AssignmentId=key) == "ParameterValidationError"
    assert not Obligation.objects.exists()


def test_where_a_second_person_has_to_agree_a_rejection_is_refused_until_they_do():
    user = requester()
    of = organization_of(user)
    set_rejection_limit(of, currency="USD", second_person_from=5, by=user)
    turk(user).create_hit(**HIT)
    key = handed_in(worker_of(user))
    wish = {"AssignmentId": key, "RequesterFeedback": "It is a dog."}

    for _ in range(2):
        assert code_of(turk(user).reject_assignment, **wish) == "AWS.MechanicalTurk.InvalidAssignmentState"
        assert turk(user).get_assignment(AssignmentId=key)["Assignment"]["AssignmentStatus"] == "Submitted"
    turk(member(of)).reject_assignment(**wish)

    assert turk(user).get_assignment(AssignmentId=key)["Assignment"]["AssignmentStatus"] == "Rejected"


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
        ({"BonusAmount": "99999999999999999999"}, "ParameterValidationError"),
        ({"BonusAmount": "40000000000000000"}, "AWS.MechanicalTurk.InsufficientFunds"),
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


def test_a_schedule_of_fees_is_held_with_the_hit_and_booked_when_it_is_approved(settings):
    settings.TURK_FEES = [20, 20, 0, 10, 1]
    user = requester(funds=1000)
    mturk = turk(user)
    of = organization_of(user)

    hit = mturk.create_hit(**{**HIT, "Reward": "1.00", "MaxAssignments": 2})["HIT"]["HITId"]
    assert mturk.get_account_balance()["AvailableBalance"] == "7.60"  # twice 1.00, and 0.20 each
    assert mturk.get_account_balance()["OnHoldBalance"] == "2.40"
    worker = worker_of(user)
    paid, lost = handed_in(worker), handed_in(worker_of(user))
    mturk.approve_assignment(AssignmentId=paid)
    mturk.send_bonus(WorkerId=worker_id(worker), AssignmentId=paid, BonusAmount="0.50", Reason="Thorough")
    mturk.reject_assignment(AssignmentId=lost, RequesterFeedback="Empty.")

    assert books.balance(of, kind="fees", owner="service:mturk", currency="USD") == 25
    assert mturk.get_account_balance()["AvailableBalance"] == "7.05"  # 0.50 and 0.05 of it
    assert mturk.get_account_balance()["OnHoldBalance"] == "1.20"  # until nobody can dispute the rejection
    Assignment.objects.filter(state="rejected").update(disputable_until=clock.now())
    belt.run()
    assert mturk.get_account_balance()["AvailableBalance"] == "8.25"
    mturk.delete_hit(HITId=hit)
    assert mturk.get_account_balance()["OnHoldBalance"] == "0.00"
    assert books.imbalances() == []


def test_of_an_expired_hit_the_fees_come_back_too_and_from_ten_assignments_on_they_are_higher(settings):
    settings.TURK_FEES = [20, 20, 0, 20, 1]
    user = requester(funds=2000)
    mturk = turk(user)
    nine = mturk.create_hit(**{**HIT, "Reward": "0.10", "MaxAssignments": 9})["HIT"]["HITId"]
    ten = mturk.create_hit(**{**HIT, "Reward": "0.10", "MaxAssignments": 10})["HIT"]["HITId"]
    assert mturk.get_account_balance()["AvailableBalance"] == "17.52"  # nine times 0.12, ten times 0.14

    for hit in (nine, ten):
        mturk.update_expiration_for_hit(HITId=hit, ExpireAt=0)

    assert mturk.get_account_balance() | {"ResponseMetadata": None} == {
        "AvailableBalance": "20.00", "OnHoldBalance": "0.00", "ResponseMetadata": None,
    }  # fmt: skip
    mturk.update_expiration_for_hit(HITId=nine, ExpireAt=clock.from_now(seconds=600))
    assert mturk.get_account_balance()["OnHoldBalance"] == "1.08"


def test_who_asks_for_masters_pays_what_the_operator_takes_for_that(settings):
    settings.TURK_FEES = [20, 20, 5, 20, 1]
    mturk = turk(requester(funds=1000))
    masters = {"QualificationTypeId": "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "Comparator": "Exists"}

    mturk.create_hit(**{**HIT, "Reward": "1.00", "MaxAssignments": 2, "QualificationRequirements": [masters]})

    assert mturk.get_account_balance()["OnHoldBalance"] == "2.50"


def test_files_can_not_be_asked_for_since_2017():
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    key = handed_in(worker_of(user))

    assert code_of(mturk.get_file_upload_url, AssignmentId=key, QuestionIdentifier="x") == (
        "AWS.MechanicalTurk.OperationNotSupported"
    )


def test_auto_approval_is_told_to_the_second_however_late_a_page_comes_before_a_person(time_machine):
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    key = handed_in(worker_of(user))

    def until_it_is_approved() -> timedelta:
        (told,) = mturk.list_assignments_for_hit(HITId=hit)["Assignments"]
        return told["AutoApprovalTime"] - told["SubmitTime"]

    before = until_it_is_approved()
    time_machine.move_to(clock.now() + timedelta(seconds=90))
    belt.run()

    assert before == until_it_is_approved() == timedelta(seconds=HIT["AutoApprovalDelayInSeconds"])
    assert Assignment.objects.get(pk=key).review.proposed_at > Assignment.objects.get(pk=key).submitted_at
