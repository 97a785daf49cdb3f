"""The page behind the one in hand, for the script that keeps it until it is needed."""

import pytest
from at_work import JSON, asking, html, logged_in, started, tokens
from django.db import connection
from django.test import Client

from apps.campaigns.models import Guidelines
from apps.work import services as work
from apps.work.models import Assignment
from apps.workbench.guidelines import Change, changes_for
from tests.running import answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_and_page() -> tuple[Client, Assignment]:
    campaign = asking("single_choice", items=8, page_size=2)
    client = logged_in(campaign)
    return client, started(client, campaign)


def ahead_of(client: Client, page: Assignment) -> Assignment:
    """Return the page that was fetched ahead of this one."""
    client.post(f"/work/pages/{page.pk}/ahead")
    return Assignment.objects.exclude(pk=page.pk).get(state="leased")


def test_it_comes_as_the_page_that_it_will_be_and_its_clock_does_not_run(client_and_page):
    client, page = client_and_page

    answer = client.post(f"/work/pages/{page.pk}/ahead", headers={"accept": "text/html, application/json"})

    ahead = Assignment.objects.exclude(pk=page.pk).get()
    assert answer.status_code == 200
    assert all(token in html(answer) for token in tokens(ahead))
    assert f"/work/pages/{ahead.pk}/shown" in html(answer)
    assert ahead.shown_at is None
    assert answer["Cache-Control"].startswith("max-age=0")


def test_asked_for_again_it_is_the_same_one(client_and_page):
    client, page = client_and_page
    first = ahead_of(client, page)

    assert ahead_of(client, page) == first
    assert Assignment.objects.count() == 2


def test_where_nothing_is_left_the_reason_is_said():
    campaign = asking("single_choice", items=1, page_size=1)
    client = logged_in(campaign)
    page = started(client, campaign)

    answer = client.post(f"/work/pages/{page.pk}/ahead")

    assert answer.status_code == 409
    assert answer.json()["reason"] == "done"


def test_of_the_second_page_there_is_none_behind_while_the_first_is_in_hand(client_and_page):
    client, page = client_and_page
    ahead = ahead_of(client, page)

    answer = client.post(f"/work/pages/{ahead.pk}/ahead")

    assert answer.status_code == 409
    assert answer.json()["reason"] == "held"


def test_shown_it_says_how_long_it_is_in_hand(client_and_page):
    client, page = client_and_page
    ahead = ahead_of(client, page)

    said = client.post(f"/work/pages/{ahead.pk}/shown").json()

    ahead.refresh_from_db()
    assert ahead.shown_at is not None
    assert said["expires_at"] == ahead.expires_at.isoformat()
    assert ahead.campaign.lease_seconds - 5 <= said["seconds_left"] <= ahead.campaign.lease_seconds
    assert said["is_longest"] is False


def test_looking_at_it_in_a_browser_shows_it(client_and_page):
    client, page = client_and_page
    ahead = ahead_of(client, page)

    client.get(f"/work/pages/{ahead.pk}/")

    ahead.refresh_from_db()
    assert ahead.shown_at is not None


def test_released_it_goes_back_and_cannot_be_shown_any_more(client_and_page):
    client, page = client_and_page
    ahead = ahead_of(client, page)

    said = client.post(f"/work/pages/{ahead.pk}/release").json()

    assert said == {"state": "returned"}
    assert client.post(f"/work/pages/{ahead.pk}/shown").status_code == 410


def test_a_page_that_was_shown_is_not_released(client_and_page):
    client, page = client_and_page

    assert client.post(f"/work/pages/{page.pk}/release").json() == {"state": "leased"}


@pytest.mark.parametrize("verb", ["ahead", "shown", "release"])
def test_nobody_touches_anothers_page(client_and_page, verb: str):
    _, page = client_and_page
    other = logged_in(page.campaign)

    assert other.post(f"/work/pages/{page.pk}/{verb}", **JSON).status_code == 404
    assert other.get(f"/work/pages/{page.pk}/{verb}").status_code == 405


@pytest.mark.parametrize(("claim", "status"), [(3.5, 200), (0, 200), (None, 200), ("3", 400), (True, 400), ([], 400)])
def test_active_time_is_a_number_of_seconds(client_and_page, claim, status: int):
    client, page = client_and_page
    sent = {"answers": answered(page), "active_seconds": claim}

    assert client.post(f"/work/pages/{page.pk}/submit", sent, **JSON).status_code == status


SIGNS = {"keys": 12, "presses": 3, "leaves": 1}


@pytest.mark.parametrize(
    ("signs", "status"),
    [
        (SIGNS, 200), (None, 200), ("12", 400), ({**SIGNS, "keys": -1}, 400), ({**SIGNS, "keys": True}, 400),
        ({"keys": 12}, 400), ({**SIGNS, "typed": "secret"}, 400), ({**SIGNS, "keys": 10**9}, 400),
    ],
)  # fmt: skip
def test_signs_of_work_are_counts_and_nothing_else(client_and_page, signs, status: int):
    client, page = client_and_page
    sent = {"answers": answered(page), "signs": signs}

    assert client.post(f"/work/pages/{page.pk}/submit", sent, **JSON).status_code == status

    page.refresh_from_db()
    assert page.signs == (signs if status == 200 else None)


def test_guidelines_that_changed_since_the_last_page_are_told_line_by_line(client_and_page):
    client, page = client_and_page
    Guidelines.objects.create(campaign=page.campaign, version=2, text="Look closely, then choose.\n\nTake your time.")

    ahead = ahead_of(client, page)

    assert changes_for(page) == []
    assert changes_for(ahead) == [Change(before="", after="Take your time.")]
    assert "The guidelines have changed" in html(client.get(f"/work/pages/{ahead.pk}/"))


@pytest.mark.parametrize("verb", ["submit", "give-back"])
def test_behind_a_page_that_left_the_hands_meanwhile_there_is_none_and_none_is_leased(client_and_page, verb: str):
    client, page = client_and_page
    left: list[str] = []

    def just_before(execute, sql, *rest):
        """Let the page go as it is looked at whether a page comes behind it: another request did so meanwhile."""
        if "campaigns_reservation" in sql and not left:
            left.append(verb)
            if verb == "submit":
                work.submit(page.pk, worker=page.worker, answers=answered(page))
            else:
                work.give_back(page.pk, worker=page.worker)
        return execute(sql, *rest)

    with connection.execute_wrapper(just_before):
        answer = client.post(f"/work/pages/{page.pk}/ahead", headers={"accept": "text/html, application/json"})

    assert left
    assert answer.status_code == 409
    assert answer.json() == {"sentence": "This page was given back or handed in meanwhile.", "reason": "released"}
    assert not Assignment.objects.exclude(pk=page.pk).exists()
