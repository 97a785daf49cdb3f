"""Qualification types are told apart by their ids, whatever they are called."""

import pytest
from botocore.exceptions import ClientError

from apps.campaigns.models import Campaign
from apps.turkapi.models import QualificationType
from apps.work import services as work
from apps.work.errors import NoWork
from apps.workforce.models import Qualification, Worker
from apps.workforce.services import grant
from tests.turkapi.over_boto3 import HIT, requester, turk, worker_id, worker_of
from tests.turkapi.test_qualifying import at_the_page, made

pytestmark = pytest.mark.django_db
AGAIN = "night · 2"


def asking(user, qualification: str, **requirement) -> Campaign:
    """Return the campaign of a new HIT that asks for a qualification."""
    asked = {"QualificationTypeId": qualification, "Comparator": "Exists", **requirement}
    hit = turk(user).create_hit(**HIT, QualificationRequirements=[asked])["HIT"]
    return Campaign.objects.get(hit_type__hits__pk=hit["HITId"])


def may_accept(worker: Worker, campaign: Campaign) -> bool:
    try:
        return work.lease(campaign, worker=worker) is not None
    except NoWork:
        return False


def test_a_type_made_again_opens_no_hit_that_asks_for_the_deleted_one():
    user = requester()
    mturk = turk(user)
    worker = worker_of(user)
    before = made(user)
    old = asking(user, before)
    mturk.delete_qualification_type(QualificationTypeId=before)
    after = made(user)
    new = asking(user, after)

    mturk.associate_qualification_with_worker(QualificationTypeId=after, WorkerId=worker_id(worker), IntegerValue=7)

    told = mturk.get_qualification_type(QualificationTypeId=after)["QualificationType"]
    score = mturk.get_qualification_score(QualificationTypeId=after, WorkerId=worker_id(worker))["Qualification"]
    assert (told["Name"], score["IntegerValue"]) == ("night", 7)
    assert Qualification.objects.get().name == AGAIN
    assert (may_accept(worker, old), may_accept(worker, new)) == (False, True)


def test_what_is_answered_late_of_a_deleted_type_grants_nothing_of_the_one_made_again():
    user = requester()
    mturk = turk(user)
    before = made(user)
    client, address, worker = at_the_page(user, before)
    client.post(address)
    (waiting,) = mturk.list_qualification_requests()["QualificationRequests"]
    mturk.delete_qualification_type(QualificationTypeId=before)
    campaign = asking(user, made(user))

    with pytest.raises(ClientError, match="QualificationType"):
        mturk.accept_qualification_request(QualificationRequestId=waiting["QualificationRequestId"])

    assert not may_accept(worker, campaign)
    assert not Qualification.objects.exists()


def test_a_type_named_as_another_is_known_is_known_by_another_name():
    user = requester()
    mturk = turk(user)
    mturk.delete_qualification_type(QualificationTypeId=made(user))
    again = made(user)
    mturk.delete_qualification_type(QualificationTypeId=again)

    made(user, Name=AGAIN)

    known = [row.known_as for row in QualificationType.objects.all()]
    assert len(set(known)) == len(known) == 3


def test_a_type_called_like_what_is_counted_is_granted_and_not_counted():
    user = requester()
    mturk = turk(user)
    worker = worker_of(user)
    own = made(user, Name="percent of pages approved")
    campaign = asking(user, own)  # of whom nothing was decided, 100 percent count as approved
    assert not may_accept(worker, campaign)

    mturk.associate_qualification_with_worker(QualificationTypeId=own, WorkerId=worker_id(worker))

    assert may_accept(worker, campaign)


def test_types_made_again_and_again_are_each_known_by_another_name():
    user = requester()
    mturk = turk(user)
    made(user, Name=AGAIN)

    for _ in range(4):
        mturk.delete_qualification_type(QualificationTypeId=made(user))
    long = [made(user, Name=f"{'n' * 95}{number}") for number in range(3)]
    mturk.delete_qualification_type(QualificationTypeId=long[1])
    made(user, Name=f"{'n' * 95}1")

    known = [row.known_as for row in QualificationType.objects.order_by("created_at")]
    assert known[:5] == [AGAIN, "night", "night · 3", "night · 4", "night · 5"]
    assert known[-1] == f"{'n' * 90} · 2"
    assert len(set(known)) == len(known)


def test_a_worker_asks_for_the_type_that_was_made_again_where_a_hit_asks_for_it():
    user = requester()
    mturk = turk(user)
    mturk.delete_qualification_type(QualificationTypeId=made(user))
    client, address, worker = at_the_page(user, made(user, AutoGranted=True))
    campaign = asking(user, QualificationType.objects.get(deleted_at=None).pk.hex.upper())

    text = client.get("/work/").content.decode()
    client.post(address)

    assert f'href="{address}"' in text
    assert f"Ask for it: {AGAIN}" in text
    assert "You have this qualification. Your value: 1" in client.get(address).content.decode()
    assert may_accept(worker, campaign)


def test_a_type_of_one_organization_is_nothing_in_another_for_the_same_person():
    here, there = requester(), requester()
    client, _, worker = at_the_page(here, made(here))
    elsewhere = worker_of(there)
    elsewhere.user = worker.user
    elsewhere.save()
    campaign = asking(there, made(there))

    grant(worker, name="night")

    assert not may_accept(elsewhere, campaign)
    assert client.post(f"/work/{campaign.pk}/lease", content_type="application/json").status_code == 409
