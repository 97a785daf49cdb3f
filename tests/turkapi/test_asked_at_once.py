"""Calls of the API at the same moment, each with a connection: none waits in a circle, and each has its effect."""

import time
from functools import partial
from threading import Thread

import pytest
from botocore.exceptions import ClientError
from django.db import connection, transaction

from apps.campaigns.models import Campaign
from apps.ledger import queries as books
from apps.payments.models import Obligation
from apps.pipeline import flow
from apps.turkapi.models import Hit, HitType
from apps.work import services as work
from apps.work.models import Assignment, Task
from tests import belt
from tests.turkapi.over_boto3 import HIT, handed_in, requester, turk, worker_of
from tests.turkapi.test_last_places_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def stopped(user):
    """Return boto3's client, and have the only HIT type stopped."""
    flow.stop(Campaign.objects.get(), by=user)
    belt.run()
    return turk(user)


def test_hits_of_a_type_that_was_stopped_are_made_at_once_of_one_type_made_anew():
    user = requester(funds=100_000)
    turk(user).create_hit(**HIT)
    mturk = stopped(user)

    def make(number):
        return [mturk.create_hit(**HIT, UniqueRequestToken=f"{number} {n}")["HIT"]["HITTypeId"] for n in range(4)]

    types = at_once([partial(make, number) for number in range(8)])

    assert len({each for made in types for each in made}) == 1
    assert (HitType.objects.count(), Hit.objects.count()) == (2, 33)
    assert books.imbalances() == []


def test_one_token_for_hits_of_other_values_at_once_makes_one_of_them():
    user = requester(funds=100_000)
    mturk = turk(user)
    mturk.create_hit(**HIT)

    def make(number):
        try:
            reward = "0.10" if number % 2 else f"0.{20 + number}"
            return mturk.create_hit(**{**HIT, "Reward": reward}, UniqueRequestToken="once")["HIT"]["HITId"]
        except ClientError as error:
            return error.response["TurkErrorCode"]

    made = at_once([partial(make, number) for number in range(8)])

    assert made.count("AWS.MechanicalTurk.HitAlreadyExists") == 7
    assert (HitType.objects.count() <= 2, Hit.objects.count()) == (True, 2)


def wait_until(waiting):
    """Wait until so many sessions wait for a row."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0] >= waiting:
                return
        time.sleep(0.05)
    raise AssertionError(f"{waiting} sessions never waited")


def test_a_rejection_is_turned_after_the_end_while_its_hit_is_deleted(settings):
    settings.TURK_FEES = [
        20,
        20,
        5,
        20,
        1,
    ]  # the budget gave them back at its end, so they are taken of the funds again
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**{**HIT, "MaxAssignments": 1})["HIT"]["HITId"]
    key = handed_in(worker_of(user))
    mturk.reject_assignment(AssignmentId=key, RequesterFeedback="It is a dog.")
    stopped(user)
    assert Campaign.objects.get().state == "stopped"
    said = {}

    def ask(name, call):
        try:
            call()
            said[name] = ""
        except ClientError as error:
            said[name] = error.response.get("TurkErrorCode", error.response["Error"]["Code"])
        finally:
            connection.close()

    turn = partial(mturk.approve_assignment, AssignmentId=key, OverrideRejection=True)
    calls = [
        Thread(target=ask, args=("turn", turn)),
        Thread(target=ask, args=("delete", partial(mturk.delete_hit, HITId=hit))),
    ]
    with transaction.atomic():
        list(Task.objects.select_for_update(no_key=True))
        for number, call in enumerate(calls, start=1):
            call.start()
            wait_until(number)
    for call in calls:
        call.join(60)

    assert said == {"turn": "", "delete": ""}
    assert Assignment.objects.get().state == "approved"
    assert Obligation.objects.get().amount == 10
    assert books.imbalances() == []


def test_a_hit_that_is_taken_as_it_gets_another_type_keeps_its_own():
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**{**HIT, "MaxAssignments": 1})["HIT"]
    terms = {name: HIT[name] for name in HIT if name not in ("MaxAssignments", "LifetimeInSeconds", "Question")}
    other = mturk.create_hit_type(**{**terms, "Title": "Another"})["HITTypeId"]
    worker, said = worker_of(user), []

    def retype():
        try:
            said.append(mturk.update_hit_type_of_hit(HITId=hit["HITId"], HITTypeId=other))
        except ClientError as error:
            said.append(error.response["TurkErrorCode"])
        finally:
            connection.close()

    meanwhile = Thread(target=retype)
    with transaction.atomic():
        page = work.lease(Hit.objects.get().type.campaign, worker=worker)
        meanwhile.start()
        wait_until(1)
    meanwhile.join()

    assert said == ["AWS.MechanicalTurk.InvalidHITState"]
    assert Hit.objects.get().task.places.get().assignment == page
    assert Task.objects.get().wanted == 1
    assert books.imbalances() == []
