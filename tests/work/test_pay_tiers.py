"""A page pays more to workers whose skill is proven; what is in force when it is leased is stored with it."""

import pytest

from apps.aggregation.online import PROVEN
from apps.campaigns import services as campaigns
from apps.campaigns import spec
from apps.ledger import queries as ledger
from apps.ledger.models import Budget
from apps.pipeline import preflight
from apps.reports.offers import offer
from apps.work import services as work
from apps.workforce.models import Skill
from tests.factories import draft
from tests.running import answered, running, tokens, worker_of
from tests.workbench.at_work import html, logged_in

pytestmark = pytest.mark.django_db
TIERS = [{"skill": 0.8, "price": 15}, {"skill": 0.9, "price": 20}]


def skilled(campaign, low, *, scope=None, worker=None):
    """Return a worker the lower end of whose skill is `low`."""
    worker = worker or worker_of(campaign)
    values = {"mean": (1 + low) / 2, "low": low, "high": 1.0, "gold_answers": 20}
    Skill.objects.create(worker=worker, scope=scope or campaign.key, **values)
    return worker


@pytest.mark.parametrize(("low", "price"), [(None, 10), (0.79, 10), (0.8, 15), (0.95, 20)])
def test_the_lower_end_of_the_skill_decides_what_a_page_pays(low, price):
    campaign = running(items=9, page_size=5, price=10, pay_tiers=TIERS)
    worker = worker_of(campaign) if low is None else skilled(campaign, low)

    page = work.lease(campaign, worker=worker)

    assert (page.price, page.held) == (price, price)
    assert Budget.objects.get(owner=campaign.key).held == price


def test_agreement_alone_proves_no_skill_that_pays_more():
    campaign = running(items=9, page_size=5, price=10, pay_tiers=TIERS)
    worker = skilled(campaign, 0.95)
    Skill.objects.filter(worker=worker).update(gold_answers=PROVEN - 1, compared=500)

    assert work.lease(campaign, worker=worker).price == 10


def test_a_page_that_is_out_keeps_its_rate_and_is_paid_by_it():
    campaign = running(items=20, page_size=5, price=10, pay_tiers=TIERS)
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    skilled(campaign, 0.9, worker=worker)

    done = work.submit(page.pk, worker=worker, answers=answered(page))
    next_page = work.lease(campaign, worker=worker)

    assert (done.pay, done.held) == (10, 10)
    assert next_page.price == 20


def test_a_short_page_pays_its_share_of_the_tier():
    campaign = running(items=2, page_size=5, price=10, pay_tiers=TIERS)

    page = work.lease(campaign, worker=skilled(campaign, 0.85))

    assert len(tokens(page)) == 2
    assert page.held == 6  # 15 * 2 / 5


def test_skill_of_another_campaign_counts_where_the_campaign_says_so():
    campaign = running(items=9, price=10, pay_tiers=TIERS, skill_scope="campaign:before")
    here, there = skilled(campaign, 0.95), skilled(campaign, 0.95, scope="campaign:before")

    assert work.lease(campaign, worker=here).price == 10
    assert work.lease(campaign, worker=there).price == 20


def test_the_worst_case_is_that_everybody_reaches_the_dearest_tier():
    plain = draft(items=10, redundancy=3, page_size=5, price=10)
    tiered = draft(items=10, redundancy=3, page_size=5, price=10, pay_tiers=TIERS)

    assert preflight.plan(plain).worst_cost == 60
    assert preflight.plan(tiered).worst_cost == 120


def test_a_budget_of_the_worst_case_is_enough_for_a_crowd_of_the_best():
    campaign = running(items=10, redundancy=3, page_size=5, price=10, pay_tiers=TIERS, budget=120)

    for _ in range(3):
        worker = skilled(campaign, 0.95)
        for _ in range(2):
            page = work.lease(campaign, worker=worker)
            work.submit(page.pk, worker=worker, answers=answered(page))

    budget = ledger.budget(campaign.key)
    assert budget is not None
    assert budget.free == 0


def test_the_offer_tells_the_workers_own_rate_and_what_would_pay_more():
    campaign = running(items=9, page_size=5, price=10, pay_tiers=TIERS)

    found = offer(campaign, skilled(campaign, 0.82))

    assert found.price == 15
    assert [tier["price"] for tier in found.tiers] == [20]


def test_the_list_of_offers_shows_both():
    campaign = running(items=9, page_size=5, price=10, pay_tiers=TIERS)

    text = html(logged_in(campaign).get("/work/"))

    assert "0.10 USD a page" in text
    assert "pays you 0.15 USD once your measured skill is surely at least 80%" in text
    assert "pays you 0.20 USD once your measured skill is surely at least 90%" in text


def test_tiers_are_written_in_the_major_unit_and_read_back_the_same():
    campaign = running(items=9, price=10, pay_tiers=TIERS)

    copy = campaigns.clone(campaign, name="again")

    assert spec.written(campaign)["pay_tiers"] == [{"skill": 0.8, "price": "0.15"}, {"skill": 0.9, "price": "0.20"}]
    assert copy.pay_tiers == TIERS


def test_tiers_of_a_draft_follow_its_currency():
    campaign = draft(items=9, price=10, pay_tiers=TIERS)

    campaigns.amend(campaign, values={"currency": "JPY", "price": "10", "budget": "1000", "pay_tiers": [
        {"skill": 0.9, "price": "12"}
    ]})  # fmt: skip

    assert campaign.pay_tiers == [{"skill": 0.9, "price": 12}]


def test_a_price_that_overtakes_a_tier_does_away_with_it():
    campaign = running(items=9, price=10, pay_tiers=TIERS)

    campaigns.change_terms(campaign, redundancy=3, price=15)

    assert campaign.pay_tiers == [{"skill": 0.9, "price": 20}]
    assert work.lease(campaign, worker=skilled(campaign, 0.85)).price == 15
