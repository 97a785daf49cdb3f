"""HITs over boto3: made, offered, extended, closed, deleted, as MTurk's life cycle says."""

from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest
from botocore.exceptions import ClientError

from apps.campaigns.models import Campaign
from apps.console.management.commands import schedule
from apps.core import clock
from apps.ledger import queries as books
from apps.reports import offers
from apps.turkapi.models import Hit
from apps.turkapi.services import tokens
from apps.work import services as work
from apps.work.models import Task
from tests.factories import UserFactory
from tests.running import tokens as tokens_of
from tests.turkapi.over_boto3 import HIT, accepted, handed_in, organization_of, requester, turk, worker_id, worker_of

pytestmark = pytest.mark.django_db


def refused(call, **given) -> str:
    """Return the TurkErrorCode that a call is refused with."""
    with pytest.raises(ClientError) as error:
        call(**given)
    assert error.value.response["Error"]["Message"]
    return str(error.value.response.get("TurkErrorCode", error.value.response["Error"]["Code"]))


def test_a_hit_is_made_funded_and_told_as_it_was_given():
    user = requester()
    mturk = turk(user)

    made = mturk.create_hit(**HIT, RequesterAnnotation="batch 7")["HIT"]
    told = mturk.get_hit(HITId=made["HITId"])["HIT"]

    assert told == made
    assert {name: told[name] for name in HIT if name in told} == {name: HIT[name] for name in HIT if name in told}
    assert (told["HITStatus"], told["HITReviewStatus"], told["RequesterAnnotation"]) == (
        "Assignable", "NotReviewed", "batch 7",
    )  # fmt: skip
    assert (told["NumberOfAssignmentsAvailable"], told["NumberOfAssignmentsPending"]) == (2, 0)
    assert mturk.get_account_balance()["AvailableBalance"] == "99.80"
    assert mturk.get_account_balance()["OnHoldBalance"] == "0.20"
    assert Campaign.objects.get().state == "running"


def test_equal_values_are_one_hit_type_and_others_another():
    mturk = turk(requester())
    terms = {name: HIT[name] for name in ("Title", "Description", "Reward", "AssignmentDurationInSeconds")}

    first, again = (mturk.create_hit_type(**terms)["HITTypeId"] for _ in range(2))
    other = mturk.create_hit_type(**{**terms, "Reward": "0.11"})["HITTypeId"]

    assert first == again != other
    hit = mturk.create_hit_with_hit_type(HITTypeId=first, LifetimeInSeconds=60, Question=HIT["Question"])["HIT"]
    assert (hit["HITTypeId"], hit["MaxAssignments"]) == (first, 1)
    assert hit["AutoApprovalDelayInSeconds"] == 30 * 86400


def test_a_hit_type_is_called_by_its_title_and_numbered_where_the_name_is_taken():
    mturk = turk(requester())

    for reward in ("0.10", "0.11", "0.12"):
        mturk.create_hit(**{**HIT, "Reward": reward})

    names = Campaign.objects.order_by("price").values_list("name", flat=True)
    assert list(names) == [HIT["Title"], f"{HIT['Title']} · 2", f"{HIT['Title']} · 3"]


def test_a_worker_sees_a_hit_type_while_it_has_a_hit_for_them():
    user = requester()
    mturk, worker = turk(user), worker_of(user)
    worker.user = UserFactory()
    worker.save()
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]

    assert [each.questions_left for each in offers.offers([worker])] == [1]

    mturk.update_expiration_for_hit(HITId=hit, ExpireAt=0)
    assert offers.offers([worker]) == []


