"""Each of the 39 operations by the example of it that Amazon published.

`requests.json` says of each in which reference: that of the current API, or, where its page has none that can be sent,
that of the one before, with the operation's name there; and what was changed in it. Where a response was published for
the current API, also what it holds: each key, where it stands in our answer, what ours holds `more`, why it differs.
Amazon's ids are nobody's: each stands for one of ours.
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
from tests.turkapi.test_table_of_operations import ANSWERS

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
        assert ANSWERS[operation] == "an error always"
        return
    answer = getattr(mturk, name)(**given)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    promised = mturk.meta.service_model.operation_model(operation).output_shape
    assert set(answer) - {"ResponseMetadata"} <= set(promised.members)
    assert told(answer, promised), answer
    mine = set(answer) - {"ResponseMetadata"}
    assert mine == keys_of(ANSWERS[operation]) - {"NextToken"}
    if "answered" in REQUESTS[operation]:
        assert_answered(answer, mine, **REQUESTS[operation])


def keys_of(cell: str) -> set[str]:
    return set() if cell == "nothing" else set(cell.split(", "))


def assert_answered(
    answer: Any, mine: set[str], *, answered: dict[str, str | None], more: Any = (), **rest: Any
) -> None:
    """Assert that an answer holds each key of the published response where it is said to stand, and no other on top.

    Of what stands in a structure of ours the response shows a part.
    """
    assert [path for path in answered.values() if path and not stands(answer, path)] == []
    assert mine == {path.partition(".")[0] for path in answered.values() if path} | set(more)
    assert [key for key, path in answered.items() if path is None and key in mine] == []
    assert bool(rest.get("answer differs")) == (bool(more) or any(key != path for key, path in answered.items()))


def stands(answer: Any, path: str) -> bool:
    """Return whether there is something at a path of keys; of a list in its first row."""
    for key in path.split("."):
        answer = answer[0] if isinstance(answer, list) else answer
        if key not in answer:
            return False
        answer = answer[key]
    return True


def test_each_example_of_the_current_api_is_compared_with_its_response():
    current = {name for name, row in REQUESTS.items() if row["published"] == "2017-01-17"}
    # Two pages have a response to a request that lacks what is required: that of the API before it is sent.
    unasked = {name for name, row in REQUESTS.items() if "that of 2017-01-17 lacks" in row.get("changed", "")}
    compared = {name for name, row in REQUESTS.items() if "answered" in row}

    assert current <= compared <= current | unasked


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
    if operation in ("DeleteWorkerBlock", "ListWorkerBlocks"):
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
