"""What a worker handed in or typed is not lost: not by a lost network, a reload, a killed tab or a log-out."""

import re

import pytest
from playwright.sync_api import Error, Page, expect

from apps.members.models import User
from apps.work.models import Assignment, Judgment
from tests.browser.working import (
    PASSWORD,
    Visit,
    answer_all,
    choose,
    hand_in,
    has_page_ahead,
    person,
    radio,
    sees,
    session_of,
)
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(visit: Visit) -> Page:
    """The first of three pages of one question each, with the next one fetched."""
    campaign = running(items=3, page_size=1, price=10)
    opened = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    opened.on("dialog", lambda dialog: dialog.accept())
    opened.get_by_role("button", name="Start").click()
    sees(opened, "0 of 1 done")
    has_page_ahead(opened)
    return opened


def answers() -> list[str]:
    return sorted(Judgment.objects.values_list("answer", flat=True))


def kept(page: Page) -> list[int]:
    """Return how many pages and how many drafts the browser keeps."""
    return page.evaluate(
        """async () => {
            const asked = indexedDB.open("labelcrowd");
            const database = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
            const count = (name) => new Promise((resolve) => {
                const request = database.transaction(name).objectStore(name).getAllKeys();
                request.onsuccess = () => resolve(request.result.length);
            });
            const counts = [await count("outbox"), await count("drafts")];
            database.close();
            return counts;
        }"""
    )