def test_a_hit_goes_from_assignable_to_reviewable_to_disposed():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]

    def status() -> str:
        return str(mturk.get_hit(HITId=hit)["HIT"]["HITStatus"])

    first = handed_in(worker_of(user))
    assert status() == "Assignable"
    other = worker_of(user)
    accepted(other)
    assert status() == "Unassignable"
    second = handed_in(other)
    assert status() == "Reviewable"
    mturk.update_hit_review_status(HITId=hit)
    assert status() == "Reviewing"
    assert mturk.get_hit(HITId=hit)["HIT"]["HITReviewStatus"] == "MarkedForReview"
    assert refused(mturk.delete_hit, HITId=hit) == "AWS.MechanicalTurk.InvalidHITState"
    mturk.update_hit_review_status(HITId=hit, Revert=True)
    mturk.approve_assignment(AssignmentId=first)
    mturk.reject_assignment(AssignmentId=second, RequesterFeedback="It is a dog.")
    assert mturk.get_hit(HITId=hit)["HIT"]["NumberOfAssignmentsCompleted"] == 2
    mturk.delete_hit(HITId=hit)
    assert status() == "Disposed"
    assert mturk.list_hits()["HITs"] == []


def test_answers_come_back_as_question_form_answers():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    worker = worker_of(user)
    handed_in(worker, animal="cat & <dog>", note="two\nlines")

    (told,) = mturk.list_assignments_for_hit(HITId=hit)["Assignments"]

    fields = {answer[0].text: answer[1].text for answer in fromstring(told["Answer"])}
    assert fields == {"animal": "cat & <dog>", "note": "two\nlines"}
    assert (told["WorkerId"], told["HITId"], told["AssignmentStatus"]) == (worker_id(worker), hit, "Submitted")
    assert told["AutoApprovalTime"] - told["SubmitTime"] == timedelta(days=1)
    assert mturk.get_assignment(AssignmentId=told["AssignmentId"])["HIT"]["HITId"] == hit


def test_a_page_that_was_reported_as_broken_has_an_answer_that_says_so():
    user = requester()
    mturk, worker = turk(user), worker_of(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    page = accepted(worker)
    work.submit(page.pk, worker=worker, answers={token: {"broken": "no picture <there>"} for token in tokens_of(page)})

    (told,) = mturk.list_assignments_for_hit(HITId=hit)["Assignments"]

    (answer,) = fromstring(told["Answer"])
    assert [part.text for part in answer] == ["labelcrowd.reported_as_broken", "no picture <there>"]


def test_an_expired_hit_gives_its_money_back_and_goes_on_when_it_is_extended():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    handed_in(worker_of(user))

    mturk.update_expiration_for_hit(HITId=hit, ExpireAt=clock.now() - timedelta(days=1))
    mturk.update_expiration_for_hit(HITId=hit, ExpireAt=0)

    told = mturk.get_hit(HITId=hit)["HIT"]
    assert (told["HITStatus"], told["NumberOfAssignmentsAvailable"]) == ("Reviewable", 1)
    assert mturk.get_account_balance() | {"ResponseMetadata": 0} == {
        "AvailableBalance": "99.90", "OnHoldBalance": "0.10", "ResponseMetadata": 0,
    }  # fmt: skip
    mturk.update_expiration_for_hit(HITId=hit, ExpireAt=clock.now() + timedelta(hours=1))
    assert mturk.get_account_balance()["AvailableBalance"] == "99.80"
    handed_in(worker_of(user))
    assert mturk.get_hit(HITId=hit)["HIT"]["HITStatus"] == "Reviewable"


def test_more_assignments_are_funded_but_nine_stay_nine():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]

    mturk.create_additional_assignments_for_hit(HITId=hit, NumberOfAdditionalAssignments=7, UniqueRequestToken="more")

    assert mturk.get_hit(HITId=hit)["HIT"]["MaxAssignments"] == 9
    assert Task.objects.get().wanted == 9
    assert mturk.get_account_balance()["AvailableBalance"] == "99.10"
    more = mturk.create_additional_assignments_for_hit
    assert refused(more, HITId=hit, NumberOfAdditionalAssignments=1) == (
        "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease"
    )
    assert refused(more, HITId=hit, NumberOfAdditionalAssignments=1, UniqueRequestToken="more") == (
        "AWS.MechanicalTurk.DuplicateCall"
    )


