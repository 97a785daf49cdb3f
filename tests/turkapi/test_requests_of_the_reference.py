"""Each of the 39 operations by the example of it that Amazon published.

`requests.json` says of each in which reference: that of the current API, or, where its page has none that can be sent,
that of the one before, with the operation's name there; and what was changed in it. Amazon's ids are nobody's: each
stands for one of ours.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from django.test import override_settings
from moto import mock_aws

from apps.hitevents import transports
from apps.turkapi.models import QualificationRequest, QualificationType
from apps.turkapi.operations import TABLE
from apps.workforce import services as workforce
from tests.turkapi.over_boto3 import HIT, handed_in, requester, turk, worker_id, worker_of

pytestmark = pytest.mark.django_db
REQUESTS: dict[str, Any] = json.loads((Path(__file__).parent / "requests.json").read_text())


@pytest.fixture(scope="module")
def topic() -> Iterator[str]:
    """A topic of SNS. One for all: moto makes whoever enters it read botocore's models anew, which takes a second."""
    with pytest.MonkeyPatch.context() as patch, override_settings(OUTBOUND_HOSTS=["*.amazonaws.com"]), mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        transports._made.cache_clear()
        yield boto3.client("sns", region_name="us-east-1").create_topic(Name="my_mturk_topic")["TopicArn"]
    transports._made.cache_clear()


def test_there_is_a_request_for_every_operation():
    assert set(REQUESTS) == set(TABLE)


@pytest.mark.parametrize("operation", REQUESTS)
def test_an_operation_answers_what_the_reference_asks(operation, topic):
    user = requester()
    mturk = turk(user)
    ids, name = world(user, mturk, operation), xform_name(operation)
    given = ours(REQUESTS[operation]["request"], {**ids, "Destination": topic})

    if operation == "GetFileUploadURL":
        with pytest.raises(ClientError) as refused:
            mturk.get_file_upload_url(**given)
        assert refused.value.response["TurkErrorCode"] == "AWS.MechanicalTurk.OperationNotSupported"
        return
    answer = getattr(mturk, name)(**given)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    promised = mturk.meta.service_model.operation_model(operation).output_shape
    assert set(answer) - {"ResponseMetadata"} <= set(promised.members)
    assert told(answer, promised), answer


def told(answer: dict, promised: Any) -> bool:
    """Return whether an answer holds what its operation is asked for: one of the structures or lists it promises."""
    worth = [name for name in promised.members if name not in ("NextToken", "NumResults")]
    return not worth or any(answer.get(name) not in (None, "") for name in worth)


def world(user: Any, mturk: Any, operation: str) -> dict[str, Any]:
    """Return our own rows by the names of the parameters that ask for them."""
    kind = mturk.create_qualification_type(
        Name="LanguageSkill", Description="Writes well", QualificationTypeStatus="Active"
    )["QualificationType"]["QualificationTypeId"]
    hit = mturk.create_hit(**{**HIT, "MaxAssignments": 1})["HIT"]
    worker = worker_of(user)
    taken = {} if operation == "UpdateHITTypeOfHIT" else {"AssignmentId": handed_in(worker)}
    other_type = mturk.create_hit_type(
        Title="Another", Description="The same", Reward="0.10", AssignmentDurationInSeconds=600
    )["HITTypeId"]
    asked = QualificationRequest.objects.create(type=QualificationType.objects.get(), worker=worker)
    workforce.grant(worker, name="LanguageSkill", value=7)
    if operation == "DeleteHIT":
        mturk.approve_assignment(AssignmentId=taken["AssignmentId"])
    if operation == "DeleteWorkerBlock":
        mturk.create_worker_block(WorkerId=worker_id(worker), Reason="Too fast")
    return {
        "HITId": hit["HITId"],
        "HITTypeId": other_type if operation == "UpdateHITTypeOfHIT" else hit["HITTypeId"],
        "WorkerId": worker_id(worker),
        "WorkerIds": [worker_id(worker), worker_id(worker_of(user)), worker_id(worker_of(user))],
        "QualificationTypeId": kind,
        "QualificationRequestId": asked.pk.hex.upper(),
        **taken,
    }


def ours(given: Any, ids: dict[str, Any]) -> Any:
    """Return a request with our ids in the place of Amazon's."""
    if isinstance(given, dict):
        return {name: ids.get(name, ours(value, ids)) for name, value in given.items()}
    return given


MISSING = {
    "HITId": "HITDoesNotExist",
    "HITTypeId": "HITTypeDoesNotExist",
    "AssignmentId": "AssignmentDoesNotExist",
    "WorkerId": "WorkerDoesNotExist",
    "QualificationTypeId": "QualificationTypeDoesNotExist",
    "QualificationRequestId": "QualificationRequestDoesNotExist",
}


@pytest.mark.parametrize(
    ("operation", "name"),
    [(operation, name) for operation, row in REQUESTS.items() for name in MISSING if name in row["request"]],
)
def test_what_amazons_own_ids_name_is_not_here(operation, name, topic):
    user = requester()
    mturk = turk(user)
    ids = {**world(user, mturk, operation), "Destination": topic}
    ids.pop(name, None)

    with pytest.raises(ClientError) as refused:
        getattr(mturk, xform_name(operation))(**ours(REQUESTS[operation]["request"], ids))

    # A bonus is for an assignment of that worker: there is no such one.
    expected = "AssignmentDoesNotExist" if operation == "SendBonus" else MISSING[name]
    assert refused.value.response["TurkErrorCode"] == f"AWS.MechanicalTurk.{expected}"


def test_a_test_event_that_can_not_arrive_is_refused_by_its_code(topic):
    gone = REQUESTS["SendTestEventNotification"]["request"]
    given = ours(gone, {"Destination": topic.replace("my_mturk_topic", "another")})

    with pytest.raises(ClientError) as refused:
        turk(requester()).send_test_event_notification(**given)

    assert refused.value.response["TurkErrorCode"] == "AWS.MechanicalTurk.InvalidNotification"
