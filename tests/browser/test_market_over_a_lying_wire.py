"""Our channel against our own service, end to end: worked on in a real frame, while the wire between the two lies.

Two organizations with books of their own. In the end both say the same, to the cent.
"""

import boto3
import pytest
from playwright.sync_api import expect

from apps.channels.models import Claim, Publication, Reconciliation
from apps.channels.mturk import channel
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.members.models import User
from apps.payments import services as payments
from apps.payments.models import Obligation
from apps.pipeline import flow
from apps.pipeline.findings import NotReady
from apps.quality.models import Consensus
from apps.turkapi.models import Hit
from apps.turkapi.services import keys
from apps.workforce.models import Worker
from infra.house.lying import dice, lying
from tests.browser.working import PASSWORD
from tests.channels.market import looked_at, offered
from tests.turkapi import over_boto3

pytestmark = pytest.mark.django_db(transaction=True)
PRICE, BONUS = 10, 25  # cents
FEES = [20, 20, 5, 20, 1]  # Amazon's, on both sides: a fifth of each
TAKEN = 2 + 2 + 5  # for two pages and a bonus


@pytest.fixture
def wire(settings, monkeypatch, live_server):
    """Return the requester at a market that this site itself is, and the wire that leads there, which lies."""
    user = over_boto3.requester(funds=100_000)
    key, secret = keys.make(over_boto3.organization_of(user), user=user)
    settings.MTURK_FEES, settings.TURK_FEES, settings.MTURK_RATE = FEES, FEES, [1000, 1000]
    settings.MARKET_LAG_SECONDS = 0
    settings.MARKET_ORIGINS = [live_server.url]
    # Another host than the one that shows it, as markets are: so its scripts are of its own origin in the frame.
    settings.PUBLIC_URL = live_server.url.replace("localhost", "127.0.0.1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with lying("localhost", live_server.thread.port, faults=dice(5, share=0.4), at="localhost") as wire:
        for name, value in {
            "AWS_ENDPOINT_URL_MTURK": f"{wire.address}/mturk/", "AWS_ACCESS_KEY_ID": key.pk,
            "AWS_SECRET_ACCESS_KEY": secret,
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        channel.channel.cache_clear()
        yield user, wire
        channel.channel.cache_clear()


def persist(done, act=looked_at) -> None:
    """Do something again and again until what is to come of it has come: the wire loses much of it."""
    for _ in range(60):
        act()
        if done():
            return
    raise AssertionError(f"it never came; {Publication.objects.values_list('state', 'problem')}")


def launched(**values):
    """Return a campaign that was launched; the market's balance was asked for over the wire."""
    campaign = offered(**values)

    def launch() -> None:
        try:
            flow.launch(campaign)
        except NotReady as error:
            assert "can't be asked" in str(error)

    persist(lambda: campaign.state != "draft", launch)
    persist(lambda: Hit.objects.exists())
    return campaign


def test_a_campaign_runs_over_a_wire_that_lies_and_both_books_are_equal_to_the_cent(wire, visit):
    user, wire = wire
    market = over_boto3.organization_of(user)
    campaign = launched(items=2, page_size=2, redundancy=2, price=PRICE)

    for name, width in (("wanda", 1280), ("willi", 390)):
        person = User.objects.create_user(f"{name}@example.org", PASSWORD, name=name)
        Worker.objects.create(organization=market, user=person, external_id=name)
        page = visit(user=person, at="/work/", width=width)
        page.get_by_role("button", name="Start").click()
        frame = page.frame_locator("#frame")
        for question in (1, 2):
            frame.locator(f"#question-{question}").get_by_role("radio", name="dog").check()
        frame.get_by_role("button", name="Hand in").click()
        expect(page.get_by_role("heading", name="Handed in")).to_be_visible(timeout=60_000)

    persist(lambda: Claim.objects.filter(state="confirmed").count() == 2)
    payments.pay_bonus(
        Claim.objects.first().worker, amount=BONUS, currency="USD", reference="bonus 1", reason="Thorough",
        by=user, campaign=campaign,
    )  # fmt: skip
    # Deleted at the market, as the last of all: that is not before both lists were compared.
    persist(lambda: set(Publication.objects.values_list("state", flat=True)) == {"disposed"})

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert Consensus.objects.filter(campaign=campaign).count() == 2
    row = Reconciliation.objects.latest("made_at")
    assert (row.agrees, row.ours, row.ours_amount, row.market_amount) == (True, 3, 2 * PRICE + BONUS, 2 * PRICE + BONUS)
    theirs = Obligation.objects.filter(organization=market)
    assert sorted(theirs.values_list("kind", "amount")) == [("bonus", BONUS), ("work", PRICE), ("work", PRICE)]
    assert books.balance(market, kind="funds", currency="USD") == 100_000 - 2 * PRICE - BONUS - TAKEN
    assert books.balance(market, kind="fees", owner="service:mturk", currency="USD") == TAKEN
    assert books.balance(campaign.organization, kind="fees", owner="channel:mturk", currency="USD") == TAKEN
    assert row.fees == TAKEN
    assert books.balance(campaign.organization, kind="payable", currency="USD") == 0
    assert Budget.objects.get(owner=campaign.key).held == 0
    assert books.imbalances() == []
    assert wire.happened.total() - wire.happened["fine"] > 5
