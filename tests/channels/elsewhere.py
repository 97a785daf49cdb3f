"""Another endpoint than the one that offers were made at, and the keys of another account there."""

import json

import boto3
import pytest

from tests.channels.faults import answered, between
from tests.channels.market import session
from tests.channels.test_refusals_and_late_payments import refused
from tests.factories import member


@pytest.fixture
def leads(market, monkeypatch):
    """Return what has boto3's chain lead to another endpoint, and back; `asked` are the calls made there."""
    asked = []

    def elsewhere(request):
        if "ListHITs" in str(request.headers["X-Amz-Target"]):  # asked for what nothing here watches
            return answered(request, 200, json.dumps({"NumResults": 0, "HITs": []}).encode())
        asked.append(request)
        return refused(request, "Nope")

    def to(host):
        monkeypatch.setenv("AWS_ENDPOINT_URL_MTURK", f"http://{host}/mturk/")
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())
        market.reopen()
        if host != "testserver":
            between(market.client(), iter(lambda: elsewhere, None))

    to.asked = asked
    return to


def of_another_account(market):
    """Have the market know nothing of what was made there before."""

    def wire(request):
        if "ListQualificationTypes" in str(request.headers["X-Amz-Target"]):  # none of its own
            return answered(request, 200, json.dumps({"NumResults": 0, "QualificationTypes": []}).encode())
        nouns = {b"QualificationTypeId": "QualificationType", b"AssignmentId": "Assignment"}
        noun = next((noun for name, noun in nouns.items() if name in request.body), "HIT")
        return refused(request, f"{noun}DoesNotExist")

    between(market.client(), iter(lambda: wire, None))


def finance_of(campaign):
    return member(campaign.organization, "finance", email="fin@example.org")