def test_a_hit_may_get_other_terms_until_somebody_took_it():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    dearer = mturk.create_hit_type(
        Title="Which animal?", Description="The same, better paid.", Reward="0.20", AssignmentDurationInSeconds=600
    )["HITTypeId"]

    mturk.update_hit_type_of_hit(HITId=hit, HITTypeId=dearer)

    assert mturk.get_hit(HITId=hit)["HIT"]["Reward"] == "0.20"
    assert mturk.get_account_balance()["AvailableBalance"] == "99.60"
    handed_in(worker_of(user))
    assert refused(mturk.update_hit_type_of_hit, HITId=hit, HITTypeId=mturk.create_hit(**HIT)["HIT"]["HITTypeId"]) == (
        "AWS.MechanicalTurk.InvalidHITState"
    )


def test_a_hit_that_gets_its_first_terms_back_is_paid_for_and_offered_as_before():
    user = requester()
    mturk = turk(user)
    made = mturk.create_hit(**HIT)["HIT"]
    hit, first = made["HITId"], made["HITTypeId"]
    dearer = mturk.create_hit_type(
        Title="Which animal?", Description="The same, better paid.", Reward="0.20", AssignmentDurationInSeconds=600
    )["HITTypeId"]

    for hit_type in (dearer, first, dearer, first):
        mturk.update_hit_type_of_hit(HITId=hit, HITTypeId=hit_type)

    again, funds = mturk.get_hit(HITId=hit)["HIT"], mturk.get_account_balance()
    assert again == made
    assert (funds["AvailableBalance"], funds["OnHoldBalance"]) == ("99.80", "0.20")
    for _ in range(2):
        work.lease(Hit.objects.get().type.campaign, worker=worker_of(user))
    assert mturk.get_hit(HITId=hit)["HIT"]["HITStatus"] == "Unassignable"
    assert books.imbalances() == []


def test_without_funds_no_hit_is_made():
    user = requester(funds=19)

    assert refused(turk(user).create_hit, **HIT) == "AWS.MechanicalTurk.InsufficientFunds"
    assert not Campaign.objects.exists()  # no HIT type was made for it

    assert not Task.objects.exists()
    assert books.balance(organization_of(user), kind="funds", currency="USD") == 19


def test_a_token_makes_one_hit_however_often_it_is_sent():
    user = requester()
    mturk = turk(user)
    made = mturk.create_hit(**HIT, UniqueRequestToken="one")["HIT"]["HITId"]

    with pytest.raises(ClientError) as again:
        mturk.create_hit(**HIT, UniqueRequestToken="one")

    assert again.value.response["TurkErrorCode"] == "AWS.MechanicalTurk.HitAlreadyExists"
    assert made in again.value.response["Error"]["Message"]
    assert Task.objects.count() == 1


def test_a_token_is_good_again_after_a_day(time_machine):
    mturk = turk(requester())
    mturk.create_hit(**HIT, UniqueRequestToken="one")
    time_machine.move_to(clock.now() + timedelta(hours=25))

    mturk.create_hit(**HIT, UniqueRequestToken="one")

    assert Task.objects.count() == 2


def test_tokens_are_forgotten_once_they_may_be_used_again(time_machine):
    mturk = turk(requester())
    mturk.create_hit(**HIT, UniqueRequestToken="old")
    time_machine.move_to(clock.now() + timedelta(hours=23))
    mturk.create_hit(**HIT, UniqueRequestToken="new")
    time_machine.move_to(clock.now() + timedelta(hours=2))

    assert tokens.forget() == 1

    with pytest.raises(ClientError, match=r'The HIT with ID "\w+" already exists'):
        mturk.create_hit(**HIT, UniqueRequestToken="new")
    mturk.create_hit(**HIT, UniqueRequestToken="old")
    assert "forget tokens" in {entry.name for entry in schedule.ALL}


def test_lists_are_read_to_the_end_by_pages():
    user = requester()
    mturk = turk(user)
    made = [mturk.create_hit(**{**HIT, "MaxAssignments": 1})["HIT"]["HITId"] for _ in range(5)]

    pages = mturk.get_paginator("list_hits").paginate(PaginationConfig={"PageSize": 2})

    assert [hit["HITId"] for page in pages for hit in page["HITs"]] == made[::-1]
    first = mturk.list_hits(MaxResults=2)
    assert first["NumResults"] == 2
    assert refused(mturk.list_reviewable_hits, NextToken=first["NextToken"]) == "ParameterValidationError"


