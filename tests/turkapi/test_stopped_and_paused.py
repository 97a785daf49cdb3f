"""A HIT type's campaign that people of the organization stop or pause, as a requester's program meets it."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.hitevents.models import HitEvent
from apps.hitevents.services import note_untold
from apps.ledger import queries as books
from apps.pipeline import flow
from apps.turkapi.models import Hit
from apps.work import services as work
from apps.work.models import Assignment
from tests import belt
from tests.turkapi.over_boto3 import HIT, accepted, handed_in, requester, turk, worker_of

pytestmark = pytest.mark.django_db
TYPE = {name: HIT[name] for name in HIT if name not in ("MaxAssignments", "LifetimeInSeconds", "Question")}


def refused(call, **given) -> str:
    """Return the TurkErrorCode, and the sentence, that a call is refused with."""
    with pytest.raises(ClientError) as error:
        call(**given)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return f"{error.value.response['TurkErrorCode'].rpartition('.')[2]}: {error.value.response['Error']['Message']}"


def stopped(*, at_once: bool = False):
    """Return a client, a HIT of two whose type was stopped, and its requester; somebody is at it unless `at_once`."""
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]
    if not at_once:
        accepted(worker_of(user))
    flow.stop(Campaign.objects.get(), by=user)
    belt.run()
    assert Campaign.objects.get().state == ("stopped" if at_once else "stopping")
    return mturk, hit, user


def paused():
    """Return a client and a HIT of two assignments whose type was paused."""
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]
    flow.pause(Campaign.objects.get(), by=user)
    return mturk, hit, user


def funds(mturk) -> tuple[str, str]:
    told = mturk.get_account_balance()
    return told["AvailableBalance"], told["OnHoldBalance"]


@pytest.mark.parametrize("at_once", [True, False])
def test_the_values_of_a_stopped_type_make_another_type(at_once):
    mturk, before, user = stopped(at_once=at_once)

    hit = mturk.create_hit(**HIT)["HIT"]

    assert hit["HITTypeId"] != before["HITTypeId"]
    assert hit["HITStatus"] == "Assignable"
    assert mturk.create_hit_type(**TYPE)["HITTypeId"] == hit["HITTypeId"]
    assert mturk.create_hit(**HIT)["HIT"]["HITTypeId"] == hit["HITTypeId"]
    handed_in(worker_of(user))
    assert mturk.get_hit(HITId=before["HITId"])["HIT"]["HITTypeId"] == before["HITTypeId"]
    flow.stop(Campaign.objects.get(pk=hit["HITTypeId"]), by=user)
    assert mturk.create_hit_type(**TYPE)["HITTypeId"] not in (hit["HITTypeId"], before["HITTypeId"])


def test_a_type_is_made_anew_by_its_values_also_before_any_hit():
    mturk, before, _ = stopped(at_once=True)

    assert mturk.create_hit_type(**TYPE)["HITTypeId"] != before["HITTypeId"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_stopped_type_takes_no_hit_and_no_money(at_once):
    mturk, hit, _ = stopped(at_once=at_once)
    other = mturk.create_hit(**{**HIT, "Title": "Another"})["HIT"]["HITId"]
    had = funds(mturk)

    said = refused(
        mturk.create_hit_with_hit_type,
        HITTypeId=hit["HITTypeId"], LifetimeInSeconds=60, Question=HIT["Question"], UniqueRequestToken="one",
    )  # fmt: skip

    assert said.startswith(f"HITTypeDoesNotExist: HITType {hit['HITTypeId']} was stopped for good")
    assert refused(mturk.update_hit_type_of_hit, HITId=other, HITTypeId=hit["HITTypeId"]).startswith(
        "HITTypeDoesNotExist: "
    )
    assert funds(mturk) == had
    assert Hit.objects.count() == 2


@pytest.mark.parametrize("at_once", [True, False])
def test_a_hit_of_a_stopped_type_is_asked_of_nobody_more(at_once):
    mturk, hit, _ = stopped(at_once=at_once)
    had, state = funds(mturk), "Reviewable" if at_once else "Unassignable"

    for call, given in (
        (mturk.create_additional_assignments_for_hit, {"NumberOfAdditionalAssignments": 1}),
        (mturk.update_expiration_for_hit, {"ExpireAt": clock.now() + timedelta(days=1)}),
    ):
        said = refused(call, HITId=hit["HITId"], **given)
        assert said.startswith(f"InvalidHITState: This HIT is currently in the state '{state}'.")
        assert said.endswith("of a HIT type that was not stopped")

    assert funds(mturk) == had
    assert mturk.get_hit(HITId=hit["HITId"])["HIT"]["MaxAssignments"] == 2


def test_the_hits_of_a_stopped_type_are_over_reviewed_and_deleted():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**{**HIT, "MaxAssignments": 4})["HIT"]["HITId"]
    first, second = handed_in(worker_of(user)), handed_in(worker_of(user))
    at_it = worker_of(user)
    accepted(at_it)

    def status() -> str:
        return str(mturk.get_hit(HITId=hit)["HIT"]["HITStatus"])

    flow.stop(Campaign.objects.get(), by=user)
    belt.run()
    assert status() == "Unassignable"
    assert mturk.list_reviewable_hits()["HITs"] == []
    work.give_back(at_it.assignments.get().pk, worker=at_it)
    assert status() == "Reviewable"
    assert [each["HITId"] for each in mturk.list_reviewable_hits()["HITs"]] == [hit]
    mturk.approve_assignment(AssignmentId=first)
    mturk.reject_assignment(AssignmentId=second, RequesterFeedback="It is a dog.")
    belt.run()
    assert Campaign.objects.get().state == "stopped"
    mturk.approve_assignment(AssignmentId=second, OverrideRejection=True)
    mturk.update_expiration_for_hit(HITId=hit, ExpireAt=0)
    mturk.delete_hit(HITId=hit)

    assert status() == "Disposed"
    assert funds(mturk) == ("99.80", "0.00")
    assert books.imbalances() == []


def test_a_hit_that_nobody_took_moves_from_a_stopped_type_to_another():
    mturk, hit, user = stopped(at_once=True)
    other = mturk.create_hit_type(**TYPE)["HITTypeId"]

    mturk.update_hit_type_of_hit(HITId=hit["HITId"], HITTypeId=other)

    assert mturk.get_hit(HITId=hit["HITId"])["HIT"]["HITStatus"] == "Assignable"
    assert funds(mturk) == ("99.80", "0.20")
    handed_in(worker_of(user))


def test_the_end_of_a_stopped_types_hits_is_told_once(time_machine, settings):
    settings.OUTBOUND_HOSTS = ["hooks.example.org"]
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]
    listening = {"Destination": "https://hooks.example.org/turk", "Transport": "SNS", "Version": "2006-05-05"}
    mturk.update_notification_settings(
        HITTypeId=hit["HITTypeId"],
        Notification={**listening, "EventTypes": ["HITExpired", "HITReviewable"]},
        Active=True,
    )

    flow.stop(Campaign.objects.get(), by=user)
    belt.run()
    note_untold()

    assert sorted(HitEvent.objects.values_list("kind", "hit")) == [
        ("HITExpired", hit["HITId"]), ("HITReviewable", hit["HITId"]),
    ]  # fmt: skip
    time_machine.move_to(clock.now() + timedelta(hours=2))
    note_untold()
    assert HitEvent.objects.count() == 2


def test_a_paused_type_takes_no_money_for_what_nobody_would_see():
    mturk, hit, _ = paused()
    other = mturk.create_hit(**{**HIT, "Title": "Another"})["HIT"]["HITId"]
    had, many = funds(mturk), Hit.objects.count()
    terms = {"HITTypeId": hit["HITTypeId"]}

    for call, given in (
        (mturk.create_hit, HIT),
        (mturk.create_hit_with_hit_type, {**terms, "LifetimeInSeconds": 60, "Question": HIT["Question"]}),
        (mturk.create_additional_assignments_for_hit, {"HITId": hit["HITId"], "NumberOfAdditionalAssignments": 1}),
        (mturk.update_hit_type_of_hit, {**terms, "HITId": other}),
    ):
        assert refused(call, **given).startswith(f"InvalidHITState: HITType {hit['HITTypeId']} is paused")

    assert (funds(mturk), Hit.objects.count()) == (had, many)
    assert mturk.create_hit_type(**TYPE)["HITTypeId"] == hit["HITTypeId"]


def test_a_paused_hit_is_not_assignable_and_is_again_once_resumed():
    mturk, hit, user = paused()

    assert mturk.get_hit(HITId=hit["HITId"])["HIT"]["HITStatus"] == "Unassignable"
    assert mturk.list_reviewable_hits()["HITs"] == []
    flow.resume(Campaign.objects.get(), by=user)
    assert mturk.get_hit(HITId=hit["HITId"])["HIT"]["HITStatus"] == "Assignable"
    assert mturk.create_hit(**HIT)["HIT"]["HITTypeId"] == hit["HITTypeId"]


def test_a_paused_hit_may_be_expired_and_is_offered_longer_only_where_that_takes_no_money():
    mturk, hit, _ = paused()
    longer = {"HITId": hit["HITId"], "ExpireAt": clock.now() + timedelta(days=1)}

    mturk.update_expiration_for_hit(**longer)  # its money is held already
    assert funds(mturk) == ("99.80", "0.20")
    mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)

    assert mturk.get_hit(HITId=hit["HITId"])["HIT"]["HITStatus"] == "Reviewable"
    assert funds(mturk) == ("100.00", "0.00")
    assert refused(mturk.update_expiration_for_hit, **longer).startswith("InvalidHITState: HITType ")
    assert funds(mturk) == ("100.00", "0.00")
    mturk.delete_hit(HITId=hit["HITId"])


def test_a_row_that_is_in_another_state_than_was_looked_for_is_refused_not_failed():
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    page = handed_in(worker_of(user))
    work.reject(Assignment.objects.get())  # and no review says so: as no call of ours leaves it
    Campaign.objects.update(state="draft")

    said = refused(mturk.approve_assignment, AssignmentId=page, OverrideRejection=True)
    assert said.startswith("InvalidAssignmentState: ")
    assert said.endswith("was not handed in, so it can't be approved.")
    assert refused(mturk.create_hit, **HIT).startswith("InvalidHITState: campaign ")


def test_a_rejection_is_overridden_after_the_end_with_its_fee(settings):
    settings.TURK_FEES = (20, 20, 5, 20, 1)
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**{**HIT, "MaxAssignments": 1})
    page = handed_in(worker_of(user))
    mturk.reject_assignment(AssignmentId=page, RequesterFeedback="It is a dog.")
    flow.stop(Campaign.objects.get(), by=user)
    belt.run()
    assert Campaign.objects.get().state == "stopped"
    assert funds(mturk) == ("99.90", "0.10")  # the fee, which is held for no page, went back

    mturk.approve_assignment(AssignmentId=page, OverrideRejection=True)

    assert funds(mturk) == ("99.88", "0.00")
    assert books.imbalances() == []
