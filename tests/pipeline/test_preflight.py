"""What stands against a launch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import money
from apps.ledger import services as ledger
from apps.pipeline import preflight
from tests.factories import ItemFactory, draft

pytestmark = pytest.mark.django_db


def blocks(campaign) -> str:
    return "\n".join(found.sentence for found in preflight.check(campaign) if found.severity == "block")


def ready(**values):
    campaign = draft(**values)
    ledger.deposit(campaign.organization, amount=campaign.budget, currency="USD", reference="1")
    return campaign


def test_a_campaign_with_all_it_needs_is_ready():
    assert blocks(ready(gold=3, gold_share=0.1)) == ""


def test_worst_case_cost_over_the_budget_blocks():
    campaign = ready(items=10, redundancy=3, page_size=5, price=100, budget=599)

    assert "30 places may cost 6.00 USD, the budget is 5.99 USD" in blocks(campaign)


def test_what_reports_of_broken_items_may_cost_besides_is_told_and_blocks_nothing():
    campaign = ready(items=10, redundancy=3, page_size=5, price=100, budget=600, broken_after=2)

    assert preflight.plan(campaign).reports_cost == 200
    assert blocks(campaign) == ""
    notes = [found.sentence for found in preflight.check(campaign)]
    assert any("reports of broken items are paid too, at most 2.00 USD besides" in note for note in notes)


def test_an_organization_without_a_contact_is_told_that_workers_can_ask_nobody():
    campaign = ready()

    found = [finding for finding in preflight.check(campaign) if finding.about == "contact"]
    campaign.organization.contact = "ask@example.org"

    assert [(one.severity, "has no contact" in one.sentence) for one in found] == [("note", True)]
    assert [finding for finding in preflight.check(campaign) if finding.about == "contact"] == []


def test_gold_is_paid_on_top():
    assert preflight.plan(ready(items=11, gold=1, redundancy=1, page_size=1, price=10, gold_share=0.5)).places == 20


def test_a_budget_that_was_not_deposited_blocks():
    assert "has 0.00 USD in its funds" in blocks(draft())


def test_too_few_gold_questions_for_the_workers_cap_blocks():
    campaign = ready(items=50, gold=2, gold_share=0.2, most_pages=10, page_size=5)

    assert "a worker who does 10 pages needs 10 gold questions, and there are 2" in blocks(campaign)


def test_too_few_gold_questions_without_a_cap_are_worth_a_note_only():
    campaign = ready(items=50, gold=2, gold_share=0.2)

    assert blocks(campaign) == ""
    assert any("goes on unscored" in found.sentence for found in preflight.check(campaign))


def test_missing_media_block_with_the_item_named():
    campaign = ready()
    ItemFactory(dataset=campaign.dataset, external_id="lost", data={"image": {"media": "gone.png"}})

    assert "item 'lost' shows 'gone.png', which the dataset does not have" in blocks(campaign)


def test_a_field_to_be_shown_that_items_lack_blocks():
    assert "the field 'picture' is to be shown, but items have ['text']" in blocks(ready(show=["picture"]))


def test_a_person_who_decides_about_every_page_but_has_no_time_for_it_is_worth_a_note():
    told = "pages are paid at once"

    def notes(**values):
        return " ".join(found.sentence for found in preflight.check(ready(**values)) if found.severity == "note")

    assert told in notes(review="person", approve_after_seconds=0)
    assert told not in notes(review="person", approve_after_seconds=60)
    assert told not in notes(review="rule", approve_after_seconds=0)


@given(st.integers(0, 500), st.integers(1, 20), st.data())
def test_no_way_of_cutting_places_into_pages_costs_more_than_the_worst_case(price, page_size, data):
    pages = data.draw(st.lists(st.integers(1, page_size), max_size=30))
    cost = sum(money.half_up(price * places, page_size) for places in pages)

    assert cost <= preflight.worst_cost(sum(pages), price=price, page_size=page_size)


def test_what_workers_will_see_is_told_and_a_field_that_may_tell_the_answer_is_named():
    campaign = ready()
    campaign.dataset.items.update(data={"text": "moo", "Truth": "cow"})

    said = [found.sentence for found in preflight.check(campaign)]

    assert "workers will see: text, Truth" in said
    assert any("the field 'truth' may tell workers the answer" in sentence for sentence in said)
