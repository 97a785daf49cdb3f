"""What becomes of HITs is told to who listens: at least once, from the rows, in MTurk's words, wherever it may go."""

import json
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
import time_machine
from botocore.exceptions import ClientError
from moto import mock_aws

from apps.core import clock
from apps.hitevents import services, transports
from apps.hitevents.models import HitEvent, Kind, Listener
from apps.pipeline import announcing, outstanding, schedule, steps
from apps.pipeline.motor import Next
from apps.work import services as work
from apps.work.models import Assignment
from tests.canary import canary
from tests.turkapi.over_boto3 import HIT, accepted, handed_in, requester, turk, worker_of

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)
ALL = [kind.value for kind in Kind if kind != Kind.PING]


@pytest.fixture
def queue(monkeypatch, settings) -> Iterator[str]:
    """A queue that is nobody's, where an operator lets messages go."""
    settings.OUTBOUND_HOSTS = ["*.amazonaws.com"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        transports._made.cache_clear()
        yield boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="mturk")["QueueUrl"]
    transports._made.cache_clear()


def listen(mturk, hit_type: str, to: str, *, transport: str = "SQS", events: list[str] = ALL) -> None:
    mturk.update_notification_settings(
        HITTypeId=hit_type,
        Notification={"Destination": to, "Transport": transport, "Version": "2006-05-05", "EventTypes": events},
        Active=True,
    )


def told(queue: str) -> list[dict]:
    """Have everything told that is to be, and return the messages that are in the queue."""
    for pk in services.note_untold():
        announcing.tell_of_hit(pk)
    sqs, found = boto3.client("sqs", region_name="us-east-1"), []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def kinds(messages: list[dict]) -> list[str]:
    return sorted(event["EventType"] for message in messages for event in message["Events"])


def listened(queue: str, **values):
    """Return a requester, their client, and a HIT whose events are told in the queue."""
    user = requester()
    mturk = turk(user)
    terms = {name: HIT[name] for name in HIT if name not in ("MaxAssignments", "LifetimeInSeconds", "Question")}
    hit_type = mturk.create_hit_type(**terms)["HITTypeId"]
    listen(mturk, hit_type, queue, **values)
    hit = mturk.create_hit_with_hit_type(
        HITTypeId=hit_type, MaxAssignments=2, LifetimeInSeconds=3600, Question=HIT["Question"]
    )["HIT"]
    return user, mturk, hit


def test_the_life_of_a_hit_is_told_each_event_once(queue):
    user, mturk, hit = listened(queue)
    assert kinds(told(queue)) == ["HITCreated"]

    handed_in(worker_of(user))
    assert kinds(told(queue)) == ["AssignmentAccepted", "AssignmentSubmitted"]
    other = worker_of(user)
    page = accepted(other)
    work.give_back(page.pk, worker=other)
    assert kinds(told(queue)) == ["AssignmentAccepted", "AssignmentReturned"]
    handed_in(worker_of(user))
    assert kinds(told(queue)) == ["AssignmentAccepted", "AssignmentSubmitted", "HITReviewable"]
    good, bad = (row["AssignmentId"] for row in mturk.list_assignments_for_hit(HITId=hit["HITId"])["Assignments"])
    mturk.approve_assignment(AssignmentId=good)
    mturk.reject_assignment(AssignmentId=bad, RequesterFeedback="It is a dog.")
    mturk.approve_assignment(AssignmentId=bad, OverrideRejection=True)
    assert kinds(told(queue)) == ["AssignmentApproved", "AssignmentApproved", "AssignmentRejected"]
    mturk.delete_hit(HITId=hit["HITId"])
    assert kinds(told(queue)) == ["HITDisposed", "HITExpired"]
    assert told(queue) == []


@pytest.mark.parametrize("at", [0, TOMORROW, None])
def test_a_hit_that_is_taken_off_is_told_as_expired_once_whatever_past_time_is_given(queue, at):
    _, mturk, hit = listened(queue, events=["HITExpired"])
    now = clock.now()

    for _ in range(2):
        mturk.update_expiration_for_hit(
            HITId=hit["HITId"], ExpireAt=now + at if isinstance(at, timedelta) else now if at is None else at
        )

    expected = [] if at == TOMORROW else ["HITExpired"]
    assert kinds(told(queue)) == expected
    mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
    assert kinds(told(queue)) == (["HITExpired"] if not expected else [])


def test_a_hit_whose_time_ran_out_unseen_is_told_though_it_is_taken_off_and_one_of_before_anybody_listened_is_not(
    queue,
):
    _, mturk, hit = listened(queue, events=["HITExpired"])
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
        assert len(services.note_untold()) == 1

    HitEvent.objects.all().delete()
    Listener.objects.update(since=clock.now())
    mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
    assert services.note_untold() == []


