"""A worker's way through the workbench with a browser that runs no scripts."""

import re
from datetime import timedelta

import pytest
from at_work import asking, filled, form_of, html, logged_in, posted, started, tokens
from django.test import Client

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds import names, of
from apps.work import services as work
from apps.work.models import Assignment, Judgment
from tests.factories import UserFactory, member
from tests.running import running, worker_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", names())
def test_a_worker_finds_starts_answers_and_hands_in_every_kind(kind):
    campaign = asking(kind, items=4, page_size=2, price=10)
    client = logged_in(campaign)
    assert campaign.name in html(client.get("/work/"))
    assert "Questions to try" in html(client.get(f"/work/{campaign.pk}/"))

    for answer in of(kind).examples.good[:2]:
        page = started(client, campaign)
        assert html(client.get(f"/work/pages/{page.pk}/")).count("Question ") >= 2
        client.post(f"/work/pages/{page.pk}/submit", filled(page, answer, then="stop"))
        page.refresh_from_db()
        assert page.state == "submitted", f"{answer!r} was not taken"

    shown = html(client.get("/work/earnings/"))
    assert "0.20 USD" in shown
    assert Judgment.objects.filter(campaign=campaign).count() == 4


@pytest.mark.parametrize("kind", names())
def test_what_a_model_suggests_is_shown_and_not_handed_in_with_the_form_as_it_came(kind):
    examples = of(kind).examples
    campaign = running(
        kind=kind, settings=examples.settings, data={**examples.item, "guess": examples.good[0]}, items=2, page_size=2,
        suggested_to="workers", suggestion_field="guess", suggestion_withheld=0.0,
    )  # fmt: skip
    client = logged_in(campaign)
    page = started(client, campaign)
    assert html(client.get(f"/work/pages/{page.pk}/")).count("lc-suggested-answer") == 2

    answer = client.post(f"/work/pages/{page.pk}/submit", {**form_of(client, page), "then": "stop"})

    page.refresh_from_db()
    assert answer.status_code == 422
    assert html(answer).count("lc-suggested-answer") == 2
    assert page.state == "leased"
    assert not Judgment.objects.exists()


def test_handing_in_and_going_on_opens_the_next_page():
    campaign = running(items=4, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)

    answer = client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat", then="next"))

    following = Assignment.objects.exclude(pk=page.pk).get()
    assert answer["Location"] == f"/work/pages/{following.pk}/"


def test_after_the_last_page_a_worker_is_told_that_there_is_no_more():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)

    shown = html(client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat"), follow=True))

    assert "Handed in" in shown
    assert "There is nothing left for you in this campaign at the moment." in shown


def test_the_same_form_posted_twice_hands_in_once_and_goes_on_to_the_same_page():
    campaign = running(items=6, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)
    form = filled(page, "cat", then="next")

    first = client.post(f"/work/pages/{page.pk}/submit", form)
    second = client.post(f"/work/pages/{page.pk}/submit", form)

    assert first["Location"] == second["Location"]
    assert Judgment.objects.count() == 2
    assert Assignment.objects.count() == 2


def test_other_answers_for_a_page_that_was_handed_in_change_nothing_and_say_so():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)
    client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat"))

    answer = client.post(f"/work/pages/{page.pk}/submit", filled(page, "dog"))

    assert answer.status_code == 409
    assert "with other answers: those stand" in html(answer)
    assert set(Judgment.objects.values_list("answer", flat=True)) == {"cat"}


def test_going_back_to_a_page_that_was_handed_in_shows_that_it_was():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)
    client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat"))

    answer = client.get(f"/work/pages/{page.pk}/submit", follow=True)

    assert "<h1" in html(answer)
    assert "Handed in</h1>" in html(answer)
    assert answer.headers["Cache-Control"].count("no-store")


def test_a_page_with_a_question_left_open_comes_back_with_everything_kept_and_each_problem_at_its_question():
    campaign = asking("free_text", items=3, page_size=3)
    client = logged_in(campaign)
    page = started(client, campaign)
    first, second, third = tokens(page)
    typed = {f"{first}.value": ["An answer\r\nof two lines"], f"way:{second}": ["broken"], f"{second}.value": ["half"]}
    typed |= {f"way:{third}": ["answer"], f"note:{third}": ["I am not\nsure"]}

    answer = client.post(f"/work/pages/{page.pk}/submit", typed)

    assert answer.status_code == 422
    kept = posted(html(answer))
    assert kept[f"{first}.value"] == ["An answer\r\nof two lines"]
    assert kept[f"{second}.value"] == ["half"]
    assert kept[f"way:{second}"] == ["broken"]
    assert kept[f"note:{third}"] == ["I am not\r\nsure"]
    assert "Question 2: Say in a few words what is broken." in html(answer)
    assert "Question 3: Question 3 has no answer yet" in html(answer)
    assert "Question 1:" not in html(answer)
    assert Judgment.objects.count() == 0
    assert page.places.filter(token=third, state="open").exists()