def test_reviewable_hits_are_listed_by_type_and_status():
    user = requester()
    mturk = turk(user)
    done = mturk.create_hit(**{**HIT, "MaxAssignments": 1})["HIT"]
    handed_in(worker_of(user))
    mturk.create_hit(**{**HIT, "Title": "Another"})

    assert [hit["HITId"] for hit in mturk.list_reviewable_hits()["HITs"]] == [done["HITId"]]
    assert mturk.list_reviewable_hits(HITTypeId=done["HITTypeId"])["NumResults"] == 1
    assert mturk.list_reviewable_hits(Status="Reviewing")["HITs"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Title": "x" * 129}, "ParameterValidationError"),
        ({"Title": " "}, "ParameterValidationError"),
        ({"LifetimeInSeconds": 29}, "ParameterValidationError"),
        ({"AutoApprovalDelayInSeconds": 2592001}, "ParameterValidationError"),
        ({"MaxAssignments": 0}, "ParameterValidationError"),
        ({"Question": "<a>"}, "ParameterValidationError"),
        ({"Question": HIT["Question"].replace("https://", "http://")}, "ParameterValidationError"),
        ({"Question": f"<!DOCTYPE a [<!ENTITY b 'c'>]>{HIT['Question']}"}, "ParameterValidationError"),
        ({"Reward": "0.105"}, "ValidationException"),
        ({"Reward": "99999999999999999999"}, "ParameterValidationError"),
        ({"Reward": "40000000000000000"}, "AWS.MechanicalTurk.InsufficientFunds"),
        ({"HITLayoutId": "ABC"}, "AWS.MechanicalTurk.HITLayoutDoesNotExist"),
        ({"AssignmentReviewPolicy": {"PolicyName": "SimplePlurality/2011-09-01"}}, "ParameterValidationError"),
        (
            {"QualificationRequirements": [{"QualificationTypeId": "3ABC", "Comparator": "Exists"}]},
            "AWS.MechanicalTurk.QualificationTypeDoesNotExist",
        ),
    ],
)
def test_what_a_hit_may_not_be_is_refused_by_its_code(change, code):
    assert refused(turk(requester()).create_hit, **{**HIT, **change}) == code

    assert not Task.objects.exists()


def test_another_requesters_hits_do_not_exist():
    hit = turk(requester()).create_hit(**HIT)["HIT"]["HITId"]
    stranger = turk(requester())

    for call in (stranger.get_hit, stranger.delete_hit, stranger.list_assignments_for_hit):
        assert refused(call, HITId=hit) == "AWS.MechanicalTurk.HITDoesNotExist"
    assert stranger.list_hits()["HITs"] == []
    assert stranger.get_account_balance()["OnHoldBalance"] == "0.00"


def test_a_call_repeated_under_its_token_is_told_so_whatever_else_is_wrong_with_it_by_now():
    user = requester()
    mturk = turk(user)
    asked = mturk.create_qualification_type(
        Name="Trusted", Description="Granted by hand", QualificationTypeStatus="Active"
    )["QualificationType"]["QualificationTypeId"]
    terms = {**HIT, "QualificationRequirements": [{"QualificationTypeId": asked, "Comparator": "Exists"}]}
    hit = mturk.create_hit(**terms, UniqueRequestToken="one")["HIT"]["HITId"]
    mturk.create_additional_assignments_for_hit(HITId=hit, NumberOfAdditionalAssignments=1, UniqueRequestToken="two")
    mturk.delete_qualification_type(QualificationTypeId=asked)

    assert refused(mturk.create_hit, **terms, UniqueRequestToken="one") == "AWS.MechanicalTurk.HitAlreadyExists"
    other = {**terms, "Title": "x" * 200, "HITLayoutId": "0" * 32}
    assert refused(mturk.create_hit, **other, UniqueRequestToken="one") == "AWS.MechanicalTurk.HitAlreadyExists"
    more = mturk.create_additional_assignments_for_hit
    none = {"HITId": "0" * 32, "NumberOfAdditionalAssignments": 1, "UniqueRequestToken": "two"}
    assert refused(more, **none) == "AWS.MechanicalTurk.DuplicateCall"
    assert Hit.objects.get().most == HIT["MaxAssignments"] + 1
