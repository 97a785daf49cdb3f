"""The keys of a page: shown, listed, changed, switched off; and the guidelines one key away."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.campaigns.models import Guidelines
from apps.work import services as work
from tests.browser.working import Visit, choose, has_page_ahead, held_back, person, radio, sees
from tests.running import answered, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(visit: Visit) -> Page:
    campaign = running(items=6, page_size=3)
    opened = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    opened.get_by_role("button", name="Start").click()
    sees(opened, "0 of 3 done")
    return opened


def test_keys_move_between_questions_choose_skip_and_report(page: Page):
    expect(radio(page, 1, "cat")).to_be_focused()
    for key in ("j", "j", "k", "1"):
        page.keyboard.press(key)
    expect(radio(page, 2, "cat")).to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("b")
    expect(page.locator("#question-3").get_by_label("Report it as broken")).to_be_checked()
    sees(page, "1 of 3 done")
    page.keyboard.type("no text")
    sees(page, "2 of 3 done")


def test_keys_pressed_before_the_scripts_have_come_are_not_lost(page: Page):
    with held_back(page, "**/workbench/shell*.js"):
        page.reload(wait_until="commit")
        expect(page.locator("#question-3")).to_be_visible()
        for key in ("1", "j", "2", "j"):
            page.keyboard.press(key)
        expect(page.locator("#question-1 .lc-place-widget input:checked")).to_have_count(0)

    sees(page, "2 of 3 done")
    expect(radio(page, 1, "cat")).to_be_checked()
    expect(radio(page, 2, "dog")).to_be_checked()
    expect(radio(page, 3, "cat")).to_be_focused()


def test_what_is_begun_before_the_scripts_have_come_keeps_the_focus(page: Page):
    with held_back(page, "**/workbench/shell*.js"):
        page.reload(wait_until="commit")
        radio(page, 3, "dog").focus()
        page.keyboard.press("Space")

    sees(page, "1 of 3 done")
    expect(radio(page, 3, "dog")).to_be_focused()


def test_what_is_chosen_before_the_scripts_have_come_is_kept(page: Page):
    page.on("dialog", lambda dialog: dialog.accept())
    choose(page, 1, "dog")
    with held_back(page, "**/workbench/shell*.js"):
        page.reload(wait_until="commit")
        choose(page, 1, "cat")  # newer than what was kept
        choose(page, 2, "dog")
    sees(page, "2 of 3 done")

    page.reload()

    sees(page, "2 of 3 done")
    expect(radio(page, 1, "cat")).to_be_checked()
    expect(radio(page, 2, "dog")).to_be_checked()


def test_what_is_begun_before_the_scripts_have_come_takes_nothing_else_of_what_was_kept(visit: Visit):
    campaign = running(items=2, page_size=2, kind="free_text", settings={"question": "What is it?"})
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 2 done")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#question-1 .lc-place-widget textarea").fill("A long text that took half an hour to be written")
    page.locator("#question-2 .lc-place-widget textarea").fill("short")
    with held_back(page, "**/workbench/shell*.js"):
        page.reload(wait_until="commit")
        page.locator("#question-1 .lc-place-widget textarea").fill("A")
        page.locator("#question-2 .lc-place-widget textarea").fill("something longer than before")

    sees(page, "2 of 2 done")
    expect(page.locator("#question-1 .lc-place-widget textarea")).to_have_value(re.compile("half an hour"))
    expect(page.locator("#question-2 .lc-place-widget textarea")).to_have_value("something longer than before")


def test_single_keys_can_be_switched_off_and_are_not_shown_then(page: Page):
    expect(page.locator("#question-1 .lc-option kbd").first).to_be_visible()
    page.keyboard.press("?")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("1")

    expect(page.locator("#question-1 .lc-option kbd").first).to_be_hidden()
    sees(page, "0 of 3 done")
    page.reload()
    sees(page, "0 of 3 done")
    page.keyboard.press("1")
    sees(page, "0 of 3 done")


def test_another_key_can_be_chosen_and_is_shown_and_kept_and_taken_back(page: Page):
    page.keyboard.press("?")
    page.get_by_role("button", name="s: Skip this question").click()
    page.keyboard.press("j")
    expect(page.locator("#help-said")).to_contain_text("“j” is taken already")
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="x: Skip this question")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#question-1 .lc-other kbd").first).to_have_text("x")
    page.keyboard.press("x")
    expect(page.locator("#question-1").get_by_label("Skip it")).to_be_checked()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Back to the usual keys").click()
    expect(page.get_by_role("button", name="s: Skip this question")).to_be_visible()


def test_a_key_that_an_answer_has_is_that_answers(visit: Visit):
    options = [{"value": "snake", "key": "s"}, {"value": "jay", "key": "j"}]
    campaign = running(items=1, page_size=1, settings={"question": "Which?", "options": options})
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 1 done")

    page.keyboard.press("s")

    expect(radio(page, 1, "snake")).to_be_checked()
    expect(page.locator("#question-1 .lc-other kbd").first).to_be_hidden()


def test_who_wants_to_goes_on_with_the_key_that_chooses(page: Page):
    page.keyboard.press("?")
    page.get_by_label("Go on by itself").check()
    page.keyboard.press("Escape")

    for key in ("1", "2", "3"):
        page.keyboard.press(key)

    sees(page, "0 of 3 done")  # of the next page
    expect(page.locator("#connection")).to_contain_text("Handed in")


def test_the_guidelines_open_and_close_by_a_key_and_the_question_stays_where_it_was(page: Page):
    page.keyboard.press("j")
    page.keyboard.press("h")
    sheet = page.get_by_role("dialog", name="Guidelines")
    expect(sheet).to_contain_text("Look closely, then choose.")
    page.keyboard.press("h")
    expect(sheet).to_be_hidden()

    assert page.evaluate("document.activeElement.closest('.lc-place').id") == "question-2"


def test_the_guidelines_are_searched_by_words(visit: Visit):
    campaign = running(items=1, page_size=1)
    text = "# Colours\n\n- ✓ A dim lamp counts\n- ✗ A side street's light\n\n# Time\n\nTake your time."
    Guidelines.objects.filter(campaign=campaign).update(text=text)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 1 done")
    page.keyboard.press("h")
    sheet = page.get_by_role("dialog", name="Guidelines")

    sheet.get_by_role("searchbox").press_sequentially("light side zebra")
    expect(sheet.locator(".lc-no")).to_be_hidden()
    expect(sheet.get_by_role("status")).to_contain_text("Nothing there says that")
    sheet.get_by_role("searchbox").fill("Street LIGHT")

    expect(sheet.locator(".lc-no")).to_be_visible()
    expect(sheet.get_by_role("heading", name="Colours")).to_be_visible()
    expect(sheet.locator(".lc-yes")).to_be_hidden()
    expect(sheet.get_by_text("Take your time.")).to_be_hidden()
    sheet.get_by_role("searchbox").fill("")
    expect(sheet.get_by_text("Take your time.")).to_be_visible()


def test_changed_guidelines_are_announced_once_with_what_changed(visit: Visit):
    campaign = running(items=3, page_size=1)
    user = person(campaign)
    worker = user.workers.get()
    first = work.lease(campaign, worker=worker)
    work.submit(first.pk, worker=worker, answers=answered(first))
    Guidelines.objects.create(campaign=campaign, version=2, text="Look closely, then choose the largest.")

    page = visit(user=user, at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    news = page.get_by_role("region", name="The guidelines have changed")
    expect(news.locator("del")).to_have_text("Look closely, then choose.")
    expect(news.locator("ins")).to_have_text("Look closely, then choose the largest.")
    has_page_ahead(page)
    choose(page, 1, "cat")
    page.keyboard.press("Enter")
    sees(page, "0 of 1 done")
    expect(news).to_have_count(0)


def test_a_hostile_item_and_question_are_text(visit: Visit):
    evil = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    options = [{"value": "a", "label": evil}, {"value": "b", "label": "<b>bold</b>"}]
    campaign = running(items=2, page_size=1, settings={"question": evil, "options": options}, name=evil)
    campaign.dataset.items.update(data={evil: evil})
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()

    for _ in range(2):  # as it was loaded, and as it was fetched ahead and put in its place
        sees(page, "0 of 1 done")
        expect(page.locator(".lc-text")).to_have_text(evil)
        expect(page.locator("legend").first).to_have_text(evil)
        assert page.locator("main img, main script:not([type='application/json']), main b").count() == 0
        assert "taken" not in page.title().replace(evil, "")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    expect(page.get_by_text("There is nothing left for you").first).to_be_visible()
