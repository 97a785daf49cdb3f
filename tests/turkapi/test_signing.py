"""Who may speak: signatures, clocks, revoked keys, and requests that are not what the model says."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from django.test import Client

from apps.core import clock, rates
from apps.members import services as members
from apps.members.models import Membership, Token, User
from apps.turkapi import wire
from apps.turkapi.models import AccessKey
from apps.turkapi.operations import TABLE
from apps.turkapi.services import keys
from tests.turkapi.over_boto3 import HIT, organization_of, requester, turk, turk_with

pytestmark = pytest.mark.django_db


def code_of(call, **given) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response["Error"]["Code"])


def kind_of(answer: Any) -> str:
    return str(json.loads(answer.content)["__type"])


def posted(user: User, operation: str, body: bytes, **instead: str) -> Any:
    """Post a signed request by hand; `instead` are headers changed after signing."""
    key, secret = keys.make(organization_of(user), user=user)
    headers = {
        "Host": "testserver", "X-Amz-Target": f"MTurkRequesterServiceV20170117.{operation}",
        "Content-Type": wire.TYPE,
    }  # fmt: skip
    signed = AWSRequest(method="POST", url="http://testserver/mturk/", headers=headers, data=body)
    SigV4Auth(Credentials(key.pk, secret), "mturk-requester", "us-east-1").add_auth(signed)
    sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.headers.items()}
    sent |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in instead.items()}
    sent.pop("HTTP_CONTENT_TYPE")
    return Client().generic("POST", "/mturk/", body, content_type=wire.TYPE, **sent)


def test_every_operation_of_the_model_is_there():
    assert sorted(TABLE) == sorted(wire.model().operation_names)
    assert len(TABLE) == 39


def test_a_wrong_secret_and_an_unknown_key_open_nothing():
    user = requester()
    key, secret = keys.make(organization_of(user), user=user)

    assert code_of(turk_with(key.pk, secret + "x").get_account_balance) == "InvalidSignatureException"
    assert code_of(turk_with("LCIA" + "A" * 16, secret).get_account_balance) == "UnrecognizedClientException"
    assert turk_with(key.pk, secret).get_account_balance()["AvailableBalance"] == "100.00"


def test_a_revoked_key_opens_nothing():
    user = requester()
    mturk = turk(user)

    keys.revoke(AccessKey.objects.get(), by=user)

    assert code_of(mturk.get_account_balance) == "UnrecognizedClientException"


def test_a_key_ends_with_its_requesters_role():
    user = requester()
    mturk = turk(user)

    Membership.objects.filter(user=user).delete()

    assert code_of(mturk.get_account_balance) == "AccessDeniedException"


def test_only_a_requester_gets_a_key():
    user = requester()

    with pytest.raises(keys.NotARequester):
        keys.make(organization_of(requester()), user=user)


def test_a_secret_is_not_in_the_database_in_clear():
    user = requester()

    key, secret = keys.make(organization_of(user), user=user)

    assert secret not in AccessKey.objects.get(pk=key.pk).secret


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_request_signed_at_another_time_is_refused(minutes):
    user = requester()
    stamp = (clock.now() + timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")

    answer = posted(user, "GetAccountBalance", b"{}", **{"X-Amz-Date": stamp})

    assert (answer.status_code, kind_of(answer)) == (403, "InvalidSignatureException")


@pytest.mark.parametrize(
    "instead",
    [
        {"X-Amz-Target": "MTurkRequesterServiceV20170117.DeleteHIT"},
        {"Host": "localhost"},
        {"X-Amz-Content-SHA256": "0" * 64},
    ],
)
def test_a_signature_is_good_for_what_was_signed_only(instead):
    answer = posted(requester(), "GetAccountBalance", b"{}", **instead)

    # A header that was not signed is not looked at.
    assert answer.status_code == (200 if "X-Amz-Content-SHA256" in instead else 403)


def test_without_a_signature_nobody_is_heard():
    answer = Client().post("/mturk/", "{}", content_type=wire.TYPE)

    assert (answer.status_code, kind_of(answer)) == (403, "MissingAuthenticationTokenException")
    assert Client().get("/mturk/").status_code == 405


@pytest.mark.parametrize(
    ("operation", "body", "kind"),
    [
        ("NoSuchThing", b"{}", "UnknownOperationException"),
        ("GetHIT", b"not json", "SerializationException"),
        ("GetHIT", b"[]", "SerializationException"),
        ("GetHIT", b"{}", "ValidationException"),
        ("GetHIT", b'{"HITId": 7}', "ValidationException"),
        ("GetHIT", b'{"HITId": "a-b"}', "ValidationException"),
        ("GetHIT", b'{"HITId": "A", "Other": 1}', "ValidationException"),
        ("ListHITs", b'{"MaxResults": 101}', "ValidationException"),
        ("ListReviewableHITs", b'{"Status": "Odd"}', "ValidationException"),
        ("GetHIT", b'{"HITId": "A\\u0000"}', "ValidationException"),
        ("GetHIT", b"[" * 100_000, "SerializationException"),
    ],
)
def test_what_the_model_does_not_know_is_refused_as_aws_does(operation, body, kind):
    answer = posted(requester(), operation, body)

    assert (answer.status_code, kind_of(answer)) == (400, kind)
    assert answer["Content-Type"] == wire.TYPE
    assert answer["x-amzn-RequestId"]


def test_a_fault_of_ours_is_a_service_fault():
    user = requester()
    key, secret = keys.make(organization_of(user), user=user)
    AccessKey.objects.filter(pk=key.pk).update(secret=AccessKey.objects.get(pk=key.pk).secret[:-2] + "xx")

    mturk = turk_with(key.pk, secret)

    with pytest.raises(ClientError) as error:
        mturk.create_hit(**HIT)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert error.value.response["Error"]["Code"] == "ServiceFault"


def test_answers_are_json_that_leaves_nothing_out_but_nothing():
    assert json.loads(wire.written({"a": None, "b": [], "c": {"d": None, "e": 0}})) == {"b": [], "c": {"e": 0}}


def test_an_endpoint_without_its_last_slash_is_the_same():
    user = requester(funds=12_34)

    balance = turk(user, at="http://testserver/mturk").get_account_balance()

    assert balance["AvailableBalance"] == "12.34"


@pytest.mark.parametrize("path", ["/", "/work/"])
def test_a_client_that_was_given_an_address_without_the_apis_path_is_told_where_the_api_is(path):
    careful = Client(enforce_csrf_checks=True)
    sent = {"HTTP_X_AMZ_TARGET": "MTurkRequesterServiceV20170117.GetAccountBalance"}

    answer = careful.generic("POST", path, b"{}", content_type=wire.TYPE, **sent)

    assert (answer.status_code, answer["Content-Type"]) == (404, wire.TYPE)
    assert "http://testserver/mturk/" in json.loads(answer.content)["Message"]
    assert "html" in careful.post(path)["Content-Type"]


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_s10_a_key_ends_with_the_token_that_made_it(ended):
    user = requester()
    token, _ = members.make_token(organization_of(user), user=user, name="x", scopes=["write", "money"], days=1)
    key, secret = keys.make(organization_of(user), user=user, token=token.pk)
    ask = turk_with(key.pk, secret).get_account_balance
    before = ask()["AvailableBalance"]

    Token.objects.filter(pk=token.pk).update(**{ended: clock.now()})

    assert before == "100.00"
    assert code_of(ask) == "UnrecognizedClientException"


@pytest.mark.parametrize("what", ["account", "address"])
def test_s9_who_asks_too_often_is_throttled_in_words_that_aws_programs_know(what, settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {what: [0.01, 2]}
    user = requester()

    ask = turk(user).get_account_balance

    assert (ask()["AvailableBalance"], ask()["AvailableBalance"]) == ("100.00", "100.00")
    assert code_of(ask) == "ThrottlingException"
    rates.forget()


def test_s9_a_signature_that_is_wrong_takes_nothing_of_an_accounts_bucket(settings):
    rates.forget()
    settings.API_RATES = settings.API_RATES | {"account": [0.01, 1]}
    user = requester()
    key, secret = keys.make(organization_of(user), user=user)

    for _ in range(3):
        assert code_of(turk_with(key.pk, secret + "x").get_account_balance) == "InvalidSignatureException"

    assert turk_with(key.pk, secret).get_account_balance()["AvailableBalance"] == "100.00"
    rates.forget()
