"""A worker's way around the work in a real browser: invited, corrected, in another language."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.members import consent
from apps.members.models import User
from apps.work.models import Judgment
from apps.workforce import inviting
from tests.browser.working import Visit, answer_all, choose, hand_in, person, sees
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_an_invitation_to_a_page_that_is_corrected(visit: Visit, live_server):
    campaign = running(items=2, page_size=2, price=10, grace_seconds=600)
    consent.publish(campaign.organization, text=consent.SUGGESTION)
    invitation = inviting.invite(campaign.organization, email="wanda@example.org", languages=["en"])
    page: Page = visit(width=390)

    page.goto(f"{live_server.url}/work/invitations/{inviting.token(invitation)}/")
    page.get_by_label("Name", exact=True).fill("Wanda")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("checkbox", name=re.compile("I agree")).check()
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Welcome.")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 2 done")
    answer_all(page, "cat")
    hand_in(page, stop=True)
    page.get_by_role("link", name="Change your answers").click()
    expect(page.get_by_role("heading", name=re.compile("Change your page"))).to_be_visible()
    choose(page, 2, "dog")
    page.get_by_role("button", name="Keep the changes").click()
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()

    assert sorted(Judgment.objects.values_list("answer", flat=True)) == ["cat", "dog"]


def test_a_page_of_questions_from_right_to_left(visit: Visit):
    campaign = running(items=2, page_size=2)
    User.objects.filter(pk=person(campaign).pk).update(language="ar")
    page = visit(width=390)

    page.get_by_label("Email").fill("wanda@example.org")
    page.get_by_label("Password", exact=True).fill("a long enough password")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name=re.compile("ابدأ")).click()
    sees(page, "أُنجز 0 من 2")
    answer_all(page, "cow")
    sees(page, "أُنجز 2 من 2")

    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
