"""A machine's suggestion in people's hands: a worker looks at it before it counts, a reviewer takes it by one key."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.campaigns.models import Campaign
from apps.members.models import Role
from apps.quality import services as quality
from apps.quality.models import Adjudication, Review
from apps.work import previews
from apps.work.models import Judgment
from tests.browser.axe import breaches
from tests.browser.test_console import enter
from tests.browser.working import Visit, hand_in, has_page_ahead, person, radio, sees
from tests.console.house import page as address
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)


def suggesting(to: str, *, size: int = 3, **values: Any) -> Campaign:
    """Return a running campaign of three items at which a model suggests "dog"."""
    campaign = running(
        items=3, page_size=size, redundancy=1, show=["text"], suggested_to=to, suggestion_field="guess",
        suggestion_model="m-1", suggestion_withheld=0.0, **values,
    )  # fmt: skip
    campaign.dataset.items.update(data={"text": "What is it?", "guess": "dog"})
    return campaign


@pytest.fixture(params=[1280, 390])
def at_work(visit: Visit, request: pytest.FixtureRequest) -> Page:
    campaign = suggesting("workers")
    opened = visit(user=person(campaign), at=f"/work/{campaign.pk}/", width=request.param)
    opened.get_by_role("button", name="Start").click()
    sees(opened, "0 of 3 done")
    return opened


def given() -> list[str]:
    return sorted(Judgment.objects.values_list("answer", flat=True))


def enters(page: Page, question: int) -> None:
    """Press Enter at a question until that keeps what it begins with: not before it was in view for a moment."""
    mark = page.locator(f"#question-{question} .lc-suggested").element_handle()
    for _ in range(100):
        page.keyboard.press("Enter")
        if "lc-is-checked" in mark.get_attribute("class"):  # its page may be gone by now
            return
        page.wait_for_timeout(100)
    raise AssertionError("Enter keeps nothing")


def test_a_suggestion_is_kept_by_enter_or_a_press_or_replaced_and_none_is_handed_in_unseen(at_work: Page):
    page = at_work
    expect(radio(page, 1, "dog")).to_be_checked()
    expect(page.locator("#question-1")).to_contain_text("Suggested by a machine.")
    hand_in(page, stop=True)
    expect(page.locator("#problems")).to_contain_text("A machine suggested this answer. Check it")
    assert given() == []
    told = "Check it: keep it, or give another one."
    expect(page.locator("#question-2 .lc-place-widget .lc-error")).to_contain_text(told)
    for number in (1, 2, 3):
        expect(page.locator(f"#question-{number} fieldset.lc-question")).to_have_accessible_description(
            re.compile("^Suggested by a machine")
        )

    radio(page, 1, "dog").focus()
    enters(page, 1)
    sees(page, "1 of 3 done")
    expect(radio(page, 2, "dog")).to_be_focused()
    keep = page.locator("#question-2").get_by_role("button", name="Keep it")
    keep.click()
    expect(keep).to_be_hidden()
    expect(page.locator("#question-2 .lc-place-widget .lc-error")).to_be_hidden()
    sees(page, "2 of 3 done")
    radio(page, 3, "cat").check()
    sees(page, "3 of 3 done")
    expect(page.locator("#question-3")).to_contain_text("You checked it.")
    page.reload()
    sees(page, "3 of 3 done")
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", level=1)).not_to_have_text("")
    expect(page.locator("form#page")).to_have_count(0)
    assert given() == ["cat", "dog", "dog"]


def test_the_mark_of_a_suggestion_can_be_read_by_everybody(visit: Visit):
    campaign = suggesting("workers")
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/", bypass_csp=True)
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 3 done")
    page.locator("#question-2").get_by_role("button", name="Keep it").click()

    assert breaches(page) == []


ENTER = 'new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true})'


def test_a_second_enter_in_haste_does_not_hand_in_what_the_next_page_begins_with(visit: Visit):
    campaign = suggesting("workers", size=1)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    has_page_ahead(page)
    page.locator("#question-1").get_by_role("button", name="Keep it").click()
    sees(page, "1 of 1 done")
    expect(radio(page, 1, "dog")).to_be_focused()

    # Both within the page: between a test's own presses a slow machine may let any time pass.
    page.evaluate(f"""async () => {{
        const first = document.querySelector("form#page");
        document.activeElement.dispatchEvent({ENTER});
        const isThere = () => document.querySelector("form#page") !== first;
        while (!isThere() || !document.activeElement.matches("input:checked")) await new Promise(requestAnimationFrame);
        document.activeElement.dispatchEvent({ENTER});
    }}""")

    expect(page.locator("#question-1 .lc-suggested")).not_to_contain_text("You checked it.")
    sees(page, "0 of 1 done")
    has_page_ahead(page)  # it is fetched once the page before has arrived
    assert given() == ["dog"]
    enters(page, 1)
    sees(page, "0 of 1 done")  # of the third page
    enters(page, 1)
    expect(page.locator("form#page")).to_have_count(0)
    assert given() == ["dog", "dog", "dog"]


def test_enter_beside_the_questions_goes_to_one_and_checks_none(at_work: Page):
    page = at_work
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("Enter")

    expect(radio(page, 1, "dog")).to_be_focused()
    sees(page, "0 of 3 done")
    expect(page.locator(".lc-is-checked")).to_have_count(0)


def test_enter_keeps_nothing_that_was_not_in_view_or_is_blurred(visit: Visit):
    campaign = suggesting("workers", content_warning="Wounds")
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/", width=390, height=400)
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 3 done")
    page.get_by_label("Show everything here").check()
    radio(page, 3, "dog").evaluate("(radio) => radio.focus({preventScroll: true})")
    expect(radio(page, 3, "dog")).not_to_be_in_viewport()
    page.wait_for_timeout(700)  # longer than the half second

    page.keyboard.press("Enter")
    expect(page.locator("#question-3 .lc-place-item")).to_be_in_viewport()
    sees(page, "0 of 3 done")
    enters(page, 3)
    sees(page, "1 of 3 done")

    page.get_by_label("Show everything here").uncheck()
    radio(page, 2, "dog").focus()
    page.wait_for_timeout(700)
    page.keyboard.press("Enter")
    expect(radio(page, 2, "dog")).to_be_focused()
    sees(page, "1 of 3 done")
    page.locator("#question-2").get_by_label("Show it").check()
    enters(page, 2)
    sees(page, "2 of 3 done")


def test_without_scripts_it_is_written_beside_the_question_and_nothing_is_chosen(visit: Visit):
    campaign = suggesting("workers")
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/", scripts=False)
    page.get_by_role("button", name="Start").click()

    expect(page.locator("#question-1 .lc-suggested")).to_contain_text("check it, then give your answer. dog")
    expect(page.locator(".lc-place-widget input:checked")).to_have_count(0)
    radio(page, 1, "cow").check()
    hand_in(page, stop=True)
    expect(page.locator("#problems li")).to_have_count(2)
    assert given() == []

    for question in (2, 3):
        radio(page, question, "dog").check()
    hand_in(page, stop=True)
    expect(page.locator("form#page")).to_have_count(0)
    assert given() == ["cow", "dog", "dog"]


def test_a_preview_begins_with_it_as_a_page_does(visit: Visit):
    campaign = suggesting("workers")

    page = visit(at=f"/work/preview/{previews.sign(campaign)}/")

    expect(radio(page, 1, "dog")).to_be_checked()
    expect(page.locator("#question-1 .lc-suggested-answer")).to_be_hidden()


def test_a_reviewer_accepts_a_suggestion_by_one_key_which_can_be_changed(page: Page, live_server):
    campaign = suggesting("reviewers")
    review = quality.review(handed_in(campaign, answer="cat"))
    Review.objects.filter(pk=review.pk).update(proposal="reject")
    quality.combine(campaign)
    first, second, _third = (place.task_id for place in review.assignment.places.order_by("position"))
    enter(page, live_server, campaign.organization, Role.REVIEWER)
    page.goto(f"{live_server.url}{address(review, 'change')}")

    page.keyboard.press("s")
    expect(page.locator(f"#task-{first}")).to_contain_text("settled by")
    page.keyboard.press("?")
    page.get_by_role("button", name="s: Make the suggestion").click()
    page.keyboard.press("j")
    expect(page.get_by_text("“j” is taken already")).to_be_visible()
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(f"#task-{second}")).to_be_focused()
    expect(page.locator(f"#task-{second} button kbd")).to_have_text("m")
    page.keyboard.press("m")
    expect(page.locator(f"#task-{second}")).to_contain_text("settled by")

    assert dict(Adjudication.objects.values_list("task", "answer")) == {first: "dog", second: "dog"}
