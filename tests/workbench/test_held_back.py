"""What is sent after one's log-in ended, without scripts: it is not lost, and nobody else can have it sent."""

from html import unescape

import pytest
from at_work import asking, filled, form_of, html, logged_in, started
from django.test import Client

from apps.work.models import Judgment
from apps.workbench.held_back import MOST
from tests.kinds.posted_forms import Form
from tests.running import running

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}


def strict(campaign):
    """Return a worker's browser that is asked for the token of forms, a page it works on, and the person."""
    client = logged_in(campaign)
    page = started(client, campaign)
    client.handler.enforce_csrf_checks = True
    return client, page, page.worker.user


def token(client, page):
    return {"csrfmiddlewaretoken": form_of(client, page)["csrfmiddlewaretoken"]}


def once_more(answer):
    """Return where the form in an answer goes, and what it holds."""
    text = html(answer)
    begin = text.index('<form id="held-back"')
    form = text[begin : text.index("</form>", begin)]
    return form.split('"')[5], Form(form).posted


@pytest.mark.parametrize("kind", ["single_choice", "free_text"])
def test_answers_that_come_after_the_session_ended_are_sent_once_more_when_one_is_logged_in_again(kind):
    campaign = asking(kind, items=2, page_size=2)
    client, page, person = strict(campaign)
    answer = {"single_choice": "cat", "free_text": 'said "<b>no</b>" & left'}[kind]
    form = filled(page, answer, then="next") | token(client, page)
    del client.cookies["sessionid"]

    told = client.post(f"/work/pages/{page.pk}/submit", form, **OURS)
    to, held = once_more(told)
    client.force_login(person)
    client.cookies["csrftoken"] = "x" * 32  # a log-in by the form changes it, which this one does not
    stale = client.post(to, held, **OURS)
    to, held = once_more(stale)
    taken = client.post(to, held, **OURS)

    assert (told.status_code, stale.status_code, taken.status_code) == (401, 403, 302)
    assert "You are not logged in any more" in html(told)
    assert "You logged in since" in html(stale)
    assert "no-store" in told["Cache-Control"]
    page.refresh_from_db()
    assert page.state == "submitted"
    assert list(Judgment.objects.values_list("answer", flat=True)) == [answer, answer]


@pytest.mark.parametrize(
    "sent_by",
    [
        {"HTTP_ORIGIN": "https://evil.example", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "none"},
        {},
    ],
)
def test_what_no_page_of_ours_sent_is_not_given_to_be_sent(sent_by):
    client, page, _person = strict(running(items=2, page_size=2))

    answer = client.post(f"/work/pages/{page.pk}/submit", filled(page, "cat"), **sent_by)

    assert answer.status_code == 403
    assert "Send once more" not in html(answer)
    assert "way:" not in html(answer)


def test_what_was_typed_comes_back_as_text_in_a_field_that_nobody_sees():
    client, page, _person = strict(running(items=1))
    typed = '"><script>alert(1)</script>'

    answer = client.post(f"/work/pages/{page.pk}/submit", {f"note:{typed}": typed, "then": "next"}, **OURS)

    assert "<script>alert" not in html(answer)
    assert unescape(html(answer)).count(typed) == 2
    assert html(answer).count('<input type="hidden"') == 3  # the two, and the token


def test_what_is_too_long_to_come_back_is_told_how_it_is_sent():
    client, page, _person = strict(running(items=1))

    answer = client.post(f"/work/pages/{page.pk}/submit", {"note": "x" * MOST}, **OURS)

    assert len(html(answer)) < 10_000
    assert "too long to be kept on this page" in html(answer)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("account/payout", {"method": "paypal", "address": "ada@example.org"}),
        ("pages/{page}/give-back", {}),
    ],
)
def test_what_another_could_send_as_theirs_and_what_holds_nothing_is_led_to_the_log_in(path, form):
    client, page, _person = strict(running(items=1))
    form = form | token(client, page)
    del client.cookies["sessionid"]

    answer = client.post(f"/work/{path.format(page=page.pk)}", form, **OURS)

    assert answer["Location"].startswith("/accounts/login/?next=/work/")


def test_a_page_of_somebody_else_takes_nothing_that_is_sent_once_more():
    campaign = running(items=2, page_size=2)
    _client, page, _person = strict(campaign)
    other = logged_in(campaign)

    answer = other.post(f"/work/pages/{page.pk}/submit", filled(page, "cat"))

    assert answer.status_code == 404
    assert not Judgment.objects.exists()


def test_who_logged_in_in_a_tab_of_its_own_is_told_where_to_go_on():
    answer = logged_in(running(items=1)).get("/work/logged-in/")

    assert "Go back to it, and press “Send once more” there" in html(answer)
    assert Client().get("/work/logged-in/").status_code == 302
