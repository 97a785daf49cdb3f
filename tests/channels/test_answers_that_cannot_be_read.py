"""An answer that is not as MTurk's model says leaves open what was done, and a list with such a row is not whole."""

import json

import pytest

from apps.channels.base import ChannelUnknown
from apps.channels.models import Claim, Publication
from apps.channels.mturk.channel import channel
from apps.pipeline import outside
from tests.channels.faults import answered, between
from tests.channels.market import accept, launched
from tests.turkapi.over_boto3 import send

pytestmark = pytest.mark.django_db
WORDS = [
    b"null", b"[]", b'"text"', b'{"HIT": [], "NumResults": [],',
    b'{"HIT": null, "Assignment": null, "AvailableBalance": null}',
    '{"NumResults": 1, "Assignments": [{"Answer": "é'.encode()[:-1],
    b'{"AvailableBalance": "abc", "HIT": {"HITStatus": 1}, "Assignment": {"AssignmentStatus": 5}, "NumResults": 1, '
    b'"NotifyWorkersFailureStatuses": [{}], "HITs": [null], "Assignments": [null], "BonusPayments": [{}]}',
    b'{"HIT": {"HITId": "H", "Expiration": "rubbish"}, "Assignment": {"SubmitTime": "rubbish"}, "NumResults": 1, '
    b'"HITs": [{"Expiration": "rubbish"}], "Assignments": [{"SubmitTime": "rubbish"}], '
    b'"BonusPayments": [{"GrantTime": "rubbish"}], "AvailableBalance": "1.2.3"}',
]  # fmt: skip
ASKED = {
    "how an offer stands": lambda: channel().standing("H" * 30),
    "what was handed in": lambda: list(channel().collect("H" * 30)),
    "what was said of a slot": lambda: channel().verdict("A" * 30),
    "all offers": lambda: list(channel().offers()),
    "an offer by its key": lambda: channel().find("labelcrowd:1"),
    "the bonuses of a slot": lambda: channel().bonuses("A" * 30),
    "the statement": lambda: channel().statement(["H" * 30]),
    "the balance": lambda: channel().balance(),
    "a message": lambda: channel().notify(["W" * 14], subject="s", text="t"),
}


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("verb", ASKED.values(), ids=ASKED)
def test_what_cannot_be_read_is_not_known(market, verb, status):
    said = iter(WORDS)
    between(market.client(), iter(lambda: lambda request: answered(request, status, next(said)), None))

    for _ in WORDS[: 6 if status == 400 else None]:
        with pytest.raises(ChannelUnknown):
            verb()


def test_one_row_that_cannot_be_read_keeps_no_other_from_being_taken_in_and_the_offer_open(market):
    launched(items=4, page_size=2, redundancy=1, price=10)
    for _ in range(2):
        accept(market).work()
    offer = Publication.objects.get()

    def lacks_a_name(request):
        answer = send(request)
        said = json.loads(answer.content)
        if "Assignments" in said:
            del said["Assignments"][0]["WorkerId"]
        return answered(request, answer.status_code, json.dumps(said).encode())

    between(market.client(), iter(lambda: lacks_a_name, None))
    outside.collect(offer.pk)

    offer.refresh_from_db()
    assert sorted(Claim.objects.values_list("state", flat=True)) == ["claimed", "confirmed"]
    assert offer.state == "live"
    assert "KeyError" in offer.problem


def test_a_list_that_leads_back_to_a_page_of_it_is_given_up(market):
    body = json.dumps({"NumResults": 0, "HITs": [], "NextToken": "again"}).encode()
    asked = []

    def again(request):
        asked.append(request)
        assert len(asked) < 5, "it goes on for ever"
        return answered(request, 200, body)

    between(market.client(), iter(lambda: again, None))

    with pytest.raises(ChannelUnknown, match="never ends"):
        channel().find("labelcrowd:1")
