"""What comes beside a market's answers: its events, our turns to ask it, and what must never be written down."""

import logging
import os

import boto3
import pytest
from django.db import connection
from moto import mock_aws

from apps.channels.base import ChannelBusy
from apps.channels.models import Publication
from apps.channels.mturk import calls, channel
from apps.channels.mturk.calls import Calls
from apps.core import clock, rates
from apps.hitevents import transports
from apps.hitevents.models import Listener
from apps.pipeline import market_people, schedule
from tests import belt
from tests.channels.market import accept, launched, session, worked

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(market, settings, monkeypatch):
    """A queue that the market may tell its events to."""
    settings.OUTBOUND_HOSTS = ["*.amazonaws.com"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(config={"core": {"mock_credentials": False}}):
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())
        channel.channel.cache_clear()
        transports._made.cache_clear()
        settings.MTURK_QUEUE = boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="hits")["QueueUrl"]
        yield settings.MTURK_QUEUE
        transports._made.cache_clear()


def tell_events():
    """Let the market's side find and send its events."""
    schedule.tell_of_hits()
    belt.run()


def waiting(queue):
    found = boto3.client("sqs", region_name="us-east-1").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def test_an_event_in_the_queue_is_a_hint_to_look_sooner_and_no_more(queue, market):
    launched(items=4, page_size=2, redundancy=1)
    assert Listener.objects.get().destination == queue
    frame = accept(market)
    frame.work()
    later = clock.from_now(seconds=600)
    Publication.objects.update(due_at=later)
    tell_events()
    assert waiting(queue) > 0

    assert market_people.hear() == 1

    assert waiting(queue) == 0
    assert Publication.objects.get().due_at < later
    assert frame.claim().state == "claimed"  # the list alone confirms it
    belt.run()
    assert frame.claim().state == "confirmed"


def test_an_event_told_to_a_topic_comes_by_the_queue_that_is_subscribed_to_it(queue, market, settings):
    sns, sqs = (boto3.client(name, region_name="us-east-1") for name in ("sns", "sqs"))
    settings.MTURK_TOPIC = sns.create_topic(Name="hits")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=settings.MTURK_TOPIC, Protocol="sqs", Endpoint=arn)
    launched(items=4, page_size=2, redundancy=1)
    assert Listener.objects.get().destination == settings.MTURK_TOPIC
    accept(market).work()
    later = clock.from_now(seconds=600)
    Publication.objects.update(due_at=later)
    tell_events()
    assert waiting(queue) > 0

    assert market_people.hear() == 1

    assert waiting(queue) == 0
    assert Publication.objects.get().due_at < later


def test_what_is_in_the_queue_besides_is_taken_off_and_ignored(queue, market):
    launched(items=4, page_size=2, redundancy=1)
    sqs = boto3.client("sqs", region_name="us-east-1")
    for body in ("?", '{"Events": [{"EventType": "Ping"}]}', '{"Events": [{"HITId": "ANOTHER"}]}', "[]"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)

    assert market_people.hear() == 0

    assert waiting(queue) == 0


def test_a_campaign_goes_on_where_the_queue_is_gone(queue, market, settings):
    launched(items=2, page_size=2, redundancy=1)
    settings.MTURK_QUEUE = queue + "-that-nobody-made"

    assert market_people.hear() == 0
    frame = worked(market)

    assert frame.claim().settled


def test_all_processes_together_ask_no_more_often_than_the_settings_say(market, settings):
    settings.MTURK_RATE = [0.001, 3]
    rates.forget()
    asked = 0

    with pytest.raises(ChannelBusy, match="all that may be asked"):
        for _ in range(10):
            rates.forget()  # each as a process of its own would: what it knows is in the table
            Calls(market.client()).call("get_account_balance", "AvailableBalance")
            asked += 1

    assert asked == 3


def test_no_secret_is_in_the_logs_or_in_the_database_in_clear(market, monkeypatch, caplog):
    secret = os.environ["AWS_SECRET_ACCESS_KEY"]
    token = "FwoGZXIvYXdzEXAMPLE" + "x" * 80
    caplog.set_level(logging.DEBUG)
    logging.getLogger("botocore").setLevel(logging.INFO)  # its own DEBUG prints what it signs, and nobody turns it on
    launched(items=2, page_size=2, redundancy=1)
    worked(market)
    monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODYSKEY")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())
    channel.channel.cache_clear()

    with pytest.raises(ChannelBusy, match="does not let these credentials in"):
        channel.channel().balance()

    assert secret not in caplog.text
    assert token not in caplog.text
    assert tables_that_hold(secret) == tables_that_hold(token) == []


def tables_that_hold(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{name}" AS t WHERE t::text LIKE %s)', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(name)
    return found


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/hits", "eu-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/hits", "cn-north-1"),
        ("http://localhost:4566/000000000000/hits", "us-east-1"),
    ],
)
def test_a_queue_is_read_in_the_region_that_its_address_names(market, address, region):
    assert calls.queue_client(address).meta.region_name == region


def test_the_region_is_that_of_the_profile_and_mturks_own_where_nothing_names_one(market, monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text("[profile crowd]\nregion = eu-central-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_REGION")

    def region_and_balance():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())
        market.reopen()
        return market.client().meta.region_name, channel.channel().balance()

    without = region_and_balance()
    monkeypatch.setenv("AWS_PROFILE", "crowd")
    of_the_profile = region_and_balance()
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    of_the_environment = region_and_balance()

    assert (without, of_the_profile, of_the_environment) == (
        ("us-east-1", 100_000), ("eu-central-1", 100_000), ("us-west-2", 100_000)
    )  # fmt: skip
