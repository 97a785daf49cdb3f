"""A time or number that no calendar has is refused as a value: it was answered as a fault of the service."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from apps.core import clock
from apps.turkapi.models import Hit
from tests.turkapi.over_boto3 import HIT, requester, turk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "said",
    [
        "Infinity", "-Infinity", "NaN", "1e20", "-1e20", "1e999", "1" + "0" * 30, "true", "null", '"rubbish"',
        '"9999-12-31T23:59:59-12:00"', '"0001-01-01T00:00:00+14:00"', "253402300799",
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_is_refused_and_the_hit_stays_offered_as_it_was(said):
    mturk = turk(requester())
    hit = mturk.create_hit(**HIT)["HIT"]

    def put(params, **kwargs):
        params["body"] = json.dumps({"HITId": hit["HITId"], "ExpireAt": "here"}).replace('"here"', said).encode()

    mturk.meta.events.register("before-call.mturk.UpdateExpirationForHIT", put)
    with pytest.raises(ClientError) as refused:
        mturk.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    codes = ("ParameterValidationError", "ValidationException", "SerializationException")
    assert refused.value.response["Error"]["Code"] in codes
    assert mturk.get_hit(HITId=hit["HITId"])["HIT"]["Expiration"] == hit["Expiration"]


def test_a_hit_is_offered_for_a_year_from_now_at_most():
    mturk = turk(requester())
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]

    with pytest.raises(ClientError, match="31536000 seconds from now"):
        mturk.update_expiration_for_hit(HITId=hit, ExpireAt=clock.now() + timedelta(days=366))
    mturk.update_expiration_for_hit(HITId=hit, ExpireAt=clock.now() + timedelta(days=364))
    assert Hit.objects.get().task.closes_at > clock.now() + timedelta(days=363)
