"""What requesters see of a worker's page: the same questions behind a signed address, and nothing is kept."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.work import previews
from apps.work.models import Assignment, Seat
from tests.factories import draft

pytestmark = pytest.mark.django_db


def address(campaign, **values):
    return reverse("workbench:preview", args=[previews.sign(campaign, **values)])


def test_a_preview_shows_the_questions_of_a_page_without_a_session_or_a_lease():
    campaign = draft(items=7, page_size=5)

    response = Client().get(address(campaign))

    assert response.status_code == 200
    assert response.content.decode().count("What is item-") == 5
    assert not Seat.objects.exists()
    assert not Assignment.objects.exists()
    assert response.cookies == {}


def test_a_preview_has_nothing_to_hand_in():
    page = Client().get(address(draft(items=1))).content.decode()

    assert "<form" not in page
    assert "disabled" in page


def test_a_preview_begins_with_the_item_asked_for():
    campaign = draft(items=3, page_size=1)
    last = campaign.dataset.items.order_by("-pk").first()

    assert f"What is {last.external_id}?" in Client().get(address(campaign, item=last.pk)).content.decode()


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
