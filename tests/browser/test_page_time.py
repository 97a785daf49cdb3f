"""The time of a page: the next one is fetched ahead and its clock starts when it is shown; time grows with work."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.core import clock
from apps.work import services as work
from apps.work.models import Assignment, Task
from tests.browser.working import Visit, choose, hand_in, has_page_ahead, person, radio, sees
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)


def started(visit: Visit, *, stands_still: bool = False, **values) -> Page:
    campaign = running(**{"items": 6, "page_size": 1, **values})
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    if stands_still:
        page.clock.install()
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 1 done")
    has_page_ahead(page)
    return page


def test_two_pages_are_held_at_most_and_the_seconds_clock_starts_when_it_is_shown(visit: Visit):
    page = started(visit)
    first, ahead = Assignment.objects.order_by("leased_at")
    assert first.shown_at is not None
    assert ahead.shown_at is None

    choose(page, 1, "cat")
    before = clock.now()
    hand_in(page)
    sees(page, "0 of 1 done")
    has_page_ahead(page)

    ahead.refresh_from_db()
    assert before <= ahead.shown_at <= clock.now()
    assert Assignment.objects.filter(state="leased").count() == 2
    assert page.url.endswith(f"{ahead.pk}/")


def test_a_page_that_was_never_shown_is_given_back_when_the_worker_leaves(visit: Visit):
    page = started(visit)

    page.get_by_role("link", name="Earnings").click()
    expect(page.get_by_role("heading", name="Earnings")).to_be_visible()

    states = Assignment.objects.order_by("leased_at").values_list("state", flat=True)
    for _ in range(50):
        if list(states.all()) == ["leased", "returned"]:
            break
        page.wait_for_timeout(20)
    assert list(states.all()) == ["leased", "returned"]


def test_a_reload_gives_the_next_page_back_and_fetches_one_again(visit: Visit):
    page = started(visit)

    page.reload()
    has_page_ahead(page)
    choose(page, 1, "cat")
    hand_in(page)
    sees(page, "0 of 1 done")
    choose(page, 1, "cat")
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert Assignment.objects.filter(state="submitted").count() == 2


def test_more_time_asked_for_keeps_what_was_typed(visit: Visit):
    page = started(visit)
    choose(page, 1, "cat")
    Assignment.objects.filter(shown_at__isnull=False).update(expires_at=clock.now())

    page.get_by_role("button", name="More time").click()

    expect(page.locator("#said")).to_have_text("You have more time.")
    sees(page, "1 of 1 done")
    assert Assignment.objects.get(shown_at__isnull=False).expires_at > clock.now()


def test_a_worker_is_warned_before_the_end_and_who_works_on_gets_more_time(visit: Visit):
    page = started(visit, stands_still=True, lease_seconds=600)
    page.clock.fast_forward("08:05")
    expect(page.locator("#said")).to_contain_text("The time for this page is nearly over")
    Assignment.objects.filter(shown_at__isnull=False).update(expires_at=clock.now())

    choose(page, 1, "cat")

    expect(page.locator("#said")).to_have_text("You have more time.")
    assert Assignment.objects.get(shown_at__isnull=False).expires_at > clock.now()


def test_time_that_is_over_is_said_and_the_answer_is_still_taken_while_nobody_else_got_the_question(visit: Visit):
    page = started(visit, stands_still=True, lease_seconds=60)
    page.clock.fast_forward("01:05")
    expect(page.locator("#said")).to_contain_text("You can still hand in")

    choose(page, 1, "cat")
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()


def ended(page: Page) -> Assignment:
    """Return the page that was worked on, its lease ended by the clock."""
    first = Assignment.objects.get(shown_at__isnull=False)
    Assignment.objects.filter(pk=first.pk).update(expires_at=clock.now())
    work.expire(first)
    return first


def test_an_answer_that_comes_after_the_lease_was_ended_is_taken_while_its_question_is_still_asked(visit: Visit):
    page = started(visit)
    choose(page, 1, "cat")
    first = ended(page)

    page.get_by_role("button", name="More time").click()
    expect(page.locator("#said")).to_contain_text("You can still hand in")
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    first.refresh_from_db()
    assert (first.state, first.pay) == ("submitted", first.price)


def test_a_late_page_that_is_loaded_again_has_its_answers_and_is_handed_in(visit: Visit):
    page = started(visit)
    choose(page, 1, "cat")
    page.wait_for_timeout(500)  # what is typed is kept a moment later
    ended(page)

    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(radio(page, 1, "cat")).to_be_checked()
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()


def test_an_answer_that_comes_after_its_question_is_asked_no_more_says_what_became_of_it(visit: Visit):
    page = started(visit)
    choose(page, 1, "cat")
    first = ended(page)
    Task.objects.filter(places__assignment=first).update(state=Task.State.BROKEN)

    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="The time for this page is over")).to_be_visible()


def test_who_works_on_and_on_is_reminded_of_a_break_and_the_page_stays(visit: Visit):
    page = started(visit, stands_still=True, content_warning="Wounds", lease_seconds=3600)
    choose(page, 1, "cat")
    for _ in range(11):
        page.clock.fast_forward("01:00")
        page.keyboard.press("Shift")

    expect(page.locator("#said")).to_contain_text("You have worked for 10 minutes without a pause.")
    expect(radio(page, 1, "cat")).to_be_checked()


def test_active_time_leaves_pauses_out(visit: Visit):
    page = started(visit, stands_still=True)
    Assignment.objects.update(leased_at=clock.now() - timedelta(hours=8), shown_at=clock.now() - timedelta(hours=8))
    page.clock.fast_forward("01:00:00")

    choose(page, 1, "cat")
    hand_in(page, stop=True)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()

    done = Assignment.objects.get(state="submitted")
    assert 29 <= done.active_seconds <= 60
    assert done.signs["presses"] >= 2
    assert done.signs["leaves"] == 0


def test_what_is_worked_on_the_next_page_without_a_connection_counts(visit: Visit):
    page = started(visit)
    page.context.set_offline(True)
    choose(page, 1, "cat")
    hand_in(page)
    sees(page, "0 of 1 done")

    for n in range(8):
        page.wait_for_timeout(500)
        page.mouse.move(100 + n, 100)
    page.context.set_offline(False)
    has_page_ahead(page)
    choose(page, 1, "cat")
    hand_in(page)

    second = Assignment.objects.order_by("leased_at")[1]
    for _ in range(100):
        second.refresh_from_db()
        if second.state == "submitted":
            break
        page.wait_for_timeout(50)
    assert second.active_seconds >= 4
