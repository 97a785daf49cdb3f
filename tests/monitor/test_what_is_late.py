"""How late the belt is, whatever the step, and who outside does not answer: figures that alerts are made of."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from looking import figures

from apps.channels.models import Publication, Purse, Reconciliation
from apps.core import clock
from apps.notices import services as notices
from apps.notices.models import Endpoint, Event, Mail
from apps.pipeline import actors, overdue, schedule
from apps.pipeline.models import Delivery, Operation, Overdue
from apps.pipeline.motor import Motor, Next
from tests.running import running

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 30  # of one look at all figures; 23 were counted, and those of /readyz once a second


def late(client, minutes: int = 20) -> float:
    """Return how long something is due, so long after a sweep that found it."""
    schedule.sweep()
    with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
        return figures(client)["labelcrowd_oldest_due_seconds"]


def test_what_waits_to_be_begun_is_due_and_what_was_done_is_not(client):
    campaign = running(items=1)
    operation = Operation.objects.create(organization=campaign.organization, verb="export_labels", subject=campaign.key,
                                         asked={"format": "csv", "campaign": str(campaign.pk)})  # fmt: skip
    assert 1200 <= late(client) < 1300

    actors.MOTOR.deliver(Next("operate", operation.pk))

    assert figures(client)["labelcrowd_oldest_due_seconds"] == 0
    assert late(client) == 0


def test_of_every_step_that_the_sweep_finds_it_is_seen_how_late_it_is():
    motor = Motor(*actors.MOTOR.steps.values())
    pks = {step.name: uuid4() if step.takes is UUID else 7 for step in motor.steps.values()}

    motor.sweep(Next(step, pk) for step, pk in pks.items())

    assert dict(Overdue.objects.values_list("step", "key")) == {step: str(pk) for step, pk in pks.items()}


def test_what_is_due_keeps_its_time_until_it_is_due_no_more():
    first, second = Next("finish", uuid4()), Next("finish", uuid4())
    actors.MOTOR.sweep([first])
    began = overdue.oldest()

    actors.MOTOR.sweep([second, first])
    kept = overdue.oldest()
    actors.MOTOR.sweep([second])

    assert kept == began
    assert list(Overdue.objects.values_list("key", flat=True)) == [str(second.pk)]


def test_an_operation_whose_worker_died_and_that_nobody_takes_again_is_due(client):
    since = clock.now() - timedelta(minutes=20)
    Delivery.objects.create(step="operate", key=str(uuid4()), count=1, begun_at=since)

    assert 1200 <= figures(client)["labelcrowd_oldest_due_seconds"] < 1300


def test_a_webhook_that_nobody_sends_is_due_and_a_receiver_that_rests_holds_up_none(client, settings):
    settings.OUTBOUND_HOSTS = ["example.org"]
    organization = running(items=1).organization
    notices.add_endpoint(organization, url="https://example.org/x", events=["campaign.paused"])
    notices.announce(organization.pk, event=Event.CAMPAIGN_PAUSED, key="campaign:x:paused", data={})
    assert 1200 <= late(client) < 1300

    Endpoint.objects.update(failures=5, rests_until=clock.now() + timedelta(hours=1))

    assert late(client) == 0
    assert figures(client)["labelcrowd_receivers_away"] == 1


def test_what_the_figures_cost_does_not_grow_with_what_is_due(client, django_assert_max_num_queries):
    running(items=1)
    figures(client)
    actors.MOTOR.sweep([Next("finish", uuid4()) for _ in range(5)])

    with django_assert_max_num_queries(MOST_STATEMENTS):
        figures(client)


def test_a_market_that_does_not_answer_is_seen_where_it_has_offers(client):
    campaign = running(items=2)
    assert not [name for name in figures(client) if "market_silent" in name]
    Publication.objects.create(
        campaign=campaign, channel="mturk", asked=1, reward=5, fee=1, lease_seconds=60,
        expires_at=clock.now() + timedelta(days=1),
    )  # fmt: skip
    assert figures(client)['labelcrowd_market_silent_seconds{market="mturk"}'] == float("inf")

    Purse.objects.create(channel="mturk", environment="there", currency="USD", balance=9,
                         seen_at=clock.now() - timedelta(hours=2))  # fmt: skip

    assert 7200 <= figures(client)['labelcrowd_market_silent_seconds{market="mturk"}'] < 7300


def test_a_comparison_that_differs_is_seen_until_one_agrees(client):
    organization = running(items=1).organization
    of = {"organization": organization, "channel": "mturk", "currency": "USD", "ended_at": clock.now()}
    Reconciliation.objects.create(**of, differences=[{"ours": 1}])
    assert figures(client)["labelcrowd_market_comparisons_off"] == 1

    Reconciliation.objects.create(**of)

    assert figures(client)["labelcrowd_market_comparisons_off"] == 0


def test_a_difference_stands_until_a_comparison_could_tell_that_it_is_gone(client):
    long_ago, of = clock.now() - timedelta(days=9), {"organization": running(items=1).organization, "channel": "mturk"}
    of |= {"currency": "USD", "ended_at": clock.now()}
    Reconciliation.objects.create(**of, differences=[{"ours": 1}], made_at=long_ago)
    Reconciliation.objects.create(**of, unread=2)

    assert figures(client)["labelcrowd_market_comparisons_off"] == 1


def test_a_market_that_answers_in_one_world_is_silent_in_the_other(client):
    campaign = running(items=2)
    for where in ("sandbox", "production"):
        Publication.objects.create(
            campaign=campaign, channel="mturk", asked=1, reward=5, fee=1, lease_seconds=60, environment=where,
            expires_at=clock.now() + timedelta(days=1),
        )  # fmt: skip
    Purse.objects.create(channel="mturk", environment="sandbox", currency="USD", balance=9)

    assert figures(client)['labelcrowd_market_silent_seconds{market="mturk"}'] == float("inf")


def test_a_receiver_that_was_told_all_is_away_no_more_and_a_step_that_is_gone_is_not_due(client, settings):
    settings.OUTBOUND_HOSTS = ["example.org"]
    organization = running(items=1).organization
    notices.add_endpoint(organization, url="https://example.org/x", events=["campaign.paused"])
    Endpoint.objects.update(failures=5)
    Delivery.objects.create(step="of an older version", key="1", count=1, begun_at=clock.now() - timedelta(days=1))

    assert figures(client)["labelcrowd_receivers_away"] == 0
    assert figures(client)["labelcrowd_oldest_due_seconds"] == 0


def test_a_mail_that_no_worker_has_begun_is_due_and_one_that_waits_after_a_failure_is_not(client):
    mail = Mail.objects.create(
        organization=running(items=1).organization, key="x", subject="s", text="b", roles=["finance"]
    )
    assert 1200 <= late(client) < 1300

    later = clock.now() + timedelta(minutes=15)
    Delivery.objects.create(step="mail", key=str(mail.pk), count=1, due_at=later, reason="refused")

    assert late(client) == 0
