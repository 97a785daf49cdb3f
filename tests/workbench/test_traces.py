"""Working leaves traces by which accounts of one person are found: the browser, and the range of addresses."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.workbench.traces import COOKIE
from apps.workforce.models import Link, Trace
from tests.running import running
from tests.workbench.at_work import logged_in

pytestmark = pytest.mark.django_db


def lease(browser: Client, campaign: object, **more: str) -> None:
    browser.post(reverse("workbench:lease", args=[campaign.pk]), **more)


def test_two_accounts_that_work_in_one_browser_are_linked_before_the_second_gets_a_page():
    campaign = running(items=5, page_size=5, redundancy=2)
    browser = logged_in(campaign)
    lease(browser, campaign)
    name = browser.cookies[COOKIE].value
    other = logged_in(campaign)
    other.cookies[COOKIE] = name

    lease(other, campaign)

    assert Link.objects.get().kind == "device"
    assert campaign.assignments.count() == 1


def test_two_browsers_in_one_range_of_addresses_are_two():
    campaign = running(items=5, page_size=5, redundancy=2)

    for address in ("127.0.0.1", "127.0.0.2"):
        lease(logged_in(campaign), campaign, REMOTE_ADDR=address)

    assert Link.objects.count() == 0
    assert len(set(Trace.objects.filter(kind="network").values_list("digest", flat=True))) == 1
    assert campaign.assignments.count() == 2


def test_traces_are_left_once_a_day_and_the_cookie_is_for_the_server_alone():
    campaign = running(items=20, page_size=5)
    browser = logged_in(campaign)
    lease(browser, campaign)
    seen = Trace.objects.get(kind="device").seen_at

    lease(browser, campaign)

    assert Trace.objects.get(kind="device").seen_at == seen
    assert browser.cookies[COOKIE]["httponly"]
    assert browser.cookies[COOKIE]["samesite"] == "Lax"


def test_simulated_workers_leave_none():
    campaign = running(channel="simulated")

    lease(logged_in(campaign), campaign)

    assert campaign.assignments.count() == 1
    assert Trace.objects.count() == 0
