"""An endpoint, keys or a clock that are wrong for a while put off what a market is asked, and end nothing."""

import json

import pytest
from django.test import Client

from apps.channels.base import ChannelBusy, ChannelRefused
from apps.channels.models import Intent, Publication
from apps.channels.mturk.calls import Calls
from apps.payments.models import Obligation
from apps.pipeline import flow
from tests import belt
from tests.channels.faults import answered, between
from tests.channels.market import launched, looked_at, offered, worked
from tests.channels.test_four_eyes import gives
from tests.factories import member

pytestmark = pytest.mark.django_db


def without_a_path(request):
    """Answer as our own site does to a client whose endpoint is the site, and not its /mturk/."""
    answer = Client(enforce_csrf_checks=True).post(
        "/", request.body, content_type="application/x-amz-json-1.1",
        headers={"X-Amz-Target": request.headers["X-Amz-Target"].decode()},
    )  # fmt: skip
    assert answer.status_code == 404
    return answered(request, answer.status_code, answer.content)


def misconfigured(market):
    between(market.client(), iter(lambda: without_a_path, None))


@pytest.mark.parametrize(
    ("code", "turk", "status"),
    [
        ("UnknownOperationException", "", 404),
        ("UnknownOperation", "", 400),
        ("com.amazon.coral.service#UnknownOperationException", "", 404),
        ("InvalidAction", "", 400),
        ("AccessDenied", "", 403),
        ("AccessDeniedException", "", 400),
        ("AuthFailure", "", 401),
        ("ExpiredToken", "", 400),
        ("ExpiredTokenException", "", 400),
        ("IncompleteSignature", "", 400),
        ("IncompleteSignatureException", "", 400),
        ("InvalidClientTokenId", "", 403),
        ("InvalidSignature", "", 403),
        ("InvalidSignatureException", "", 403),
        ("MissingAuthenticationToken", "", 403),
        ("MissingAuthenticationTokenException", "", 403),
        ("NotAuthorized", "", 400),
        ("NotAuthorizedException", "", 400),
        ("OptInRequired", "", 403),
        ("RequestError", "AWS.NotAuthorized", 400),
        ("RequestExpired", "", 400),
        ("RequestTimeTooSkewed", "", 403),
        ("SignatureDoesNotMatch", "", 403),
        ("SubscriptionRequiredException", "", 400),
        ("UnauthorizedOperation", "", 403),
        ("UnrecognizedClient", "", 403),
        ("UnrecognizedClientException", "", 400),
    ],
)
def test_what_says_that_we_are_configured_wrong_is_asked_again_later(market, code, turk, status):
    body = {"__type": code, "Message": "no", **({"TurkErrorCode": turk} if turk else {})}
    between(market.client(), iter(lambda: lambda request: answered(request, status, json.dumps(body).encode()), None))

    with pytest.raises(ChannelBusy):
        Calls(market.client()).call("get_account_balance")


@pytest.mark.parametrize(
    ("code", "turk"),
    [
        ("RequestError", "AWS.MechanicalTurk.InvalidHITState"),
        ("ParameterValidationError", "AWS.ParameterValidationError"),
        ("ValidationException", ""),
        ("RequestError", "AWS.MechanicalTurk.PermissionDenied"),
    ],
)
def test_what_a_market_won_t_do_stays_refused(market, code, turk):
    body = json.dumps({"__type": code, "Message": "no", "TurkErrorCode": turk}).encode()
    between(market.client(), iter(lambda: lambda request: answered(request, 400, body), None))

    with pytest.raises(ChannelRefused):
        Calls(market.client()).call("get_account_balance")


def test_offers_due_while_the_endpoint_has_lost_its_path_are_made_once_it_has_it_again(market):
    flow.launch(offered(items=4, page_size=2, redundancy=1))
    misconfigured(market)
    belt.run()
    offer = Publication.objects.get()
    while_wrong = offer.state, Intent.objects.get(verb="publish").state

    market.reopen()
    looked_at()

    offer.refresh_from_db()
    assert while_wrong == ("planned", "planned")
    assert offer.state == "live"


def test_an_approval_and_a_bonus_due_then_are_paid_later(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, review="person")
    frame = worked(market)
    boss = member(campaign.organization, email="boss@example.org")
    misconfigured(market)
    flow.decide(frame.claim().page.review, verdict="approve", by=boss)
    gives(campaign, frame.claim().worker, 25, by=boss)
    looked_at()
    while_wrong = set(Intent.objects.exclude(verb="publish").values_list("verb", "state"))

    market.reopen()
    looked_at()

    assert while_wrong == {("approve", "planned"), ("pay_bonus", "planned")}
    owed = Obligation.objects.filter(organization=market.organization)
    assert sorted(owed.values_list("kind", "amount")) == [("bonus", 25), ("work", 10)]
