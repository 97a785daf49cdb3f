"""What the shell does about a market has its call: bonuses up to a wage, what it holds, offers that nothing watches."""

from itertools import count

import pytest
from django.db import OperationalError, connection

from apps.campaigns.models import PayPolicy
from apps.channels.models import Publication
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.members.models import Role, Trail
from apps.payments.models import Obligation
from apps.pipeline import fair_pay, flow, market_books, market_purses
from apps.pipeline.models import Operation
from apps.work.models import Assignment
from tests import belt
from tests.api.machine import JSON, V1, machine
from tests.channels.faults import between, throttled
from tests.channels.market import launched, looked_at, worked
from tests.channels.test_four_eyes import limited
from tests.channels.test_when_money_runs_low import two
from tests.console.test_commands import said
from tests.factories import OrganizationFactory, member
from tests.running import deposit

pytestmark = pytest.mark.django_db


def slow(market):
    """Return a campaign of which one page took an hour, and finance's client."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worked(market)
    Assignment.objects.filter(campaign=campaign).update(active_seconds=3600)
    deposit(campaign, 5000)
    return campaign, machine(campaign.organization, Role.FINANCE)


def test_who_lacks_how_much_is_told_then_paid_once_and_named_in_the_trail(market):
    campaign, finance = slow(market)
    address = f"{V1}/campaigns/{campaign.pk}/wage-top-up"

    told = finance.post(address, {"hourly": 150, "dry_run": True}, **JSON).json()
    assert not Obligation.objects.filter(kind="bonus").exists()
    paid = [finance.post(address, {"hourly": 150}, **JSON, HTTP_IDEMPOTENCY_KEY="k").json() for _ in range(2)]
    again = finance.post(address, {"hourly": 150}, **JSON).json()
    looked_at()

    owed = Obligation.objects.get(kind="bonus", organization=campaign.organization)
    assert told == paid[0] == paid[1] == {"results": [{"worker": str(owed.worker_id), "amount": 140}], "to_sign": 0}
    assert (again["results"], owed.amount, owed.settlement.channel) == ([], 140, "mturk")
    assert Trail.objects.get(verb="bonus", organization=campaign.organization).actor == owed.created_by


def of_two(market, monkeypatch, *, funds):
    """Return where two workers' bonuses of 140 cents are asked for, each to be owed by itself, and finance's client."""
    monkeypatch.setattr(fair_pay, "AT_ONCE", 1, raising=False)
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    for _ in range(2):
        worked(market)
    Assignment.objects.filter(campaign=campaign).update(active_seconds=3600)
    deposit(campaign, funds)
    of = campaign.organization
    more = books.balance(of, kind="funds", currency="USD") - funds
    ledger.refund(of, amount=more, currency="USD", reference="out", by=member(of))
    return f"{V1}/campaigns/{campaign.pk}/wage-top-up", machine(campaign.organization, Role.FINANCE)


def owed_so_far():
    bonuses = Obligation.objects.filter(kind="bonus", worker__channel="mturk")  # ours: the market has its own of them
    return list(bonuses.order_by("pk").values_list("amount", flat=True))


def dies(finance, address):
    """Ask for the top-up, and have the database go away as the second worker is to be owed theirs."""
    inserts = count(1)

    def wrapper(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "payments_obligation"') and next(inserts) == 2:
            raise OperationalError("the connection is gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper), pytest.raises(OperationalError):
        finance.post(address, {"hourly": 150}, **JSON, HTTP_IDEMPOTENCY_KEY="k")


def test_a_top_up_that_died_amid_its_workers_is_gone_on_with_under_its_key(market, monkeypatch):
    address, finance = of_two(market, monkeypatch, funds=5000)

    dies(finance, address)
    before = owed_so_far()
    other = finance.post(address, {"hourly": 300}, **JSON, HTTP_IDEMPOTENCY_KEY="k2")
    assert other.status_code == 200  # 300 for an hour: the rest of the first, and all of the second
    answers = [finance.post(address, {"hourly": 150}, **JSON, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]

    assert before == [140]
    assert owed_so_far() == [140, 150, 290]
    assert answers[0].json() == answers[1].json()
    assert [each["amount"] for each in answers[0].json()["results"]] == [140]
    assert Trail.objects.filter(verb="bonus").count() == 3


def test_what_a_top_up_that_died_did_not_owe_the_belt_does(market, monkeypatch):
    address, finance = of_two(market, monkeypatch, funds=5000)

    dies(finance, address)
    refused = finance.post(address, {"hourly": 300}, **JSON, HTTP_IDEMPOTENCY_KEY="k")
    belt.run()
    assert (refused.status_code, owed_so_far()) == (422, [140, 140])
    planned = Operation.objects.get(verb="top_up_wages")

    assert (planned.state, planned.done, planned.total) == ("done", 2, 2)
    assert planned.result == {"workers": 2, "amount": 280}


def test_where_the_funds_do_not_have_all_of_a_top_up_nobody_is_paid(market, monkeypatch):
    address, finance = of_two(market, monkeypatch, funds=200)

    refused = finance.post(address, {"hourly": 150}, **JSON)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "funds")
    assert owed_so_far() == []
    assert not Operation.objects.filter(verb="top_up_wages").exists()


def test_without_a_wage_it_is_the_organizations_and_without_that_it_is_refused(market):
    campaign, finance = slow(market)
    address = f"{V1}/campaigns/{campaign.pk}/wage-top-up"

    refused = finance.post(address, {}, **JSON)
    PayPolicy.objects.create(organization=campaign.organization, currency="USD", hourly=50)
    paid = finance.post(address, {}, **JSON)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "hourly")
    assert [each["amount"] for each in paid.json()["results"]] == [40]


def test_what_two_have_to_sign_is_told(market):
    campaign, finance = slow(market)
    limited(campaign, 100)

    paid = finance.post(f"{V1}/campaigns/{campaign.pk}/wage-top-up", {"hourly": 150}, **JSON)

    assert paid.json()["to_sign"] == 1


def test_what_a_market_holds_is_told_with_what_ones_own_offers_may_cost(market):
    for campaign in two(of_one=False):
        flow.launch(campaign)
    belt.run()
    market_purses.look_into_purses()

    finance = machine(campaign.organization, Role.FINANCE)
    (beside_others,) = finance.get(f"{V1}/purses").json()["results"]
    Publication.objects.exclude(campaign=campaign).update(state=Publication.State.DISPOSED, held=0)
    (purse,) = finance.get(f"{V1}/purses").json()["results"]

    assert (purse["channel"], purse["environment"], purse["currency"]) == ("mturk", "testserver", "USD")
    assert (purse["balance"], purse["needed"], purse["low_since"]) == (100_000 - 1200, 600, None)
    # What the other organization's offers may still cost could be told by it, from what a dear draft is said to lack.
    assert (beside_others["balance"], beside_others["needed"]) == (None, 600)


def test_a_market_on_which_one_has_nothing_is_not_told_of(market):
    flow.launch(two(of_one=False)[0])
    belt.run()
    market_purses.look_into_purses()

    assert machine(OrganizationFactory(), Role.FINANCE).get(f"{V1}/purses").json()["results"] == []


@pytest.fixture
def lost(market):
    """Return a comparison that found an offer which nothing watches, and that offer's name at the market."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    name = market.hits()[0]
    Publication.objects.filter(name=str(name)).update(name="ANOTHER")
    (row,) = market_books.compare(campaign.organization)
    assert [each["name"] for each in row.orphans] == [str(name)]
    return campaign, row, name


