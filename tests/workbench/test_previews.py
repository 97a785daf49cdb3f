"""What requesters see of a worker's page: the very page behind a signed address, in nobody's hands; nothing is kept."""

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.work import previews
from apps.work import services as work
from apps.work.models import Assignment, Judgment, Place, Seat
from apps.workforce.models import Channel
from tests.factories import UserFactory, draft
from tests.running import running, worker_of
from tests.workbench.test_frames import KIND, html_question

pytestmark = pytest.mark.django_db
NOTICE = "A preview: this is what workers see. Nothing you do here is kept or sent."
SAID = "nothing is handed in, extended or given back"


def address(campaign, **values):
    return reverse("workbench:preview", args=[previews.sign(campaign, **values)])


def body_of(page, token):
    """Return a page's header and content, without what is of one moment or leads somewhere."""
    body = page[page.index("<nav") : page.index("</main>")].replace(token, "TOKEN")
    body = re.sub(r'<div class="lc-connection".*?</div>', "", body, flags=re.DOTALL)
    body = re.sub(r'<div class="lc-notice">.*?</div>', "", body, flags=re.DOTALL)
    body = re.sub(r'<input type="hidden" name="csrf[^>]*>', "", body)
    body = re.sub(r"<time .*?</time>", "TIME", body, flags=re.DOTALL)
    body = re.sub(
        r' (?:data-(?:page|url|extend|lease|ahead|release|say-preview|left)|(?:form)?action)="[^"]*"', "", body
    )
    body = re.sub(r'(<a class="lc-button" href=)"[^"]*"', r"\1", body)
    return [line.strip() for line in body.replace(" inert", "").splitlines() if line.strip()]


def untouched():
    return not (Seat.objects.exists() or Assignment.objects.exists() or Judgment.objects.exists())


def test_a_preview_shows_the_questions_of_a_page_without_a_session_or_a_lease():
    campaign = draft(items=7, page_size=5)

    response = Client().get(address(campaign))

    assert response.status_code == 200
    assert response.content.decode().count("What is item-") == 5
    assert untouched()
    assert response.cookies == {}


@pytest.mark.parametrize("values", [{}, {"content_warning": "Snakes."}, {"suggestion_field": "guess"}, {"price": 0}])
def test_a_preview_is_the_page_that_a_worker_gets(values):
    if "suggestion_field" in values:
        values |= {"suggested_to": "workers", "suggestion_withheld": 0}
    campaign = running(items=1, page_size=1, redundancy=1, gold_share=0, early_gold=0, **values)
    preview = Client().get(address(campaign)).content.decode()
    user, client = UserFactory(), Client()
    page = work.lease(campaign, worker=worker_of(campaign, user=user))
    client.force_login(user)
    token = Place.objects.get().token.hex

    theirs = client.get(reverse("workbench:page", args=[page.pk])).content.decode()

    assert body_of(preview, "preview-1") == body_of(theirs, token)
    assert NOTICE in preview
    assert "Skip it" in preview
    assert "More time" in preview


def test_a_preview_of_a_markets_slot_is_the_page_that_stands_in_its_frame():
    page = Client().get(address(draft(items=2, channel=Channel.MTURK, page_size=2))).content.decode()

    assert 'id="slot"' in page
    assert page.count("Comment, or report a problem") == 2
    assert '<button class="lc-button lc-primary" type="submit">Hand in</button>' in page
    assert NOTICE in page


def test_a_preview_of_a_page_of_the_requesters_own_shows_it_in_its_frame():
    item = {"question": html_question()}
    campaign = draft(items=1, page_size=1, kind=KIND, settings={"question": "Look"}, data=item)

    page = Client().get(address(campaign)).content.decode()
    frame = Client().get(re.search(r'<iframe[^>]* src="([^"]*)"', page)[1])

    assert "Give this page back" in page
    assert frame.status_code == 200
    assert "externalSubmit" in frame.content.decode()
    assert "frame-ancestors" not in frame["Content-Security-Policy"], "the admin's sandbox around it has no origin"


def test_what_a_preview_posts_without_a_script_comes_back_and_nothing_is_kept():
    campaign = draft(items=1, page_size=1)
    client = Client(enforce_csrf_checks=True)

    posted = {"preview-1": "cat", "note:preview-1": "A fine cat.", "way:preview-1": "answer", "then": "next"}
    response = client.post(address(campaign), posted)
    given_back = client.post(address(campaign))

    assert SAID in response.content.decode()
    assert "A fine cat." in response.content.decode()
    assert SAID in given_back.content.decode()
    assert untouched()
    assert response.cookies == {}


def test_a_preview_without_a_script_says_what_is_missing_as_the_page_would():
    response = Client().post(address(draft(items=1, page_size=1)), {"then": "next"})

    assert "question 1 has no answer yet" in response.content.decode()


def test_a_dataset_without_items_is_told():
    assert "The dataset has no items yet." in Client().get(address(draft(items=0))).content.decode()


def test_a_preview_begins_with_the_item_asked_for():
    campaign = draft(items=3, page_size=1)
    last = campaign.dataset.items.order_by("-pk").first()

    assert f"What is {last.external_id}?" in Client().get(address(campaign, item=last.pk)).content.decode()


def test_nothing_of_the_site_around_it_can_be_followed_which_a_frame_could_not_show():
    shown = Client().get(address(draft(items=1))).content.decode()
    over = Client().get("/work/preview/forged/").content.decode()

    assert '<header class="lc-header" inert>' in shown
    assert shown.count('href="/"') == shown.partition("</header>")[0].count('href="/"') == 1
    assert [part for part in ("lc-brand", 'id="theme"', 'href="/"') if part in over] == []


def test_only_frames_of_this_site_may_show_it():
    response = Client().get(address(draft(items=1)))

    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response


def test_an_address_is_good_for_an_hour():
    campaign = draft(items=1)
    signed = address(campaign)

    with time_machine.travel(clock.now().timestamp() + previews.SECONDS + 5):
        assert Client().get(signed).status_code == 404


def test_an_address_of_ones_own_making_opens_nothing():
    assert Client().get(reverse("workbench:preview", args=["made-up"])).status_code == 404


def test_a_question_that_is_not_finished_is_told():
    assert "not finished yet" in Client().get(address(draft(items=1, settings={}))).content.decode()