def try_again(page: Page) -> None:
    """Have the page send what waits now, rather than in some seconds."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("width", [1280, 390])
def test_two_answers_given_without_a_network_arrive_once_each_when_it_is_back(page: Page, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("You are offline")
    choose(page, 1, "cat")
    hand_in(page)
    sees(page, "0 of 1 done")
    choose(page, 1, "dog")
    hand_in(page)
    expect(page.locator("#said")).to_contain_text("Your answers are kept on this device")
    expect(page.locator("#connection")).to_contain_text("2 pages of answers wait")
    assert answers() == []

    page.context.set_offline(False)

    sees(page, "0 of 1 done")
    expect(page.locator("#connection")).not_to_contain_text("offline")
    assert answers() == ["cat", "dog"]
    assert Assignment.objects.filter(state="submitted").count() == 2
    choose(page, 1, "cow")
    hand_in(page, stop=True)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["cat", "cow", "dog"]


HANGS = """() => {
    const real = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...asked) {
        return Object.defineProperty(real.apply(this, asked), "oncomplete", { set() {} });
    };
}"""


def test_a_page_that_the_server_refuses_can_be_mended_though_the_browsers_database_hangs(page: Page):
    page.evaluate(HANGS)
    refusal = {"status": 422, "json": {"problems": {}}}
    page.route("**/submit", lambda route: route.fulfill(**refusal), times=1)
    choose(page, 1, "cat")
    hand_in(page, stop=True)
    expect(page.locator("#said")).to_contain_text("Your answers are still here")

    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["cat"]


def test_what_waits_is_sent_though_the_browsers_database_takes_seconds_to_say_so(page: Page):
    page.context.set_offline(True)
    choose(page, 1, "cow")
    hand_in(page)
    expect(page.locator("#connection")).to_contain_text("waits on this device")
    address = page.url
    page.close()
    page.context.set_offline(False)
    other = page.context.new_page()
    other.add_init_script(
        """const real = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
        Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
            set(said) { real.set.call(this, () => setTimeout(said, 2000)); },
        });"""
    )

    other.goto(f"{address.split('/work/')[0]}/work/earnings/")

    expect(other.locator("#connection")).to_contain_text("Handed in: 0.10 USD", timeout=15_000)
    assert answers() == ["cow"]


@pytest.mark.parametrize("is_last", [False, True])
def test_a_browser_whose_database_hangs_holds_up_no_answers(page: Page, is_last: bool):
    page.evaluate(HANGS)
    choose(page, 1, "cat")

    hand_in(page, stop=is_last)

    if is_last:
        expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    else:
        expect(page.locator("#connection")).to_contain_text("Handed in: 0.10 USD")
    assert answers() == ["cat"]


def test_answers_that_wait_survive_a_reload_without_a_network(page: Page):
    page.context.set_offline(True)
    choose(page, 1, "cat")
    hand_in(page)
    sees(page, "0 of 1 done")
    choose(page, 1, "dog")
    sees(page, "1 of 1 done")
    address = page.url
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()

    page.context.set_offline(False)
    page.goto(address)

    sees(page, "1 of 1 done")
    expect(page.locator("#said")).to_contain_text("Your answers from before are back")
    expect(radio(page, 1, "dog")).to_be_checked()
    expect(page.locator("#connection")).to_contain_text("Handed in")
    assert answers() == ["cat"]
    with page.expect_response(lambda answer: answer.url.endswith("/submit") and answer.ok):
        hand_in(page)
    assert answers() == ["cat", "dog"]


def test_answers_that_wait_survive_a_killed_tab_and_are_sent_by_whichever_page_is_opened_next(page: Page):
    page.context.set_offline(True)
    choose(page, 1, "cow")
    hand_in(page)
    sees(page, "0 of 1 done")
    address = page.url
    page.close()  # without a word to the page
    page.context.set_offline(False)

    other = page.context.new_page()
    other.goto(f"{address.split('/work/')[0]}/work/earnings/")

    expect(other.locator("#connection")).to_contain_text("Handed in: 0.10 USD")
    assert answers() == ["cow"]


def test_a_worker_is_warned_before_leaving_with_answers_that_wait(page: Page):
    warned = []
    page.on("dialog", lambda dialog: warned.append(dialog.type))
    page.context.set_offline(True)
    choose(page, 1, "cat")
    hand_in(page)
    sees(page, "0 of 1 done")

    with page.expect_event("close"):
        page.close(run_before_unload=True)

    assert warned == ["beforeunload"]


def test_logged_out_meanwhile_a_worker_logs_in_in_another_tab_and_the_answers_follow(page: Page):
    choose(page, 1, "cat")
    page.context.clear_cookies()
    hand_in(page, stop=True)
    expect(page.locator("#connection")).to_contain_text("You were logged out")

    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Email").fill("wanda@example.org")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()

    # By itself: the third try is 15 s after the second, which a slow log-in may just miss.
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible(timeout=25_000)
    assert answers() == ["cat"]


def test_what_one_person_handed_in_is_kept_while_another_is_logged_in(page: Page):
    other = User.objects.create_user("eve@example.org", PASSWORD, name="Eve")
    worker_of(Assignment.objects.first().campaign, user=other)
    origin, wanda = page.url.split("/work/")[0], page.context.cookies()
    choose(page, 1, "cat")
    page.context.add_cookies([{"name": "sessionid", "value": session_of(other), "url": origin}])
    hand_in(page, stop=True)
    expect(page.locator("#connection")).to_contain_text("You were logged out")
    assert (answers(), kept(page)) == ([], [1, 1])

    page.context.add_cookies([one for one in wanda if one["name"] == "sessionid"])
    try_again(page)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["cat"]


def test_what_our_server_did_not_answer_is_no_answer(page: Page):
    others = [
        {"status": 302, "headers": {"location": "/accounts/2fa/"}},
        {"status": 200, "content_type": "text/html", "body": "<p>Welcome to the network of this hotel</p>"},
        {"status": 409, "content_type": "text/html", "body": "<p>Something of a proxy's</p>"},
    ]
    answered = []

    def answer(route):
        answered.append(others[min(len(answered), len(others) - 1)])
        route.fulfill(**answered[-1])

    page.route("**/submit", answer)
    choose(page, 1, "cat")
    hand_in(page, stop=True)
    expect(page.locator("#connection")).to_contain_text("Your answers are kept on this device")
    while len(answered) < len(others):
        try_again(page)
        page.wait_for_timeout(100)
    assert (answers(), kept(page)) == ([], [1, 1])
    page.unroute("**/submit")
    try_again(page)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert (answers(), kept(page)) == (["cat"], [0, 0])


@pytest.mark.parametrize("says", ["our server", "a proxy"])
def test_an_answer_that_is_too_large_is_told_once_at_its_question_and_can_be_mended(page: Page, settings, says):
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/submit") else None)
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if says == "a proxy":
        refusal = {"status": 413, "content_type": "text/html", "body": "<h1>Request Entity Too Large</h1>"}
        page.route("**/submit", lambda route: route.fulfill(**refusal), times=1)
    else:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50
    choose(page, 1, "cat")
    hand_in(page, stop=True)

    expect(page.locator("#problems")).to_contain_text("Question 1: This answer is too large to be sent.")
    try_again(page)
    expect(page.locator("#connection")).not_to_contain_text("Something is wrong on our side")
    assert len(sent) == 1

    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = most
    hand_in(page, stop=True)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert (answers(), kept(page)) == (["cat"], [0, 0])


def test_of_a_page_whose_answers_are_too_large_together_no_single_one_is_blamed(visit: Visit):
    campaign = running(items=3, page_size=3)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 3 done")
    page.route("**/submit", lambda route: route.fulfill(status=413), times=1)
    answer_all(page, "cat")
    hand_in(page, stop=True)

    expect(page.locator("#problems")).to_contain_text("Together, the answers of this page are too large to be sent")
    expect(page.locator("#problems")).not_to_contain_text("This answer is too large")

    hand_in(page, stop=True)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["cat"] * 3


def test_answers_that_are_taken_no_more_can_be_read_until_they_are_thrown_away(page: Page):
    gone = {"status": 410, "json": {"sentence": "Others have the questions."}}
    page.route("**/submit", lambda route: route.fulfill(**gone), times=1)
    choose(page, 1, "cat")
    hand_in(page)
    told = page.locator("#connection")
    expect(told).to_contain_text("A page could not be handed in: Others have the questions. You had answered: cat")

    page.reload()
    expect(told).to_contain_text("You had answered: cat")
    told.get_by_role("button", name="Throw it away").click()

    expect(told).not_to_contain_text("cat")
    assert kept(page) == [0, 0]


def test_a_page_that_the_server_fails_on_holds_no_other_up(page: Page):
    failing = re.compile(f"{page.url.split('/work/')[1].strip('/')}/submit")
    page.route(failing, lambda route: route.fulfill(status=503))
    choose(page, 1, "cat")
    hand_in(page)
    sees(page, "0 of 1 done")
    choose(page, 1, "dog")
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["dog"]
    page.unroute(failing)
    try_again(page)
    expect(page.locator("#connection")).to_contain_text("Handed in")
    assert answers() == ["cat", "dog"]


def test_a_database_of_the_browser_that_was_closed_is_opened_again(page: Page):
    closed = page.evaluate(
        """() => new Promise((resolve) => {
            const asked = indexedDB.deleteDatabase("labelcrowd");
            asked.onsuccess = () => resolve(true);
            asked.onblocked = () => resolve(false);
        })"""
    )
    page.context.set_offline(True)
    choose(page, 1, "cat")
    hand_in(page)
    sees(page, "0 of 1 done")

    assert closed
    assert kept(page)[0] == 1


def test_a_page_handed_in_from_another_tab_with_other_answers_says_so(page: Page):
    other = page.context.new_page()
    other.goto(page.url)
    choose(other, 1, "dog")
    hand_in(other, stop=True)
    expect(other.get_by_role("heading", name="Handed in")).to_be_visible()

    choose(page, 1, "cat")
    hand_in(page, stop=True)

    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    assert answers() == ["dog"]


def test_a_page_that_the_server_cant_take_leads_back_to_its_answers(page: Page):
    first = page.url
    page.evaluate("document.querySelector('input[value=cat]').value = 'lion'")
    page.locator("input[value=lion]").check()
    hand_in(page)
    page.get_by_role("link", name="see what is wrong with it").click()

    expect(page).to_have_url(first)
    expect(page.locator("#problems")).to_contain_text("it should be one of")
    choose(page, 1, "cat")
    hand_in(page)
    expect(page.locator("#connection")).to_contain_text("Handed in")
    assert answers() == ["cat"]


def test_what_was_typed_is_there_again_after_a_reload_also_a_reason(visit: Visit):
    campaign = running(items=2, page_size=2)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cow")
    page.locator("#question-2 .lc-other summary").click()
    page.locator("#question-2").get_by_label("Report it as broken").check()
    page.locator("#question-2").get_by_label("Why, or what is broken").fill("half of it is missing")
    sees(page, "2 of 2 done")

    page.reload()

    sees(page, "2 of 2 done")
    expect(radio(page, 1, "cow")).to_be_checked()
    expect(page.locator("#question-2").get_by_label("Why, or what is broken")).to_have_value("half of it is missing")


def test_a_comment_beside_an_answer_is_kept_and_handed_in_with_it(visit: Visit):
    campaign = running(items=1, page_size=1)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Start").click()
    choose(page, 1, "cow")
    page.locator("#question-1 .lc-other summary").click()
    page.locator("#question-1").get_by_label("Why, or what is broken").fill("it may be a calf")
    page.wait_for_timeout(500)  # what is typed is kept a moment later

    page.reload()
    expect(radio(page, 1, "cow")).to_be_checked()
    hand_in(page, stop=True)
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()

    judgment = Judgment.objects.select_related("place").get()
    assert (judgment.answer, judgment.place.note) == ("cow", "it may be a calf")
    page.get_by_text("What you handed in").click()
    expect(page.get_by_text("it may be a calf")).to_be_visible()


def test_answering_everything_leaves_nothing_behind_in_the_browser(page: Page):
    answer_all(page, "cat")
    hand_in(page)
    expect(page.locator("#connection")).to_contain_text("Handed in")

    assert kept(page) == [0, 0]


# Makes all drafts in the browser so many days older.
AGED = """async (days) => {
    const asked = indexedDB.open("labelcrowd");
    const database = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
    const transaction = database.transaction("drafts", "readwrite");
    const rows = transaction.objectStore("drafts");
    const all = await new Promise((resolve) => {
        const request = rows.getAll();
        request.onsuccess = () => resolve(request.result);
    });
    const past = days * 24 * 3600 * 1000;
    for (const row of all) rows.put({ ...row, at: row.at - past, ends: row.ends && row.ends - past }, row.key);
    await new Promise((resolve) => { transaction.oncomplete = resolve; });
    database.close();
}"""


def test_a_draft_is_kept_as_long_as_its_page_can_be_in_hand_and_until_it_is_handed_in(visit: Visit):
    of_a_week = running(items=2, page_size=2, lease_seconds=7 * 24 * 3600)
    other = running(items=2, page_size=2, dataset__organization=of_a_week.organization)
    page = visit(user=person(of_a_week), at=f"/work/{of_a_week.pk}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 2 done")
    choose(page, 1, "cat")
    sees(page, "1 of 2 done")
    kept_at = page.url
    site = kept_at.partition("/work/")[0]

    page.evaluate(AGED, 69)  # its time can be made ten times as long
    page.goto(f"{site}/work/{other.pk}/")
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 2 done")
    elsewhere = page.url

    for _ in range(2):  # what is restored is not gone with that
        page.goto(kept_at)
        sees(page, "1 of 2 done")
    page.evaluate(AGED, 366)
    page.goto(kept_at)
    sees(page, "1 of 2 done")
    page.reload()
    sees(page, "1 of 2 done")
    page.evaluate(AGED, 366)
    page.goto(elsewhere)
    sees(page, "0 of 2 done")
    for _ in range(50):
        if kept(page)[1] == 0:
            break
        page.wait_for_timeout(50)
    assert kept(page)[1] == 0