def test_a_message_is_as_mturk_writes_it(queue):
    user, _, hit = listened(queue, events=["AssignmentSubmitted"])
    key = handed_in(worker_of(user))

    (message,) = told(queue)

    assert set(message) == {"EventDocVersion", "EventDocId", "SourceAccount", "CustomerId", "Events"}
    assert message["EventDocVersion"] == "2006-05-05"
    (event,) = message["Events"]
    submitted = Assignment.objects.get().submitted_at
    assert event == {
        "EventType": "AssignmentSubmitted",
        "EventTimestamp": f"{submitted:%Y-%m-%dT%H:%M:%SZ}",
        "HITTypeId": hit["HITTypeId"],
        "HITId": hit["HITId"],
        "AssignmentId": key,
    }


def test_a_hit_whose_time_is_over_is_told_as_expired_and_abandoned_and_again_after_it_was_extended(queue, time_machine):
    user, mturk, hit = listened(queue, events=["AssignmentAbandoned", "HITExpired", "HITReviewable", "HITExtended"])
    page = accepted(worker_of(user))
    time_machine.move_to(clock.now() + timedelta(hours=2))
    steps.expire(page.pk)

    assert kinds(told(queue)) == ["AssignmentAbandoned", "HITExpired", "HITReviewable"]

    mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=clock.now() + timedelta(hours=1))
    assert kinds(told(queue)) == ["HITExtended"]
    time_machine.move_to(clock.now() + timedelta(hours=2))
    assert kinds(told(queue)) == ["HITExpired", "HITReviewable"]


def test_a_hit_that_got_another_type_is_not_told_as_over_and_its_end_is_told_where_it_ends(queue, time_machine):
    _, mturk, hit = listened(queue, events=["HITExpired", "HITReviewable"])
    terms = {name: HIT[name] for name in ("Title", "Description", "AssignmentDurationInSeconds")}
    dearer = mturk.create_hit_type(**terms, Reward="0.20")["HITTypeId"]

    mturk.update_hit_type_of_hit(HITId=hit["HITId"], HITTypeId=dearer)

    assert told(queue) == []
    mturk.update_hit_type_of_hit(HITId=hit["HITId"], HITTypeId=hit["HITTypeId"])
    assert told(queue) == []
    mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=clock.now())
    assert kinds(told(queue)) == ["HITExpired", "HITReviewable"]
    mturk.update_hit_type_of_hit(HITId=hit["HITId"], HITTypeId=dearer)
    mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=clock.now() + timedelta(hours=1))
    mturk.update_hit_type_of_hit(HITId=hit["HITId"], HITTypeId=hit["HITTypeId"])
    assert told(queue) == []
    time_machine.move_to(clock.now() + timedelta(hours=2))
    assert kinds(told(queue)) == ["HITExpired", "HITReviewable"]


def test_what_happened_before_somebody_listened_and_what_they_did_not_ask_for_is_not_told(queue):
    user = requester()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]
    handed_in(worker_of(user))
    listen(mturk, hit["HITTypeId"], queue, events=["AssignmentSubmitted"])

    assert told(queue) == []
    handed_in(worker_of(user))
    assert kinds(told(queue)) == ["AssignmentSubmitted"]


def test_who_turned_it_off_is_told_nothing(queue):
    user, mturk, hit = listened(queue)
    told(queue)
    mturk.update_notification_settings(HITTypeId=hit["HITTypeId"], Active=False)

    handed_in(worker_of(user))
    mturk.create_additional_assignments_for_hit(HITId=hit["HITId"], NumberOfAdditionalAssignments=1)

    assert told(queue) == []


def test_a_message_that_was_lost_on_the_way_to_the_belt_is_found_by_the_sweep(queue):
    listened(queue)

    (event,) = HitEvent.objects.all()
    assert Next("tell_of_hit", event.pk) in list(outstanding.outstanding())
    announcing.tell_of_hit(event.pk)
    announcing.tell_of_hit(event.pk)

    assert kinds(told(queue)) == ["HITCreated"]
    assert Next("tell_of_hit", event.pk) not in list(outstanding.outstanding())


def test_the_clock_notes_what_happened_and_sends_it(queue, django_capture_on_commit_callbacks):
    user, _, _ = listened(queue)
    handed_in(worker_of(user))

    assert schedule.tell_of_hits() == 3