def test_a_refused_answer_is_shown_again_with_the_sentence_beside_it():
    campaign = asking("number", items=1, page_size=1)
    client = logged_in(campaign)
    page = started(client, campaign)
    (token,) = tokens(page)

    answer = client.post(f"/work/pages/{page.pk}/submit", {f"{token}.value": "999"})

    assert posted(html(answer))[f"{token}.value"] == ["999"]
    assert html(answer).count("it should be from 0 to 250") == 2  # above the page and at the question


def test_a_skip_is_not_paid_and_a_report_with_a_note_is():
    campaign = running(items=2, page_size=2, price=10)
    client = logged_in(campaign)
    page = started(client, campaign)
    skipped, broken = tokens(page)

    client.post(
        f"/work/pages/{page.pk}/submit",
        {
            f"way:{skipped}": "skip", f"note:{skipped}": "too blurred",
            f"way:{broken}": "broken", f"note:{broken}": "no picture",
        },
    )  # fmt: skip

    page.refresh_from_db()
    assert page.pay == 5
    assert dict(page.places.values_list("state", "note")) == {"skipped": "too blurred", "broken": "no picture"}


def test_more_time_keeps_what_was_typed():
    campaign = asking("free_text", items=1, page_size=1)
    client = logged_in(campaign)
    page = started(client, campaign)
    before = page.expires_at
    form = form_of(client, page) | {f"{tokens(page)[0]}.value": ["half an ans"]}

    answer = client.post(f"/work/pages/{page.pk}/extend", form)

    page.refresh_from_db()
    assert page.expires_at > before
    assert "You have more time." in html(answer)
    assert posted(html(answer))[f"{tokens(page)[0]}.value"] == ["half an ans"]


def test_a_page_given_back_says_so_and_is_no_longer_in_hand():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)

    shown = html(client.post(f"/work/pages/{page.pk}/give-back", follow=True))

    page.refresh_from_db()
    assert page.state == "returned"
    assert "Given back" in shown
    assert "In your hands" not in html(client.get("/work/"))


def test_answers_that_come_after_others_got_their_questions_are_answered_with_what_became_of_the_page():
    campaign = running(items=2, page_size=2, redundancy=1)
    client = logged_in(campaign)
    page = started(client, campaign)
    form = filled(page, "cat")
    Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    work.expire(page)
    work.lease(campaign, worker=worker_of(campaign))

    answer = client.post(f"/work/pages/{page.pk}/submit", form)

    assert answer.status_code == 410
    assert "The time for this page is over" in html(answer)
    assert "does not count against you" in html(answer)


def test_a_late_page_that_nobody_took_away_can_still_be_handed_in():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)
    Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() - timedelta(seconds=1))

    assert "Time is over" in html(client.get(f"/work/pages/{page.pk}/"))
    client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat"))

    page.refresh_from_db()
    assert page.state == "submitted"


def test_a_page_in_hand_is_offered_first_and_not_leased_again():
    campaign = running(items=4, page_size=2)
    client = logged_in(campaign)
    page = started(client, campaign)

    assert f'href="/work/pages/{page.pk}/"' in html(client.get("/work/"))
    assert started(client, campaign) == page


def test_a_campaign_says_what_it_pays_how_it_is_judged_and_why_a_worker_may_not_start():
    campaign = running(items=4, page_size=4, price=10, gold_share=0.1, least_skill=0.9, skill_scope="campaign:other")
    campaign.guidelines.create(version=2, text="# Look\n\nat *all* of it <script>alert(1)</script>")
    client = logged_in(campaign)

    shown = html(client.get(f"/work/{campaign.pk}/"))

    assert "0.10 USD a page" in shown
    assert "4 questions, 0.025 USD each" in shown
    assert "30 minutes" in shown
    assert "fewer than 50% of yours" in shown
    assert "after 3 days, it is paid" in shown
    assert "<em>all</em>" in shown
    assert "<script>alert" not in shown
    assert "This campaign is for workers whose skill was measured before: you have no score yet." in shown
    assert f'action="/work/{campaign.pk}/lease"' not in shown


def test_earnings_tell_pending_from_approved_and_give_the_reason_of_a_rejection():
    from apps.payments import services as payments
    from apps.quality.models import Review

    campaign = running(items=6, page_size=2, price=10)
    client = logged_in(campaign)
    pages = []
    for _ in range(3):
        page = started(client, campaign)
        client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat", then="stop"))
        page.refresh_from_db()
        pages.append(page)
    work.approve(pages[0])
    payments.owe(pages[0])
    boss = member(campaign.organization)
    Review.objects.create(
        assignment=pages[1], proposal="reject", verdict="reject", reason="Every answer was the same.",
        decided_by=boss, approve_at=clock.now(), decided_at=clock.now(),
    )  # fmt: skip
    work.reject(pages[1])

    shown = html(client.get("/work/earnings/"))
    sums = client.get("/work/earnings/", headers={"accept": "application/json"}).json()["earnings"]

    assert sums == [{"currency": "USD", "pending": 10, "approved": 10, "paid": 0}]
    assert "Every answer was the same." in shown
    assert "(1 rejected)" in shown
    assert "Every answer was the same." in html(client.get(f"/work/pages/{pages[1].pk}/"))