def test_an_offer_that_nothing_watches_is_taken_off_and_any_other_is_not(lost):
    campaign, row, hit = lost
    fin = member(campaign.organization, Role.FINANCE)
    finance, address = machine(campaign.organization, user=fin), f"{V1}/reconciliations/{row.pk}/take-off"

    refused = finance.post(address, {"name": "OTHER"}, **JSON)
    taken = [finance.post(address, {"name": str(hit)}, **JSON, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]

    hit.task.refresh_from_db()
    assert (refused.status_code, [each.status_code for each in taken]) == (409, [200, 200])
    assert hit.task.wanted == hit.task.taken == 0
    line = Trail.objects.get(verb="take off")
    assert (line.subject, line.actor) == (f"mturk:{hit}", fin)


def test_by_the_shell_it_leaves_a_line_too(lost):
    campaign, _row, hit = lost

    said("mturk", "expire", str(hit), "--organization", campaign.organization.slug)

    assert Trail.objects.get(verb="take off").subject == f"mturk:{hit}"


def test_while_the_market_can_not_be_asked_the_same_key_may_try_again(lost, market):
    campaign, row, hit = lost
    finance, address = machine(campaign.organization, Role.FINANCE), f"{V1}/reconciliations/{row.pk}/take-off"
    between(market.client(), iter([throttled]))

    answers = [finance.post(address, {"name": str(hit)}, **JSON, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]

    assert [each.status_code for each in answers] == [503, 200]
    assert "Retry-After" in answers[0]
