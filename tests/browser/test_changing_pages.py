"""A page that was handed in, changed in a real browser: nothing that was typed is lost, and nothing is sent twice."""

import pytest
from playwright.sync_api import Page, expect

from apps.pipeline import flow
from apps.work.models import Assignment, Judgment
from tests.browser.working import PASSWORD, Visit, answer_all, choose, hand_in, held_back, person, radio, sees
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(visit: Visit) -> Page:
    """A page of two questions that was handed in and is opened to be changed."""
    campaign = running(items=2, page_size=2, price=10, grace_seconds=600)
    opened = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    opened.get_by_role("button", name="Start").click()
    sees(opened, "0 of 2 done")
    answer_all(opened, "cat")
    hand_in(opened, stop=True)
    opened.get_by_role("link", name="Change your answers").click()
    has_begun(opened)
    return opened


def has_begun(page: Page) -> None:
    """Wait until its script has taken over: nothing before that is kept over a reload."""
    page.locator("form#change .lc-reasons:not([hidden])").first.wait_for(state="attached")


def keep(page: Page) -> None:
    page.get_by_role("button", name="Keep the changes").click()


def answers() -> list[str]:
    return sorted(Judgment.objects.values_list("answer", flat=True))


def test_what_was_changed_is_there_again_after_a_reload_which_warns(page: Page):
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    choose(page, 2, "dog")

    page.reload()

    expect(radio(page, 2, "dog")).to_be_checked()
    expect(page.locator("#said")).to_contain_text("Your answers from before are back")
    assert warned == ["beforeunload"]
    assert answers() == ["cat", "cat"]
    keep(page)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["cat", "dog"]


def test_what_was_changed_before_the_scripts_have_come_is_kept(page: Page):
    page.on("dialog", lambda dialog: dialog.accept())
    with held_back(page, "**/workbench/change*.js"):
        page.reload(wait_until="commit")
        choose(page, 2, "dog")
    has_begun(page)

    page.reload()

    expect(radio(page, 2, "dog")).to_be_checked()
    expect(page.locator("#said")).to_contain_text("Your answers from before are back")


def test_who_leaves_it_as_it_was_is_not_warned_and_begins_anew(page: Page):
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    choose(page, 2, "dog")
    page.get_by_role("link", name="Leave it as it was").click()
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()

    page.get_by_role("link", name="Change your answers").click()

    expect(radio(page, 2, "cat")).to_be_checked()
    assert warned == []


def test_what_was_typed_before_it_was_changed_elsewhere_does_not_come_back(page: Page):
    page.on("dialog", lambda dialog: dialog.accept())
    choose(page, 2, "dog")
    page.reload()
    expect(radio(page, 2, "dog")).to_be_checked()  # it is kept
    assignment = Assignment.objects.get()
    tokens = assignment.places.values_list("token", flat=True)
    flow.change(assignment.pk, worker=assignment.worker, answers={token.hex: {"answer": "cow"} for token in tokens})

    page.reload()

    expect(radio(page, 2, "cow")).to_be_checked()
    expect(page.locator("#said")).to_have_text("")
    page.reload()
    expect(radio(page, 2, "cow")).to_be_checked()


def test_a_page_that_the_browser_kept_is_asked_for_anew(page: Page):
    with page.expect_event("load"):
        page.evaluate("setTimeout(() => dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true})))")

    expect(page.locator("form#change")).to_be_visible()


def test_two_presses_change_it_once(page: Page):
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    choose(page, 2, "dog")

    page.get_by_role("button", name="Keep the changes").dblclick()

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert len(sent) == 1
    assert answers() == ["cat", "dog"]


def test_without_a_network_or_a_session_it_says_so_and_keeps_what_was_changed(page: Page):
    choose(page, 2, "dog")
    page.context.set_offline(True)
    keep(page)
    expect(page.locator("#said")).to_contain_text("there is no connection")
    page.context.set_offline(False)
    page.context.clear_cookies()
    keep(page)
    expect(page.locator("#said")).to_contain_text("you were logged out")

    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Email").fill("wanda@example.org")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    expect(radio(other, 2, "dog")).to_be_checked()
    keep(page)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["cat", "dog"]


def test_the_place_of_what_is_said_is_there_before_anything_is_said(page: Page):
    assert "said" in page.get_by_role("status").evaluate_all("(all) => all.map((one) => one.id)")  # hidden is not there
    assert page.locator("#said").text_content() == ""
    assert page.locator("#said").bounding_box()["height"] == 0