def test_nobody_sees_or_touches_anothers_page():
    campaign = running(items=4, page_size=2)
    page = started(logged_in(campaign), campaign)
    other = logged_in(campaign)

    for address in ("", "submit", "extend", "give-back"):
        assert other.get(f"/work/pages/{page.pk}/{address}").status_code == 404
        if address:
            assert other.post(f"/work/pages/{page.pk}/{address}").status_code == 404
    page.refresh_from_db()
    assert page.state == "leased"


def test_a_campaign_of_another_organization_or_in_draft_is_not_there():
    campaign = running(items=2)
    stranger = logged_in(running(items=2))

    assert stranger.get(f"/work/{campaign.pk}/").status_code == 404
    assert stranger.post(f"/work/{campaign.pk}/lease").status_code == 404


def test_every_page_asks_strangers_to_log_in():
    campaign = running(items=2, page_size=2)
    page = work.lease(campaign, worker=worker_of(campaign))
    addresses = ["/", "/work/", "/work/campaigns.json", "/work/earnings/", f"/work/{campaign.pk}/"]
    addresses += [f"/work/{campaign.pk}/lease", f"/work/pages/{page.pk}/"]
    addresses += [f"/work/pages/{page.pk}/{verb}" for verb in ("submit", "extend", "give-back")]

    for address in addresses:
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")


def test_work_is_changed_by_post_with_a_token_only():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    careful = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    careful.cookies = client.cookies

    assert client.get(f"/work/{campaign.pk}/lease").status_code == 302
    refused = careful.post(f"/work/{campaign.pk}/lease")

    assert refused.status_code == 403
    assert "That was not sent" in html(refused)
    assert Assignment.objects.count() == 0


def test_the_start_sends_workers_to_work_staff_to_the_admin_and_tells_others_why_there_is_nothing():
    campaign = running(items=2)
    requester, nobody = Client(), Client()
    requester.force_login(member(campaign.organization))
    nobody.force_login(UserFactory(email="lost@example.org"))

    assert logged_in(campaign).get("/")["Location"] == "/work/"
    assert requester.get("/")["Location"] == "/admin/"
    assert "lost@example.org" in html(nobody.get("/"))
    assert nobody.get("/work/").status_code == 403


def late(campaign: Campaign, client: Client) -> Assignment:
    """Return a page whose time was over, and which was taken out of the worker's hands."""
    page = started(client, campaign)
    Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now())
    work.expire(page)
    return page


def test_a_late_page_that_is_opened_again_can_still_be_handed_in_while_nobody_else_was_asked():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = late(campaign, client)

    shown = html(client.get(f"/work/pages/{page.pk}/"))
    client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat", then="stop"))

    assert "You can still hand in" in shown
    page.refresh_from_db()
    assert (page.state, page.pay) == ("submitted", page.price)


def test_a_late_page_whose_questions_went_to_others_says_so():
    campaign = running(items=2, page_size=2, redundancy=1)
    client = logged_in(campaign)
    page = late(campaign, client)
    work.lease(campaign, worker=worker_of(campaign))

    assert "Its questions are offered to others" in html(client.get(f"/work/pages/{page.pk}/"))


@pytest.mark.parametrize("state", ["stopping", "stopped", "completed"])
def test_a_late_page_of_work_that_has_ended_says_so_and_where_to_go_on(state):
    campaign = running(items=2, page_size=2, redundancy=1)
    client = logged_in(campaign)
    page = late(campaign, client)
    Campaign.objects.filter(pk=campaign.pk).update(state=state, ended_at=None if state == "stopping" else clock.now())

    shown = html(client.get(f"/work/pages/{page.pk}/?over"))

    assert "this work has ended" in shown
    assert "Look under “All work”" in shown
    assert "offered to others" not in shown
    assert "ask for more time" not in shown


@pytest.mark.parametrize("state", ["submitted", "approved", "rejected", "expired", "returned"])
def test_of_what_is_not_paid_no_money_is_spoken_when_it_is_over(state):
    campaign = running(purpose="test", grants="animals", items=2, gold=2, page_size=1, price=0)
    client = logged_in(campaign)
    page = started(client, campaign)
    if state == "returned":
        client.post(f"/work/pages/{page.pk}/give-back")
    elif state == "expired":
        work.expire(late(campaign, client))
    else:
        client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat", then="stop"))
    page.refresh_from_db()
    if state in ("approved", "rejected"):
        work.approve(page) if state == "approved" else work.reject(page)
        page.refresh_from_db()

    shown = html(client.get(f"/work/pages/{page.pk}/?over"))

    assert page.state == state
    told = shown[shown.index("<main") : shown.index('class="lc-actions"')]
    assert not re.search(r"earn|paid|USD|went to others", told), told


def test_more_time_that_a_late_page_does_not_get_costs_nothing_that_was_typed():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = late(campaign, client)

    shown = html(client.post(f"/work/pages/{page.pk}/extend", filled(page, "dog")))

    assert "You can still hand in" in shown
    assert [value for name, value in posted(shown).items() if name.endswith("value")] == [["dog"], ["dog"]]
