"""Making a campaign step by step: a row from the first step on, each step checked by itself, in words of people."""

from typing import Any

import pytest
from django.test import Client

from apps.campaigns import services
from apps.campaigns.models import Campaign, PayPolicy
from apps.console.wizard.steps import STEPS
from apps.core import clock
from apps.members.models import Role
from tests.console.house import client_of, page
from tests.factories import CHOICE, DatasetFactory, ItemFactory, draft
from tests.running import running

pytestmark = pytest.mark.django_db
SINGLE = {"question": "Which animal is it?", "options": "cat\ndog | Dog or puppy\nnone | Neither | also if empty | n"}


def begun(**values: Any) -> tuple[Client, Campaign]:
    """Return a requester's browser, and the draft that it began over two items."""
    dataset = DatasetFactory()
    ItemFactory.create_batch(2, dataset=dataset, data={"text": "It meows", "truth": "cat"})
    browser = client_of(dataset.organization, Role.REQUESTER)
    typed = {"name": "Animals", "dataset": dataset.pk, "kind": "single_choice", **values}
    browser.post("/admin/campaigns/campaign/add/", typed)
    return browser, Campaign.objects.get(dataset=dataset)


def step(campaign: Campaign, name: str) -> str:
    return page(campaign, f"setup_{name}")


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_first_step_makes_a_row_and_leads_to_the_next():
    browser, campaign = begun()

    response = browser.get(page(campaign, "set_up"))

    assert (campaign.name, campaign.state, campaign.kind) == ("Animals", "draft", "single_choice")
    assert campaign.created_by is not None
    assert response["Location"] == step(campaign, "labels")


def test_no_kind_is_chosen_before_somebody_chose_one():
    browser, _campaign = begun()

    asked = text(browser.get("/admin/campaigns/campaign/add/"))

    assert 'type="radio"' in asked
    assert "checked" not in asked


@pytest.mark.parametrize(("name", "kind"), [("", "single_choice"), ("Animals", "single_choice"), ("Birds", "")])
def test_a_campaign_without_a_name_of_its_own_or_a_kind_is_not_begun(name, kind):
    browser, campaign = begun()

    response = browser.post(
        "/admin/campaigns/campaign/add/", {"name": name, "dataset": campaign.dataset_id, "kind": kind}
    )

    assert response.status_code == 200
    assert "console-error" in text(response)
    assert Campaign.objects.count() == 1


def test_settings_are_asked_for_in_the_words_of_their_kind():
    browser, campaign = begun()

    browser.post(step(campaign, "labels"), {**SINGLE, "show": ["text"]})

    campaign.refresh_from_db()
    assert [(one["value"], one["label"], one["hint"], one["key"]) for one in campaign.settings["options"]] == [
        ("cat", "cat", "", "1"), ("dog", "Dog or puppy", "", "2"), ("none", "Neither", "also if empty", "n"),
    ]  # fmt: skip
    assert campaign.show == ["text"]


def test_settings_come_back_as_they_were_typed():
    browser, campaign = begun()
    browser.post(step(campaign, "labels"), {**SINGLE, "show": ["text"]})

    form = browser.get(step(campaign, "labels")).context["forms"][0]

    assert form.initial["options"].splitlines()[2] == "none | Neither | also if empty | n"


def test_options_that_a_file_gave_as_plain_text_are_shown_as_such():
    campaign = draft(settings=CHOICE)

    form = client_of(campaign.organization, Role.REQUESTER).get(step(campaign, "labels")).context["forms"][0]

    assert form.initial["options"] == "cat\ndog\ncow"


def test_what_tells_the_answer_is_not_shown_unless_it_is_asked_for():
    browser, campaign = begun()

    shown = browser.get(step(campaign, "labels")).context["forms"][1]

    assert shown.initial["show"] == ["text"]


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("single_choice", {"question": "Which?", "options": "cat"}, "options"),
        ("single_choice", {"question": "", "options": "cat\ndog"}, "question"),
        ("rating", {"question": "How?", "lowest": "5", "highest": "1"}, "highest"),
        ("rating", {"question": "How?", "lowest": "1", "highest": "5", "labels": "9 = great"}, "labels"),
        ("number", {"question": "How many?", "least": "0", "most": "10", "decimals": "9"}, "decimals"),
        ("pairwise", {"question": "Which?", "left": "text", "right": "text"}, "right"),
    ],
)
def test_what_is_wrong_with_settings_is_told_beside_its_control(kind, typed, field):
    browser, campaign = begun(kind=kind)

    response = browser.post(step(campaign, "labels"), {**typed, "show": ["text"]})

    campaign.refresh_from_db()
    assert field in response.context["forms"][0].errors
    assert campaign.settings == {}