def test_a_queue_that_is_away_is_tried_again_with_the_same_id_and_in_the_end_given_up(queue, time_machine):
    listened(queue)
    (event,) = HitEvent.objects.all()
    boto3.client("sqs", region_name="us-east-1").delete_queue(QueueUrl=queue)

    for tries in range(1, len(services.WAITS) + 1):
        assert [services.tell(event.pk) for _ in range(2)] == [True, False]  # not due yet
        event.refresh_from_db()
        assert event.tries == tries
        assert event.problem
        time_machine.move_to(clock.now() + timedelta(hours=11))

    assert event.state == "failed"
    assert not list(outstanding.TELL_OF_HIT.ask())


def test_a_queue_that_is_away_is_left_alone_for_a_while_whatever_else_is_to_be_told(queue, time_machine):
    user, _, _ = listened(queue)
    handed_in(worker_of(user))
    services.note_untold()
    first, *others = HitEvent.objects.all()
    boto3.client("sqs", region_name="us-east-1").delete_queue(QueueUrl=queue)

    tried = [services.tell(each.pk) for each in (first, *others)]

    assert tried == [True, *(False for _ in others)]
    assert not list(outstanding.TELL_OF_HIT.ask())
    time_machine.move_to(clock.now() + timedelta(seconds=6))
    assert len(list(outstanding.TELL_OF_HIT.ask())) == 1


def test_a_webhook_is_told_where_an_operator_lets_requests_go(settings):
    with canary() as server:
        settings.OUTBOUND_HOSTS, settings.OUTBOUND_NETWORKS = ["127.0.0.1"], ["127.0.0.0/8"]
        settings.OUTBOUND_PORTS = [server.server_port]
        listened(f"http://127.0.0.1:{server.server_port}/hook", transport="SNS", events=["HITCreated"])
        services.tell(HitEvent.objects.get().pk)

        ((path, _, body),) = server.seen

    assert path == "/hook"
    assert json.loads(body)["Events"][0]["EventType"] == "HITCreated"
    assert HitEvent.objects.get().state == "sent"


@pytest.mark.parametrize(
    ("transport", "to"),
    [
        ("SNS", "https://169.254.169.254/latest"),
        ("SNS", "http://127.0.0.1/hook"),
        ("SNS", "arn:aws:sns:evil.example.org/:1:t"),
        ("SQS", "https://evil.example.org/1/q"),
        ("SQS", "https://sqs.us-east-1.amazonaws.com.evil.example.org/1/q"),
        ("SQS", "ftp://sqs.us-east-1.amazonaws.com/1/q"),
        ("SQS", "https://sqs.us-east-1.amazonaws.com/1/" + "q" * 500),
    ],
)
def test_nothing_is_kept_or_sent_where_no_request_may_go(queue, transport, to):
    mturk = turk(requester())
    hit_type = mturk.create_hit(**HIT)["HIT"]["HITTypeId"]

    with pytest.raises(ClientError) as refused:
        listen(mturk, hit_type, to, transport=transport)
    with pytest.raises(ClientError):
        mturk.send_test_event_notification(
            Notification={"Destination": to, "Transport": transport, "Version": "2006-05-05", "EventTypes": ["Ping"]},
            TestEventType="Ping",
        )

    assert refused.value.response["Error"]["Code"] == "ParameterValidationError"


def test_as_long_as_no_operator_named_a_host_nothing_goes_out(queue, settings):
    listened(queue)
    settings.OUTBOUND_HOSTS = []

    services.tell(HitEvent.objects.get().pk)

    event = HitEvent.objects.get()
    assert event.state == "waiting"
    assert "LABELCROWD_OUTBOUND_HOSTS" in event.problem
    settings.OUTBOUND_HOSTS = ["*.amazonaws.com"]
    assert boto3.client("sqs", region_name="us-east-1").receive_message(QueueUrl=queue).get("Messages") is None


def test_only_queues_and_topics_of_accounts_that_the_operator_names_are_told(queue, settings):
    topic = "arn:aws:sns:us-east-1:{}:mturk".format
    settings.OUTBOUND_ACCOUNTS = ["123456789012"]

    transports.check("SQS", queue)
    transports.check("SNS", topic("123456789012"))

    for transport, other in (("SQS", queue.replace("123456789012", "210987654321")), ("SNS", topic("210987654321"))):
        with pytest.raises(transports.BadDestination, match="account 210987654321"):
            transports.check(transport, other)
        with pytest.raises(transports.NotDelivered, match="account 210987654321"):  # named after it was listened to
            transports.send(transport, other, {}, whose=requester().memberships.get().organization_id)


def test_a_region_that_aws_has_not_is_refused_before_a_client_of_it_is_made(queue):
    for number in range(20):
        with pytest.raises(transports.BadDestination, match="region"):
            transports.check("SQS", f"https://sqs.r{number}.amazonaws.com/1/x")

    transports.check("SQS", "https://sqs.eu-central-1.amazonaws.com/1/x")
