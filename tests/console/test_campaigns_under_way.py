"""A campaign under way as its requester sees it: numbers by fragments, what is behind them, and items one by one."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import Campaign
from apps.members.models import Role, Trail
from apps.pipeline import flow
from apps.quality import services as quality
from apps.quality.models import Adjudication, Consensus
from apps.reports import live
from apps.work import services as work
from apps.work.models import Task
from tests import belt
from tests.console.house import client_of, page
from tests.factories import member
from tests.running import answered, handed_in, running, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


def disputed():
    """Return a campaign over two items on one of which workers disagree, combined."""
    campaign = running(items=2, redundancy=3, page_size=2)
    for n in range(3):
        worker = worker_of(campaign)
        leased = work.lease(campaign, worker=worker)
        given = answered(leased)
        odd = leased.places.order_by("task_id").last().token.hex
        given[odd] = {"answer": ["cat", "dog", "cow"][n]}
        flow.submit(leased.pk, worker=worker, answers=given)
    quality.combine(campaign)
    return campaign


def text(response) -> str:
    return response.content.decode()


def test_the_fragment_tells_what_stands_behind_the_numbers():
    campaign = disputed()

    shown = text(client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "behind")))

    assert "Agreement for each label" in shown
    assert str(campaign.seats.first().worker) in shown
    assert Task.objects.order_by("pk").last().item.external_id in shown
    assert 'hx-trigger="every 1s ' in shown


def test_a_change_shows_within_two_seconds():
    campaign = running(items=20, redundancy=2, page_size=2)
    browser = client_of(campaign.organization, Role.REQUESTER)
    assert "0 / 40" in text(browser.get(page(campaign, "progress")))
    handed_in(campaign)

    began = time.monotonic()
    while "2 / 40" not in (shown := text(browser.get(page(campaign, "progress")))):
        assert time.monotonic() - began < 1, "and the page asks each second"
        time.sleep(0.1)

    assert "As of" not in shown
    assert 'hx-trigger="every 1s"' in shown


@pytest.mark.parametrize("name", ["progress", "behind"])
def test_what_is_older_than_two_seconds_says_of_when_it_is(name):
    campaign = disputed()
    browser = client_of(campaign.organization, Role.REQUESTER)
    now = datetime(2026, 11, 30, 14, 3, 22, tzinfo=UTC)

    with time_machine.travel(now, tick=False):
        at_once = browser.get(page(campaign, name))
        for of, read in (("numbers", live.numbers), ("behind", live.behind)):  # as if it had taken half a second
            cache.set(f"live.{of}:{campaign.pk}:{campaign.state}", read(campaign), 5)
    with time_machine.travel(now + timedelta(seconds=4), tick=False):
        later = browser.get(page(campaign, name), {"seen": at_once.context.get("seen", "")})

    assert "As of" not in text(at_once)
    assert ">14:03:22 UTC</time>" in text(later)


def test_what_was_seen_already_is_not_sent_again():
    campaign = disputed()
    browser = client_of(campaign.organization, Role.REQUESTER)
    seen = browser.get(page(campaign, "behind")).context["seen"]

    again = browser.get(page(campaign, "behind"), {"seen": seen})
    campaign.move(Campaign.State.PAUSED)
    after = browser.get(page(campaign, "behind"), {"seen": seen})

    assert (again.status_code, after.status_code) == (204, 200)


def test_the_least_sure_item_comes_first():
    campaign = disputed()

    hardest = live.behind(campaign).hardest

    assert hardest[0].task == Task.objects.order_by("pk").last().pk
    assert hardest[0].confidence < hardest[1].confidence


def test_with_one_answer_an_item_agreement_is_not_known():
    campaign = running(items=2, redundancy=1, page_size=2)
    handed_in(campaign)
    quality.combine(campaign)
    browser = client_of(campaign.organization, Role.REQUESTER)

    for name in ("progress", "behind"):
        assert "ot known" in text(browser.get(page(campaign, name)))


def test_who_watches_again_at_once_costs_no_reading_of_the_tables():
    campaign = disputed()
    live.numbers(campaign)
    live.behind(campaign)

    with CaptureQueriesContext(connection) as queries:
        live.numbers(campaign)
        live.behind(campaign)

    assert all("cache" in query["sql"] for query in queries)


def test_what_is_behind_costs_the_same_number_of_queries_for_few_and_many():
    few, many = disputed(), running(items=30, redundancy=2, page_size=10)
    for _ in range(6):
        handed_in(many)
    quality.combine(many)
    counts = []

    for campaign in (few, many):
        with CaptureQueriesContext(connection) as queries:
            live._behind(campaign)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_all_answers_to_an_item_stand_side_by_side():
    campaign = disputed()
    task = Task.objects.order_by("pk").last()

    response = client_of(campaign.organization, Role.REQUESTER).get(f"{page(campaign, 'task')}?task={task.pk}")

    assert sorted(one.text for one in response.context["given"]) == ["cat", "cow", "dog"]
    assert sum(one.same for one in response.context["given"]) == 1


def test_the_history_tells_who_decided_what_and_why():
    campaign = running(items=2, price=10, suggestion_field="guess", show=["text"])
    boss = member(campaign.organization, Role.REQUESTER, name="Rita Moreau")
    flow.change_terms(campaign, redundancy=1, price=12, by=boss)
    flow.change_suggestions(campaign, to="reviewers", withheld=0.5, reason="to compare", by=boss)

    shown = text(client_of(campaign.organization, Role.REVIEWER).get(page(campaign, "history")))

    assert "price: 0.10 USD → 0.12 USD" in shown
    assert "suggested to: nobody → reviewers" in shown
    assert "suggestion withheld: 20% → 50%" in shown
    assert shown.index("to compare") < shown.index("0.12 USD") < shown.index("Launch")
    assert shown.count("Rita Moreau") == 2


def test_an_answer_in_other_letters_is_the_label():
    campaign = running(items=1, redundancy=2, page_size=1, kind="free_text", settings={"question": "What is it?"})
    for given in ("No entry", "no  Entry"):
        handed_in(campaign, answer=given)
    quality.combine(campaign)

    response = client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "task"))

    assert {one.text: one.same for one in response.context["given"]} == {"No entry": True, "no  Entry": True}


def test_a_disputed_item_is_settled_by_one_of_its_answers_and_that_can_be_taken_back():
    campaign = disputed()
    task = Task.objects.order_by("pk").last()
    browser = client_of(campaign.organization, Role.REQUESTER)
    address = f"{page(campaign, 'task')}?task={task.pk}"

    browser.post(address, {"given": '"dog"'})
    label = Consensus.objects.get(task=task)
    assert (label.answer, label.confidence, label.method) == ("dog", 1.0, "adjudicated")
    refused = browser.post(address, {"given": '"owl"'})
    browser.post(address, {"withdraw": "1"})
    belt.run()

    assert "owl" in text(refused)
    assert Consensus.objects.get(task=task).method != "adjudicated"
    verbs = Trail.objects.filter(subject=f"task:{task.pk}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["adjudicate", "withdraw adjudication"]


def test_who_may_not_settle_is_not_offered_to_and_is_refused():
    campaign = disputed()
    browser = client_of(campaign.organization, Role.FINANCE)

    answered = browser.post(f"{page(campaign, 'task')}", {"given": '"dog"'})

    assert answered.status_code in (403, 404)
    assert not Adjudication.objects.exists()


def test_a_task_of_another_campaign_is_not_shown():
    mine, theirs = disputed(), disputed()
    foreign = Task.objects.filter(campaign=theirs).first()

    response = client_of(mine.organization, Role.REQUESTER).get(f"{page(mine, 'task')}?task={foreign.pk}")

    assert response.context["task"].campaign_id == mine.pk


def test_broken_items_are_listed_with_what_was_said_and_offered_again():
    campaign = running(items=1, redundancy=1, page_size=1, broken_after=1)
    worker = worker_of(campaign)
    leased = work.lease(campaign, worker=worker)
    flow.submit(leased.pk, worker=worker, answers={next(iter(answered(leased))): {"broken": "<b>cut off</b>"}})
    browser = client_of(campaign.organization, Role.REQUESTER)

    shown = text(browser.get(page(campaign, "broken")))
    browser.post(page(campaign, "broken"), {"task": [Task.objects.get().pk]})

    assert "&lt;b&gt;cut off&lt;/b&gt;" in shown  # what people write is shown as text
    assert Task.objects.get().state == "open"


def test_a_reviewer_watches_and_changes_nothing_of_the_campaign():
    campaign = disputed()
    browser = client_of(campaign.organization, Role.REVIEWER)

    for name in ("progress", "behind", "broken", "task"):
        assert browser.get(page(campaign, name)).status_code == 200, name
    assert browser.post(page(campaign, "broken"), {}).status_code == 403
    assert not campaign.gold.exists()


def test_least_pay_is_set_by_an_admin_in_the_major_unit_and_leaves_a_line():
    campaign = running(items=1)
    boss = client_of(campaign.organization, Role.ADMIN)

    refused = boss.post("/admin/campaigns/paypolicy/add/", _policy(campaign, "12.505"))
    boss.post("/admin/campaigns/paypolicy/add/", _policy(campaign, "12.50"))

    policy = campaign.organization.pay_policies.get()
    assert "has more decimals than USD" in text(refused)
    assert (policy.hourly, policy.currency) == (1250, "USD")
    assert client_of(campaign.organization, Role.REQUESTER).get("/admin/campaigns/paypolicy/add/").status_code == 403


def _policy(campaign, hourly: str) -> dict[str, object]:
    return {"organization": campaign.organization_id, "currency": "USD", "hourly": hourly}