@pytest.mark.parametrize(
    ("kind", "typed", "settings"),
    [
        ("rating", {"lowest": "-4", "highest": "4", "labels": "4 = great"}, {"labels": {"4": "great"}}),
        ("number", {"least": "0", "most": "9.5", "decimals": "1", "unit": "kg"}, {"most": 9.5, "unit": "kg"}),
        ("pairwise", {"left": "text", "right": "truth", "tie": "on"}, {"tie": True, "right": "truth"}),
        ("multiple_choice", {"options": "a\nb\nc", "most": "2"}, {"least": 0, "most": 2}),
        ("free_text", {"lines": "5"}, {"lines": 5, "longest": 1000}),
    ],
)  # fmt: skip
def test_every_kind_is_set_up_without_a_file(kind, typed, settings):
    browser, campaign = begun(kind=kind)

    browser.post(step(campaign, "labels"), {"question": "What?", **typed, "show": ["text", "truth"]})

    campaign.refresh_from_db()
    assert {name: campaign.settings[name] for name in settings} == settings


def test_shares_and_times_are_typed_as_people_say_them():
    browser, campaign = begun()
    campaign.show = ["text"]

    browser.post(
        step(campaign, "gold"),
        {"gold_share": "12.5", "early_gold": "1", "least_gold_accuracy": "60", "least_gold_answers": "3",
         "when_gold_is_used_up": "stop"},
    )  # fmt: skip
    browser.post(
        step(campaign, "quality"),
        {"redundancy": "5", "page_size": "4", "lease_seconds_amount": "1.5", "lease_seconds_unit": "3600",
         "method": "majority", "approve_after_seconds_amount": "2", "approve_after_seconds_unit": "86400",
         "grace_seconds_amount": "10", "grace_seconds_unit": "60", "broken_after": "3", "pilot_items": "20",
         "review": "person",
         "pilot_least_gold_accuracy": "70", "pilot_least_agreement": "0.6"},
    )  # fmt: skip

    campaign.refresh_from_db()
    assert (campaign.gold_share, campaign.least_gold_accuracy) == (0.125, 0.6)
    assert (campaign.lease_seconds, campaign.approve_after_seconds, campaign.grace_seconds) == (5400, 172_800, 600)
    assert campaign.review == "person"
    assert (campaign.pilot_items, campaign.pilot_least_gold_accuracy, campaign.pilot_least_agreement) == (20, 0.7, 0.6)


def test_what_was_kept_is_shown_again_in_the_same_words():
    browser, campaign = begun()
    Campaign.objects.filter(pk=campaign.pk).update(lease_seconds=5400, gold_share=0.125)

    quality, gold = (text(browser.get(step(campaign, name))) for name in ("quality", "gold"))

    assert 'value="90"' in quality
    assert 'value="12.5"' in gold


def test_a_pilot_is_of_ten_items_at_least():
    browser, campaign = begun()
    shown = browser.get(step(campaign, "quality")).context["forms"]
    kept = {name: value for one in shown for name, value in one.initial.items() if name in one.fields}
    typed = {name: "" if value is None else str(value) for name, value in kept.items()}
    times = {f"{name}_{part}": value for name in ("lease_seconds", "approve_after_seconds", "grace_seconds")
             for part, value in (("amount", "30"), ("unit", "60"))}  # fmt: skip

    answers = {**typed, **times, "target_confidence": "98", "pilot_items": "5"}
    response = browser.post(step(campaign, "quality"), answers)

    assert "from 10 to 100" in text(response)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"price": "0.255", "currency": "USD", "budget": "10"}, "price"),
        ({"price": "0.25", "currency": "USD", "budget": "-1"}, "budget"),
        ({"price": "0.25", "currency": "usd", "budget": "1"}, "price"),
    ],
)
def test_amounts_that_can_not_be_are_told_beside_their_control(typed, field):
    browser, campaign = begun()

    response = browser.post(step(campaign, "pay"), typed)

    assert field in response.context["forms"][0].errors


