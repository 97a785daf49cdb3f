"""A worker's way through the workbench in a real browser: by mouse, by keyboard, by touch alone, without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.kinds import names, of
from apps.kinds.framed import FramedKind
from apps.work.models import Assignment, Judgment, Place
from tests.browser.working import PASSWORD, Visit, answer_all, choose, hand_in, log_in, person, radio, sees
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)


def test_by_mouse_from_log_in_to_earnings(visit: Visit):
    campaign = running(items=4, page_size=2, price=10)
    person(campaign)
    page = visit()

    log_in(page)
    page.get_by_role("link", name="Look at it first").click()
    expect(page.get_by_role("heading", name="Questions to try")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    for _ in range(2):
        sees(page, "0 of 2 done")
        choose(page, 1, "cat")
        choose(page, 2, "dog")
        sees(page, "2 of 2 done")
        hand_in(page)
        expect(page.locator("#connection")).to_contain_text("Handed in: 0.10 USD")
    expect(page.get_by_text("There is nothing left for you").first).to_be_visible()
    page.get_by_role("link", name="Earnings").click()

    expect(page.locator(".lc-sums")).to_contain_text("0.20 USD")
    assert sorted(Judgment.objects.values_list("answer", flat=True)) == ["cat", "cat", "dog", "dog"]
    assert all(seconds >= 0 for seconds in Assignment.objects.values_list("active_seconds", flat=True))


def test_by_keyboard_alone(visit: Visit):
    campaign = running(items=6, page_size=3, price=10)
    person(campaign)
    page = visit()

    page.get_by_label("Email").focus()
    page.keyboard.type("wanda@example.org")
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.name === 'password'"):
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    start = page.get_by_role("button", name="Start")
    start.wait_for()
    while not start.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sees(page, "0 of 3 done")
    for key in ("1", "Enter", "3", "Enter"):
        page.keyboard.press(key)
    page.keyboard.press("s")
    page.keyboard.type("too dark")
    sees(page, "3 of 3 done")
    page.keyboard.press("Control+Enter")
    sees(page, "0 of 3 done")
    for _ in range(3):
        page.keyboard.press("2")
        page.keyboard.press("Enter")

    expect(page.get_by_text("There is nothing left for you").first).to_be_visible()
    first, second = Assignment.objects.filter(state="submitted").order_by("pk")
    assert [judgment.answer for judgment in Judgment.objects.filter(place__assignment=first)] == ["cat", "cow"]
    assert list(first.places.filter(state="skipped").values_list("note", flat=True)) == ["too dark"]
    assert set(Judgment.objects.filter(place__assignment=second).values_list("answer", flat=True)) == {"dog"}


def test_by_touch_alone_on_a_phone(visit: Visit):
    campaign = running(items=4, page_size=2, price=10)
    user = person(campaign)
    page = visit(user=user, at="/work/", width=390, height=844, has_touch=True, is_mobile=True)

    page.get_by_role("button", name="Start").tap()
    sees(page, "0 of 2 done")
    page.get_by_role("button", name="Guidelines").tap()
    expect(page.locator("#guidelines-sheet")).to_be_visible()
    page.locator("#guidelines-sheet").get_by_role("button", name="Close").tap()
    radio(page, 1, "dog").tap()
    page.locator("#question-2 .lc-other summary").tap()
    page.locator("#question-2").get_by_role("button", name="I can't decide").tap()
    sees(page, "2 of 2 done")
    page.get_by_role("button", name="Hand in and go on").tap()
    sees(page, "0 of 2 done")
    radio(page, 1, "cat").tap()
    page.locator("#question-2 .lc-other summary").tap()
    page.locator("#question-2").get_by_label("Report it as broken").tap()
    sees(page, "1 of 2 done")
    page.locator("#question-2").get_by_label("Why, or what is broken").fill("no text")
    page.get_by_role("button", name="Hand in and stop").tap()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert Judgment.objects.count() == 2
    notes = Place.objects.exclude(note="").order_by("assignment", "position").values_list("state", "note")
    assert list(notes) == [("skipped", "I can't decide"), ("broken", "no text")]


@pytest.mark.parametrize("kind", [name for name in names() if not isinstance(of(name), FramedKind)])
def test_every_kind_mounts_and_is_handed_in_with_what_the_server_rendered_as_a_good_answer(visit: Visit, kind: str):
    examples = of(kind).examples
    campaign = running(kind=kind, settings=examples.settings, items=1, page_size=1)
    campaign.dataset.items.update(data=examples.item)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 1 done")

    control = page.locator(".lc-place-widget").locator("input, textarea").first
    if control.get_attribute("type") in ("radio", "checkbox"):
        control.check()
    else:
        control.fill("7")
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert Judgment.objects.count() == 1


def test_what_is_missing_is_listed_before_anything_is_sent_and_the_list_leads_there(visit: Visit):
    campaign = running(items=3, page_size=3)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    page.locator("#question-3 .lc-other summary").click()
    page.locator("#question-3").get_by_label("Report it as broken").check()
    sees(page, "1 of 3 done")

    hand_in(page)

    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#problems li")).to_have_text(
        ["Question 2: Choose one of the options.", "Question 3: Say in a few words what is broken."]
    )
    page.get_by_role("link", name="Question 2").click()
    expect(page.locator("#question-2 input[type=radio]").first).to_be_focused()
    page.keyboard.press("1")
    page.locator("#question-3").get_by_label("Why, or what is broken").fill("no picture")
    sees(page, "3 of 3 done")
    hand_in(page, stop=True)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert Judgment.objects.count() == 2


def test_a_click_too_many_hands_in_once(visit: Visit):
    campaign = running(items=4, page_size=2)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    answer_all(page, "cat")

    page.get_by_role("button", name="Hand in and go on").dblclick()
    sees(page, "0 of 2 done")

    expect(page.locator("#connection")).to_contain_text("Handed in")
    expect(page.locator("#problems")).to_be_hidden()
    assert Judgment.objects.count() == 2
    assert Assignment.objects.count() == 2


def test_going_back_to_a_page_that_was_handed_in_shows_that_it_was(visit: Visit):
    campaign = running(items=4, page_size=2)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    answer_all(page, "cat")
    hand_in(page)
    sees(page, "0 of 2 done")
    expect(page.locator("#connection")).to_contain_text("Handed in")

    page.go_back()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts_the_whole_way_is_there(visit: Visit, width: int):
    campaign = running(items=4, page_size=2, price=10)
    person(campaign)
    page = visit(width=width, height=844, scripts=False)

    log_in(page)
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cat")
    hand_in(page, stop=True)
    expect(page.locator("#problems")).to_contain_text("Question 2 has no answer yet")
    expect(page.get_by_role("button", name=re.compile("Keys|Guidelines"))).to_have_count(0)  # scripts do what they say
    expect(radio(page, 1, "cat")).to_be_checked()
    choose(page, 2, "dog")
    radio(page, 2, "dog").press("Enter")
    expect(page.get_by_role("heading", name="Question 1 of 2")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Handed in: 0.10 USD")).to_be_visible()
    page.get_by_role("button", name="More time").click()
    page.locator(".lc-give-back summary").click()
    page.get_by_role("button", name="Give back without answers").click()

    expect(page.get_by_role("heading", name="Given back")).to_be_visible()
    assert sorted(Judgment.objects.values_list("answer", flat=True)) == ["cat", "dog"]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 512)])  # the second: 1280 px at 400 %
def test_on_a_small_screen_nothing_is_cut_off_covered_or_too_small_to_touch(visit: Visit, width: int, height: int):
    campaign = running(items=4, page_size=2, price=10)
    page = visit(user=person(campaign), at="/work/", width=width, height=height)

    _fits(page)
    page.get_by_role("link", name="Look at it first").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()  # a click does not wait for the page that it opens
    _fits(page)
    page.get_by_role("button", name="Start").click()
    for question in (1, 2):
        choose(page, question, "cow")
        page.locator(f"#question-{question} .lc-other summary").click()
    _fits(page)
    page.get_by_role("button", name="Keys").click()
    expect(page.locator("#help dt").first).to_contain_text("1")
    _fits(page)
    page.keyboard.press("Escape")
    hand_in(page, stop=True)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    _fits(page)


def test_with_text_twice_as_large_nothing_is_cut_off_or_too_small_to_touch(visit: Visit):
    campaign = running(items=4, page_size=2, price=10)
    page = visit(user=person(campaign), at="/work/")

    for width in (1280, 640):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/work/", f"/work/{campaign.pk}/", "/work/answers/", "/work/earnings/", "/work/account/"):
            page.goto(f"{page.url.split('/work/')[0]}{address}")
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            _fits(page)
    page.goto(f"{page.url.split('/work/')[0]}/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cow")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    _fits(page)


def _fits(page: Page) -> None:
    """Check that the page is no wider than the screen, and that what can be pressed is 44 pixels high."""
    wider, small = page.evaluate(
        """() => {
            const root = document.documentElement;
            const pressable = [...document.querySelectorAll("main :is(a, button, summary, input:not([type=hidden]))")];
            const small = pressable
                .filter((one) => one.checkVisibility() && !one.closest("p, td, .lc-prose"))
                .map((one) => one.closest("label") ?? one)
                .filter((one) => one.getBoundingClientRect().height < 43.5);
            return [root.scrollWidth - root.clientWidth, small.map((one) => one.outerHTML)];
        }"""
    )
    assert wider == 0
    assert small == []
