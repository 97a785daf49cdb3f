"""The values that a qualification requirement may compare with, as the reference of MTurk says."""

import pytest
from botocore.exceptions import ClientError

from tests.turkapi.over_boto3 import HIT, requester, turk

pytestmark = pytest.mark.django_db
LOCALE = "00000000000000000071"
ADULT = "00000000000000000060"
TERMS = ("Title", "Description", "Reward", "AssignmentDurationInSeconds")
COUNTRIES = [{"Country": country} for country in ("US", "CA", "GB")]


@pytest.mark.parametrize(
    "asked",
    [
        {"Comparator": "EqualTo", "LocaleValues": COUNTRIES[:2]},
        {"Comparator": "NotEqualTo", "LocaleValues": COUNTRIES[:2]},
        {"Comparator": "EqualTo", "LocaleValues": []},
        {"Comparator": "EqualTo"},
        {"Comparator": "In", "LocaleValues": COUNTRIES * 10 + COUNTRIES[:1]},
        {"Comparator": "GreaterThan", "LocaleValues": COUNTRIES[:1]},
        {"Comparator": "Exists", "LocaleValues": COUNTRIES[:1]},
        {"Comparator": "EqualTo", "IntegerValues": [1]},
        {"Comparator": "EqualTo", "LocaleValues": COUNTRIES[:1], "QualificationTypeId": ADULT},
        {"Comparator": "EqualTo", "IntegerValues": [1, 2], "QualificationTypeId": ADULT},
        {"Comparator": "In", "IntegerValues": list(range(16)), "QualificationTypeId": "00000000000000000040"},
    ],
)
@pytest.mark.parametrize("operation", ["create_hit", "create_hit_type"])
def test_values_that_a_requirement_does_not_take_are_refused(operation, asked):
    terms = HIT if operation == "create_hit" else {name: HIT[name] for name in TERMS}
    call = getattr(turk(requester()), operation)

    with pytest.raises(ClientError) as error:
        call(**terms, QualificationRequirements=[{"QualificationTypeId": LOCALE, **asked}])

    assert error.value.response["Error"]["Code"] == "ParameterValidationError"


@pytest.mark.parametrize(
    "asked",
    [
        {"Comparator": "NotEqualTo", "LocaleValues": [{"Country": "US", "Subdivision": "CA"}]},
        {"Comparator": "In", "LocaleValues": COUNTRIES * 10},
        {"Comparator": "NotIn", "LocaleValues": COUNTRIES[:1]},
        {"Comparator": "Exists"},
        {"Comparator": "EqualTo", "IntegerValues": [1], "QualificationTypeId": ADULT},
    ],
)
def test_values_that_a_requirement_takes_are_kept(asked):
    given = {"QualificationTypeId": LOCALE, **asked}

    told = turk(requester()).create_hit(**HIT, QualificationRequirements=[given])["HIT"]

    assert told["QualificationRequirements"] == [given]