def test_pay_tiers_are_typed_as_a_skill_and_a_price_each():
    browser, campaign = begun()
    typed = {"price": "0.25", "currency": "USD", "budget": "50"}

    browser.post(step(campaign, "pay"), {**typed, "pay_tiers": "95: 0.40, 90%: 0.30"})

    campaign.refresh_from_db()
    assert campaign.pay_tiers == [{"skill": 0.9, "price": 30}, {"skill": 0.95, "price": 40}]
    assert "90: 0.30, 95: 0.40" in browser.get(step(campaign, "pay")).content.decode()


@pytest.mark.parametrize("tiers", ["90", "good: 0.30", "90: 0.20", "900: 0.30"])
def test_tiers_that_can_not_be_are_told_beside_their_control(tiers):
    browser, campaign = begun()

    response = browser.post(
        step(campaign, "pay"), {"price": "0.25", "currency": "USD", "budget": "50", "pay_tiers": tiers}
    )

    assert "pay_tiers" in response.context["forms"][0].errors


def test_guidelines_are_published_once_for_each_change():
    browser, campaign = begun()

    for words in ("Look closely.", "Look closely.", "Look again."):
        browser.post(step(campaign, "guidelines"), {"guidelines": words, "senses": ["sight"], "content_warning": ""})

    campaign.refresh_from_db()
    assert [one.text for one in campaign.guidelines.all()] == ["Look again.", "Look closely."]
    assert campaign.senses == ["sight"]


def test_the_choice_of_a_market_says_what_it_reaches_today():
    campaign = draft()

    asked = client_of(campaign.organization, Role.REQUESTER).get(step(campaign, "who")).content.decode()

    assert "The market is the endpoint that AWS_ENDPOINT_URL_MTURK names" in asked
    assert "own closed on 2026-09-30" in asked


def test_who_may_work_is_said_in_names_and_per_cent():
    other = running(name="Before")
    campaign = draft(dataset=other.dataset, items=1)
    browser = client_of(campaign.organization, Role.REQUESTER)

    browser.post(
        step(campaign, "who"),
        {"channel": "simulated", "groups": "experts, testers", "languages": "", "qualifications": "german",
         "least_skill": "80", "skill_scope": other.key, "most_pages": "7"},
    )  # fmt: skip

    campaign.refresh_from_db()
    assert (campaign.channel, campaign.groups, campaign.qualifications) == (
        "simulated",
        ["experts", "testers"],
        ["german"],
    )
    assert (campaign.least_skill, campaign.skill_scope, campaign.most_pages) == (0.8, other.key, 7)


def test_a_finished_draft_leads_to_the_launch():
    campaign = draft(settings=CHOICE, show=["text"], price=10, budget=1000)

    response = client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "set_up"))

    assert response["Location"] == page(campaign, "launch")


def test_the_launch_page_leads_to_what_mends_it():
    campaign = draft(items=4, price=100, budget=0, redundancy=2, page_size=2)

    shown = text(client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "launch")))

    assert f'href="{step(campaign, "pay")}"' in shown


def test_a_launched_campaign_has_no_steps_any_more():
    campaign = running(items=2)
    browser = client_of(campaign.organization, Role.REQUESTER)

    for one in STEPS:
        assert browser.get(step(campaign, one.name))["Location"] == page(campaign, "change")


def test_a_draft_can_be_gone_on_with_by_a_colleague():
    _browser, campaign = begun()

    response = client_of(campaign.organization, Role.REQUESTER).post(
        step(campaign, "pay"), {"price": "0.30", "currency": "EUR", "budget": "5.00"}
    )

    campaign.refresh_from_db()
    assert response.status_code == 302
    assert (campaign.price, campaign.currency) == (30, "EUR")


def test_five_answers_of_ones_own_tell_what_an_hour_pays(time_machine):
    campaign = draft(items=6, settings=CHOICE, price=10, page_size=5)
    browser = client_of(campaign.organization, Role.REQUESTER)
    address = page(campaign, "answer")
    time_machine.move_to("2026-11-24T10:00:00+00:00", tick=False)
    for _ in range(5):
        began = browser.get(address).context["began"]
        time_machine.shift(6)

        address = browser.post(address, {"answer.value": "cat", "began": began})["Location"]
        address = address if address.startswith("/") else f"{page(campaign, 'answer')}{address}"

    campaign.refresh_from_db()
    assert campaign.seconds_tried == pytest.approx(6)
    assert "12.00 USD" in text(browser.get(step(campaign, "pay")))  # 600 questions an hour, at 2 cents
    assert "<strong>0.15 USD</strong>" in text(browser.get(f"{step(campaign, 'pay')}?hourly=18.00"))


