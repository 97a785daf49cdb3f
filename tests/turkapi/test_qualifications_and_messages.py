"""Qualifications, blocks, messages and notifications over boto3."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from apps.hitevents import transports
from apps.hitevents.models import Listener
from apps.turkapi.models import QualificationRequest, QualificationType
from apps.work.errors import NoWork
from apps.workforce.models import Qualification
from tests.factories import UserFactory
from tests.turkapi.over_boto3 import HIT, accepted, handed_in, organization_of, requester, turk, worker_id, worker_of

pytestmark = pytest.mark.django_db
TYPE = {"Name": "spelling", "Description": "Spells well", "Keywords": "text", "QualificationTypeStatus": "Active"}


def code_of(call, **given) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response.get("TurkErrorCode", error.value.response["Error"]["Code"]))


def test_a_qualification_keeps_out_who_does_not_have_it():
    user = requester()
    mturk = turk(user)
    made = mturk.create_qualification_type(**TYPE)["QualificationType"]
    asked = {"QualificationTypeId": made["QualificationTypeId"], "Comparator": "GreaterThan", "IntegerValues": [80]}
    hit = mturk.create_hit(**HIT, QualificationRequirements=[asked])["HIT"]
    worker = worker_of(user)

    with pytest.raises(NoWork, match="spelling"):
        accepted(worker)
    mturk.associate_qualification_with_worker(
        QualificationTypeId=made["QualificationTypeId"], WorkerId=worker_id(worker), IntegerValue=81
    )

    assert accepted(worker).state == "leased"
    assert hit["QualificationRequirements"] == [asked]
    listed = mturk.list_hits_for_qualification_type(QualificationTypeId=made["QualificationTypeId"])
    assert [row["HITId"] for row in listed["HITs"]] == [hit["HITId"]]


def test_a_qualification_is_scored_listed_changed_and_taken_away():
    user = requester()
    mturk = turk(user)
    key = mturk.create_qualification_type(**TYPE)["QualificationType"]["QualificationTypeId"]
    worker = worker_of(user)
    who = {"QualificationTypeId": key, "WorkerId": worker_id(worker)}

    mturk.associate_qualification_with_worker(**who, IntegerValue=5, SendNotification=False)
    mturk.associate_qualification_with_worker(**who, IntegerValue=7)
    scored = mturk.get_qualification_score(**who)["Qualification"]
    assert (scored["IntegerValue"], scored["Status"]) == (7, "Granted")
    assert mturk.list_workers_with_qualification_type(QualificationTypeId=key)["Qualifications"] == [scored]
    mturk.disassociate_qualification_from_worker(**who, Reason="left")
    assert code_of(mturk.get_qualification_score, **who) == "AWS.MechanicalTurk.QualificationDoesNotExist"
    assert code_of(mturk.disassociate_qualification_from_worker, **who) == (
        "AWS.MechanicalTurk.QualificationDoesNotExist"
    )


@pytest.mark.parametrize("value", [2**31, 3_000_000_000, 2**40, 2**70, -(2**31) - 1])
def test_numbers_that_no_field_holds_are_refused_and_change_nothing(value):
    user = requester()
    mturk = turk(user)
    key = mturk.create_qualification_type(**TYPE)["QualificationType"]["QualificationTypeId"]
    who = {"QualificationTypeId": key, "WorkerId": worker_id(worker_of(user))}
    mturk.associate_qualification_with_worker(**who, IntegerValue=2**31 - 1)
    seconds = {"QualificationTypeId": key, "RetryDelayInSeconds": value}
    automatic = {**TYPE, "Name": "given by itself", "AutoGranted": True, "AutoGrantedValue": value}

    with pytest.raises(ClientError, match=r"IntegerValue.*constraint"):
        mturk.associate_qualification_with_worker(**who, IntegerValue=value)
    with pytest.raises(ClientError, match=r"AutoGrantedValue.*constraint"):
        mturk.create_qualification_type(**automatic)
    with pytest.raises(ClientError, match="RetryDelayInSeconds"):
        mturk.update_qualification_type(**seconds)

    assert mturk.get_qualification_score(**who)["Qualification"]["IntegerValue"] == 2**31 - 1
    assert "RetryDelayInSeconds" not in mturk.get_qualification_type(QualificationTypeId=key)["QualificationType"]


def test_a_qualification_type_is_made_once_changed_found_and_deleted():
    user = requester()
    mturk = turk(user)
    made = mturk.create_qualification_type(**TYPE)["QualificationType"]
    key = made["QualificationTypeId"]

    assert code_of(mturk.create_qualification_type, **TYPE) == "AWS.MechanicalTurk.QualificationTypeAlreadyExists"
    changed = mturk.update_qualification_type(QualificationTypeId=key, QualificationTypeStatus="Inactive")
    assert changed["QualificationType"]["IsRequestable"] is False
    assert mturk.get_qualification_type(QualificationTypeId=key) | {"ResponseMetadata": 0} == changed | {
        "ResponseMetadata": 0
    }
    found = mturk.list_qualification_types(Query="SPELL", MustBeRequestable=False, MustBeOwnedByCaller=True)
    assert [row["QualificationTypeId"] for row in found["QualificationTypes"]] == [key]
    assert mturk.list_qualification_types(MustBeRequestable=True)["QualificationTypes"] == []
    worker = worker_of(user)
    mturk.associate_qualification_with_worker(QualificationTypeId=key, WorkerId=worker_id(worker))
    mturk.delete_qualification_type(QualificationTypeId=key)
    assert not Qualification.objects.exists()
    assert code_of(mturk.get_qualification_type, QualificationTypeId=key) == (
        "AWS.MechanicalTurk.QualificationTypeDoesNotExist"
    )
    assert mturk.create_qualification_type(**TYPE)["QualificationType"]["QualificationTypeId"] != key


def test_a_request_for_a_qualification_is_accepted_or_rejected_once():
    user = requester()
    mturk = turk(user)
    key = mturk.create_qualification_type(**TYPE)["QualificationType"]["QualificationTypeId"]
    type_ = QualificationType.objects.get()
    one, other = (QualificationRequest.objects.create(type=type_, worker=worker_of(user)) for _ in range(2))

    listed = mturk.list_qualification_requests(QualificationTypeId=key)["QualificationRequests"]
    ids = [row["QualificationRequestId"] for row in listed]
    assert ids == [other.pk.hex.upper(), one.pk.hex.upper()]
    mturk.accept_qualification_request(QualificationRequestId=ids[1], IntegerValue=3)
    mturk.reject_qualification_request(QualificationRequestId=ids[0], Reason="too early")

    assert Qualification.objects.get().value == 3
    assert mturk.list_qualification_requests()["QualificationRequests"] == []
    assert code_of(mturk.accept_qualification_request, QualificationRequestId=ids[0]) == (
        "AWS.MechanicalTurk.InvalidQualificationRequestState"
    )


def test_a_locale_is_told_and_not_checked():
    user = requester()
    locale = {
        "QualificationTypeId": "00000000000000000071", "Comparator": "EqualTo", "LocaleValues": [{"Country": "US"}],
    }  # fmt: skip
    told = turk(user).create_hit(**HIT, QualificationRequirements=[locale])["HIT"]

    assert told["QualificationRequirements"] == [locale]
    assert accepted(worker_of(user)).state == "leased"


def test_a_blocked_worker_gets_no_work_until_the_block_is_lifted():
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    worker = worker_of(user)
    key = worker_id(worker)

    mturk.create_worker_block(WorkerId=key, Reason="answers at random")
    mturk.create_worker_block(WorkerId=key, Reason="answers at random")
    with pytest.raises(NoWork, match="at random"):
        accepted(worker)
    assert mturk.list_worker_blocks()["WorkerBlocks"] == [{"WorkerId": key, "Reason": "answers at random"}]
    mturk.delete_worker_block(WorkerId=key)

    assert accepted(worker).state == "leased"
    assert mturk.list_worker_blocks()["WorkerBlocks"] == []
    mturk.delete_worker_block(
        WorkerId=key
    )  # "If the specified Worker is not blocked, this operation returns successfully."


def test_blocks_are_listed_to_the_last():
    user = requester()
    mturk = turk(user)
    for _ in range(12):
        mturk.create_worker_block(WorkerId=worker_id(worker_of(user)), Reason="why")

    pages = mturk.get_paginator("list_worker_blocks").paginate()

    assert sum(len(page["WorkerBlocks"]) for page in pages) == 12


def test_only_workers_whose_work_was_judged_are_written_to(mailoutbox):
    user = requester()
    mturk = turk(user)
    mturk.create_hit(**HIT)
    known = worker_of(user)
    known.user = UserFactory()
    known.save()
    mturk.approve_assignment(AssignmentId=handed_in(known))
    stranger = worker_of(user)
    handed_in(stranger)

    answer = mturk.notify_workers(
        Subject="More\nwork", MessageText="There is more.", WorkerIds=[worker_id(known), worker_id(stranger)]
    )

    (failure,) = answer["NotifyWorkersFailureStatuses"]
    assert (failure["WorkerId"], failure["NotifyWorkersFailureCode"]) == (worker_id(stranger), "HardFailure")
    (mail,) = mailoutbox
    assert mail.to == [known.user.email]
    assert mail.subject == f"{organization_of(user)}: More work"


@pytest.fixture
def aws(monkeypatch, settings) -> Iterator[None]:
    """SQS and SNS that are nobody's, where an operator lets messages go."""
    settings.OUTBOUND_HOSTS = ["*.amazonaws.com"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        transports._made.cache_clear()
        yield
    transports._made.cache_clear()


def test_a_test_event_arrives_in_a_queue_and_at_a_topic(aws):
    user = requester()
    sqs = boto3.client("sqs", region_name="us-east-1")
    sns = boto3.client("sns", region_name="us-east-1")
    queue = sqs.create_queue(QueueName="mturk")["QueueUrl"]
    topic = sns.create_topic(Name="mturk")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    for transport, to in (("SQS", queue), ("SNS", topic)):
        turk(user).send_test_event_notification(
            Notification={
                "Destination": to, "Transport": transport, "Version": "2006-05-05", "EventTypes": ["Ping"],
            },
            TestEventType="AssignmentAccepted",
        )  # fmt: skip

    bodies = [
        json.loads(row["Body"]) for row in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    ]
    assert [body["Events"][0]["EventType"] for body in bodies] == ["AssignmentAccepted"] * 2
    assert len({body["EventDocId"] for body in bodies}) == 2


def test_notification_settings_are_kept_and_checked(aws):
    user = requester()
    mturk = turk(user)
    key = mturk.create_hit(**HIT)["HIT"]["HITTypeId"]
    notification = {
        "Destination": "https://sqs.us-east-1.amazonaws.com/1/q", "Transport": "SQS", "Version": "2006-05-05",
        "EventTypes": ["HITReviewable"],
    }  # fmt: skip

    assert code_of(mturk.update_notification_settings, HITTypeId=key) == "ParameterValidationError"
    assert code_of(mturk.update_notification_settings, HITTypeId=key, Active=True) == "ParameterValidationError"
    mturk.update_notification_settings(HITTypeId=key, Notification=notification, Active=True)
    kept = Listener.objects.get()
    assert (kept.destination, kept.transport, kept.kinds) == (notification["Destination"], "SQS", ["HITReviewable"])
    for change in ({"Transport": "Email"}, {"Version": "1"}, {"Destination": "ftp://x"}, {"EventTypes": []}):
        bad = {**notification, **change}
        assert code_of(mturk.update_notification_settings, HITTypeId=key, Notification=bad) == (
            "ParameterValidationError"
        )


def test_a_hit_without_review_policies_has_no_results_of_them():
    user = requester()
    mturk = turk(user)
    key = mturk.create_hit(**HIT)["HIT"]["HITId"]

    told = mturk.list_review_policy_results_for_hit(HITId=key)

    assert {name for name in told if name != "ResponseMetadata"} == {"HITId"}
