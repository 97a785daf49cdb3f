"""boto3 repeats a call whose answer it never saw: without any UniqueRequestToken it is done once all the same."""

from datetime import timedelta
from functools import partial

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from apps.core import clock
from apps.ledger import queries as books
from apps.payments.models import Obligation
from apps.turkapi.models import Bonus, Hit, QualificationType, RequestToken
from apps.turkapi.services import keys, tokens
from tests.turkapi.over_boto3 import HIT, handed_in, organization_of, requester, send, worker_id, worker_of
from tests.turkapi.test_last_places_at_once import at_once


class Lossy:
    """A wire that loses the first answer of each call, after the site has done what was asked."""

    def __init__(self):
        self.lost = set()

    def __call__(self, request, **kwargs):
        answer = send(request, **kwargs)
        call = request.headers["amz-sdk-invocation-id"]
        if call in self.lost:
            return answer
        self.lost.add(call)
        raise ConnectionClosedError(endpoint_url=request.url)


def under_one_id(user):
    """Return boto3's client of whom all calls pass for tries of one."""
    client = client_of(user, send)
    client.meta.events.register_first(
        "request-created.mturk", lambda request, **kwargs: request.context["retries"].update({"invocation-id": "one"})
    )
    return client


def client_of(user, wire, mode="legacy"):
    """Return boto3's client as it is where nobody sets anything: it repeats what fails."""
    key, secret = keys.make(organization_of(user), user=user)
    client = boto3.client(
        "mturk", endpoint_url="http://testserver/mturk/", region_name="us-east-1", aws_access_key_id=key.pk,
        aws_secret_access_key=secret, config=Config(retries={"mode": mode}),
    )  # fmt: skip
    client.meta.events.register("before-send.mturk", wire)
    return client


def bonus_of(worker, assignment):
    return {"WorkerId": worker_id(worker), "AssignmentId": assignment, "BonusAmount": "1.00", "Reason": "Thanks"}


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_what_boto3_repeats_by_itself_is_made_and_paid_once(mode):
    user = requester()
    mturk = client_of(user, Lossy(), mode)

    hit = mturk.create_hit(**{**HIT, "MaxAssignments": 1})["HIT"]
    type_ = mturk.create_qualification_type(Name="Night", Description="By night", QualificationTypeStatus="Active")
    worker = worker_of(user)
    assignment = handed_in(worker)
    mturk.create_additional_assignments_for_hit(HITId=hit["HITId"], NumberOfAdditionalAssignments=2)
    mturk.approve_assignment(AssignmentId=assignment)
    mturk.send_bonus(**bonus_of(worker, assignment))

    assert Hit.objects.get().most == 3
    assert str(Hit.objects.get()) == hit["HITId"]
    assert QualificationType.objects.get().name == type_["QualificationType"]["Name"]
    assert sorted(Obligation.objects.values_list("amount", flat=True)) == [10, 100]
    assert Bonus.objects.count() == 1
    assert books.imbalances() == []


@pytest.mark.django_db
def test_a_second_call_of_the_same_words_is_another_call():
    user = requester()
    mturk = client_of(user, Lossy())
    made = {mturk.create_hit(**HIT)["HIT"]["HITId"] for _ in range(2)}

    assert {str(hit) for hit in Hit.objects.all()} == made
    assert len(made) == 2


@pytest.mark.django_db
def test_an_id_of_a_call_counts_for_the_same_words_of_the_same_key_and_for_a_day():
    user = requester()

    mturk, other = under_one_id(user), under_one_id(user)

    first = mturk.create_hit(**HIT)["HIT"]
    assert mturk.create_hit(**HIT)["HIT"] == first
    assert mturk.create_hit(**{**HIT, "RequesterAnnotation": "b"})["HIT"]["HITId"] != first["HITId"]
    assert other.create_hit(**HIT)["HIT"]["HITId"] != first["HITId"]
    assert Hit.objects.count() == 3

    RequestToken.objects.update(used_at=clock.now() - tokens.GOOD_FOR - timedelta(seconds=1))
    assert mturk.create_hit(**HIT)["HIT"]["HITId"] != first["HITId"]
    assert tokens.forget() == 2
    assert RequestToken.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_repeat_that_comes_while_the_first_is_under_way_waits_and_gets_its_answer():
    user = requester(funds=100_000)
    mturk = under_one_id(user)
    worker = worker_of(user)
    mturk.create_hit(**{**HIT, "MaxAssignments": 1})
    assignment = handed_in(worker)

    hits = at_once([lambda: mturk.create_hit(**{**HIT, "Title": "Same"})["HIT"]["HITId"]] * 6)
    at_once([partial(mturk.send_bonus, **bonus_of(worker, assignment))] * 6)

    assert len(set(hits)) == 1
    assert (Hit.objects.count(), Bonus.objects.count()) == (2, 1)
    assert books.imbalances() == []
