"""What the belt gave up is shown to whose rows it is, and tried again at a click."""

import pytest

from apps.core import clock
from apps.members.models import Role
from apps.pipeline.models import Delivery, Schedule
from tests.console.house import client_of, page
from tests.factories import draft

pytestmark = pytest.mark.django_db


def parked(key: object, step: str = "combine") -> Delivery:
    return Delivery.objects.create(step=step, key=str(key), count=5, parked_at=clock.now(), reason="ValueError: why")


def test_a_parked_step_is_tried_again_at_a_click():
    campaign = draft()
    delivery = parked(campaign.pk)

    client_of(campaign.organization, Role.ADMIN).post(page(delivery, "unpark"))

    assert not Delivery.objects.exists()


def test_a_parked_step_is_seen_only_in_the_organization_of_its_row():
    mine, theirs = draft(), draft()
    parked(mine.pk)
    parked(theirs.pk)
    parked("a row that is gone", step="finish")
    browser = client_of(mine.organization, Role.ADMIN)

    listed = browser.get(page(Delivery)).context["cl"].result_list

    assert [one.key for one in listed] == [str(mine.pk)]
    assert "Parked jobs" in browser.get("/admin/").content.decode()


def test_why_a_clock_failed_is_not_shown_as_it_may_speak_of_others():
    Schedule.objects.update_or_create(
        name="sweep", defaults={"every_seconds": 30, "ran_at": clock.now(), "error": "KeyError: 'a customer'"}
    )

    browser = client_of(draft().organization, Role.ADMIN)
    shown = (
        browser.get(page(Schedule)).content.decode()
        + browser.get("/admin/pipeline/schedule/sweep/change/").content.decode()
    )

    assert "sweep" in shown
    assert "customer" not in shown