def answered_in(browser, campaign, time_machine, *, seconds):
    """Answer an item oneself, so many seconds after it was shown."""
    began = browser.get(page(campaign, "answer")).context["began"]
    time_machine.shift(seconds)
    return browser.post(page(campaign, "answer"), {"answer.value": "cat", "began": began})


@pytest.mark.parametrize(
    "change",
    [{"settings": {**CHOICE, "question": "Which of them?"}}, {"guidelines": "Look twice."}, {"show": ["text"]}],
)
def test_times_of_another_question_do_not_price_this_one(time_machine, change):
    campaign = draft(items=12, settings=CHOICE, price=10, page_size=5)
    browser = client_of(campaign.organization, Role.REQUESTER)
    time_machine.move_to("2026-11-24T10:00:00+00:00", tick=False)
    for _ in range(4):
        answered_in(browser, campaign, time_machine, seconds=60)
    services.amend(campaign, values=change)

    done = browser.get(page(campaign, "answer")).context["done"]
    answered_in(browser, campaign, time_machine, seconds=60)
    campaign.refresh_from_db()
    after_one = campaign.seconds_tried
    services.amend(campaign, values={"redundancy": 5})  # asks the same
    for _ in range(4):
        answered_in(browser, campaign, time_machine, seconds=6)

    campaign.refresh_from_db()
    assert (done, after_one) == (0, None)
    assert campaign.seconds_tried == pytest.approx(6)


def test_the_time_of_a_question_that_was_changed_while_it_was_looked_at_does_not_count(time_machine):
    campaign = draft(items=12, settings=CHOICE)
    browser = client_of(campaign.organization, Role.REQUESTER)
    began = browser.get(page(campaign, "answer")).context["began"]
    services.amend(campaign, values={"guidelines": "Look twice."})

    answer = browser.post(page(campaign, "answer"), {"answer.value": "cat", "began": began}, follow=True)

    assert "how long that took is not counted" in text(answer)
    assert answer.context["done"] == 0


def test_an_answer_of_ones_own_may_become_gold_and_its_item_is_not_asked_again():
    campaign = draft(items=2, settings=CHOICE)
    browser = client_of(campaign.organization, Role.REQUESTER)
    address = f"{page(campaign, 'answer')}?keep=1"
    first = browser.get(address).context["asked"]

    browser.post(address, {"answer.value": "dog", "reason": "it barks", "teaching": "1"})

    gold = campaign.gold.get()
    assert (gold.item, gold.answers, gold.reason, gold.teaching) == (first, ["dog"], "it barks", True)
    assert browser.get(address).context["asked"] != first


def test_what_becomes_gold_is_not_timed_as_its_reason_takes_longer_than_its_answer():
    campaign = draft(items=9, settings=CHOICE)
    browser = client_of(campaign.organization, Role.REQUESTER)
    address = f"{page(campaign, 'answer')}?keep=1"

    for _ in range(6):
        browser.post(
            address, {"answer.value": "dog", "reason": "it barks", "began": browser.get(address).context["began"]}
        )

    campaign.refresh_from_db()
    assert campaign.gold.count() == 6
    assert campaign.seconds_tried is None
    assert browser.get(page(campaign, "answer")).context["done"] == 0


def test_an_answer_that_is_none_is_told_and_kept_nowhere():
    campaign = draft(items=2, settings=CHOICE)
    browser = client_of(campaign.organization, Role.REQUESTER)

    response = browser.post(f"{page(campaign, 'answer')}?keep=1", {"answer.value": "owl"})

    assert "owl" in text(response)
    assert not campaign.gold.exists()


def test_pay_below_the_organizations_policy_blocks_the_launch():
    campaign = draft(price=10, page_size=5)
    campaign.seconds_tried = 10
    campaign.save()
    PayPolicy.objects.create(organization=campaign.organization, currency="USD", hourly=1200)

    shown = text(client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "launch")))

    assert "n hour pays 7.20 USD" in shown
    assert "pays at least 12.00 USD" in shown
    assert ">Launch</button>" not in shown
    assert campaign.created_at < clock.now()
