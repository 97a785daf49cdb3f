"""What a worker reads before taking work: pay, time, an hour's pay, who asks, what is needed, and why not."""

import re
from datetime import timedelta

import pytest

from apps.pipeline import steps
from apps.reports.offers import offer
from apps.work import services as work
from apps.work.models import Assignment
from tests.running import handed_in, running, worker_of
from tests.workbench.at_work import html, logged_in

pytestmark = pytest.mark.django_db


def worked(campaign, *, seconds, pages=3, active=None):
    """Have so many pages handed in, each of which took so long."""
    for _ in range(pages):
        page = handed_in(campaign)
        begun = page.submitted_at - timedelta(seconds=seconds)
        Assignment.objects.filter(pk=page.pk).update(leased_at=begun, shown_at=None, active_seconds=active)


def test_time_and_an_hours_pay_are_measured_from_the_pages_that_were_handed_in():
    campaign = running(items=40, page_size=5, price=10, redundancy=9)
    worked(campaign, seconds=60)

    found = offer(campaign, worker_of(campaign))

    assert (found.seconds, found.hourly, found.pace.pages) == (60, 600, 3)


def test_time_that_was_worked_goes_before_time_in_hand():
    campaign = running(items=40, page_size=5, price=10, redundancy=9)
    worked(campaign, seconds=600, active=30.0)

    assert offer(campaign, worker_of(campaign)).seconds == 30


def test_with_few_pages_handed_in_the_time_is_not_yet_known():
    campaign = running(items=40, redundancy=9)
    worked(campaign, seconds=60, pages=2)

    text = html(logged_in(campaign).get("/work/"))

    assert text.count("not yet known") == 2


def test_before_workers_have_measured_it_the_time_is_the_requesters_own():
    campaign = running(items=40, page_size=5, price=10, redundancy=9, seconds_tried=12.0)
    worked(campaign, seconds=300, pages=2)

    found = offer(campaign, worker_of(campaign))
    text = html(logged_in(campaign).get("/work/"))

    assert (found.seconds, found.hourly, found.pace) == (60, 600, None)
    assert "1 minute a page" in text
    assert "as the requester needed" in text
    assert re.search(r"about 6\.00 USD <small[^>]*>\(as the requester needed\)", text)
    assert "not yet known" not in text


def test_the_list_tells_who_asks_and_whom_to_ask():
    campaign = running()
    campaign.organization.contact = "help@shop.example"
    campaign.organization.save()

    text = html(logged_in(campaign).get("/work/"))

    assert campaign.organization.name in text
    assert "mailto:help@shop.example" in text


def test_what_a_worker_may_not_take_is_shown_with_the_reason_and_without_a_start_button():
    campaign = running(languages=["de"])

    text = html(logged_in(campaign, languages=["en"]).get("/work/"))

    assert "Not open to you now" in text
    assert "asks for one of these languages: German" in text
    assert "one of these languages: German" in text
    assert "/lease" not in text


def test_work_for_a_group_is_not_shown_to_others():
    campaign = running(groups=["experts"])

    assert campaign.name not in html(logged_in(campaign).get("/work/"))


def test_a_missing_qualification_comes_with_the_way_to_it():
    campaign = running(qualifications=["animals"])
    exam = running(
        purpose="test", grants="animals", gold=3, items=3, dataset__organization=campaign.organization, name="Exam"
    )

    text = html(logged_in(campaign).get("/work/"))

    assert "what you have not been granted yet: animals" in text
    assert f'href="/work/{exam.pk}/">Get it: <bdi>Exam</bdi>' in text


def test_a_content_warning_is_read_before_a_page_can_be_started():
    campaign = running(content_warning="Pictures of wounds")
    client = logged_in(campaign)

    assert "/lease" not in html(client.get("/work/"))
    page = html(client.get(f"/work/{campaign.pk}/"))
    assert page.index("Pictures of wounds") < page.index("/lease")
    assert "Show them all the same" in page


def test_a_preview_shows_real_questions_and_takes_nothing():
    campaign = running(items=10, gold=2, page_size=5)
    client = logged_in(campaign)

    text = html(client.get(f"/work/{campaign.pk}/"))

    shown = {item.pk for item in campaign.dataset.items.all() if item.data["text"] in text}
    assert len(shown) == 3
    assert not shown & set(campaign.gold.values_list("item", flat=True))
    assert "disabled>Hand in</button>" in text
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"grace_seconds": 600}, "10 minutes after you hand it in; if a person has to look, after 3 days at most"),
        ({}, "approved when you hand it in; if a person has to look, after 3 days at most"),
        ({"review": "person", "approve_after_seconds": 7200}, "if nobody has decided after 2 hours, it is approved"),
    ],
)
def test_when_a_page_is_approved_and_who_may_reject_it_stands_before_the_start_button(values, told):
    campaign = running(**values)
    client = logged_in(campaign)

    for text in (html(client.get("/work/")), html(client.get(f"/work/{campaign.pk}/"))):
        before, _, after = text.partition("/lease")
        assert after
        assert told in before
        assert "Only a person can reject it, with a reason, and you can dispute that for 30 days." in before


def test_an_unpaid_training_tells_that_before_the_start_button():
    campaign = running(purpose="training", gold=3, items=3, price=0)

    assert "It is not paid." in html(logged_in(campaign).get("/work/")).partition("/lease")[0]


def test_the_rules_tell_time_for_changes_disputes_and_leases():
    campaign = running(grace_seconds=600, lease_seconds=1800)

    text = html(logged_in(campaign).get(f"/work/{campaign.pk}/"))

    assert "change a page for 10 minutes after" in text
    assert "dispute a rejection for 30 days" in text
    assert "You have 30 minutes for a page" in text


def test_where_a_person_decides_about_all_pages_workers_are_told_so_before_they_start():
    campaign = running(review="person", approve_after_seconds=86_400)

    text = html(logged_in(campaign).get(f"/work/{campaign.pk}/"))

    assert "A person looks at every page before it is paid." in text
    assert "If nobody has decided about such a page after 1 day, it is paid." in text


def test_a_test_tells_what_it_grants_and_then_how_it_went():
    campaign = running(purpose="test", grants="animals", gold=2, items=2, page_size=2, price=0)
    client = logged_in(campaign)
    worker = campaign.organization.workers.get()

    before = html(client.get(f"/work/{campaign.pk}/"))
    page = work.lease(campaign, worker=worker)
    work.submit(
        page.pk, worker=worker, answers={t.hex: {"answer": "cat"} for t in page.places.values_list("token", flat=True)}
    )
    steps.settle(page.pk)

    assert "Who has 80% right is granted “animals”" in before
    assert "It is not paid." in before
    after = html(client.get(f"/work/{campaign.pk}/"))
    assert "Passed. 100% right; 80% pass. You were granted “animals”." in after
    assert "100% right" in html(client.get(f"/work/pages/{page.pk}/"))


def test_programs_read_the_same_terms():
    campaign = running(price=10, page_size=5, redundancy=9, items=40)
    worked(campaign, seconds=60)

    told = logged_in(campaign).get("/work/campaigns.json").json()["campaigns"][0]

    assert (told["seconds_per_page"], told["hourly"], told["purpose"]) == (60, 600, "work")
