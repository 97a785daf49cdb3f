"""What a worker can do after handing in: change, look back, learn, contest, dispute; and what it earned."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.utils.formats import date_format

from apps.campaigns.models import Contest, GoldQuestion
from apps.core import clock
from apps.ledger import services as books
from apps.members.models import Role
from apps.payments import services as payments
from apps.pipeline import flow, steps
from apps.quality import services as quality
from apps.quality.models import Dispute
from apps.work.models import Assignment, Judgment
from tests.factories import member
from tests.running import answered, running
from tests.workbench.at_work import filled, html, logged_in, posted, started, tokens

pytestmark = pytest.mark.django_db


def handed_in(client, campaign, answer="cat"):
    page = started(client, campaign)
    flow.submit(page.pk, worker=page.worker, answers=answered(page, answer=answer))
    return page


def settled(page):
    steps.settle(page.pk)
    page.refresh_from_db()
    return page


def rejected(client, campaign):
    page = settled(handed_in(client, campaign))
    review = page.review
    Assignment.objects.filter(pk=page.pk).update(state="submitted", decided_at=None, held=page.pay)
    type(review).objects.filter(pk=review.pk).update(verdict="", decided_at=None)
    review.refresh_from_db()
    quality.decide(review, verdict="reject", reason="All the same", by=member(campaign.organization, Role.REVIEWER))
    return page


def test_a_page_shows_how_long_it_can_be_changed_and_comes_back_with_its_answers():
    campaign = running(grace_seconds=600, items=2, page_size=2)
    client = logged_in(campaign)
    page = handed_in(client, campaign, answer="dog")

    text = html(client.get(f"/work/pages/{page.pk}/"))
    form = posted(html(client.get(f"/work/pages/{page.pk}/change")))

    assert f"/work/pages/{page.pk}/change" in text
    assert filled(page, "dog").items() <= form.items()


def test_changes_are_kept_without_scripts():
    campaign = running(grace_seconds=600, items=2, page_size=2)
    client = logged_in(campaign)
    page = handed_in(client, campaign)

    answer = client.post(f"/work/pages/{page.pk}/change", filled(page, "cow"), follow=True)

    assert "Your changes are kept." in html(answer)
    assert set(Judgment.objects.values_list("answer", flat=True)) == {"cow"}


def test_programs_change_a_page_by_json():
    campaign = running(grace_seconds=600, items=2, page_size=2)
    client = logged_in(campaign)
    page = handed_in(client, campaign)
    send = {"content_type": "application/json", "HTTP_ACCEPT": "application/json"}
    other = {token: {"answer": "dog"} for token in tokens(page)}

    done = client.post(f"/work/pages/{page.pk}/change", {"answers": other}, **send)
    bad = client.post(f"/work/pages/{page.pk}/change", {"answers": {}}, **send)
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        late = client.post(f"/work/pages/{page.pk}/change", {"answers": {}}, **send)

    assert (done.status_code, bad.status_code, late.status_code) == (200, 422, 409)
    assert set(Judgment.objects.values_list("answer", flat=True)) == {"dog"}


def test_the_list_leads_to_the_pages_that_can_still_be_changed():
    campaign = running(grace_seconds=600, items=4, page_size=2)
    client = logged_in(campaign)
    page = handed_in(client, campaign)

    now = html(client.get("/work/"))
    with time_machine.travel(clock.now() + timedelta(seconds=601), tick=False):
        later = html(client.get("/work/"))
        shut = client.get(f"/work/pages/{page.pk}/change", follow=True)

    assert f"/work/pages/{page.pk}/change" in now
    assert f"/work/pages/{page.pk}/change" not in later
    assert "the time to change this page is over" in html(shut).lower()


def test_a_page_tells_what_was_handed_in():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)

    text = html(client.get(f"/work/pages/{handed_in(client, campaign, answer='cow').pk}/"))

    assert text.count("<strong>cow</strong>") == 2


def test_teaching_questions_are_explained_and_can_be_contested():
    campaign = running(items=4, gold=2, page_size=4, gold_share=0.5, early_gold=5)
    GoldQuestion.objects.update(teaching=True, reason="It has whiskers.")
    client = logged_in(campaign)
    page = settled(handed_in(client, campaign, answer="dog"))
    gold = GoldQuestion.objects.first()

    text = html(client.get(f"/work/pages/{page.pk}/"))
    client.post(f"/work/pages/{page.pk}/contest/{gold.pk}", {"text": "It is a dog."})

    assert text.count("It has whiskers.") == 2
    assert "not right" in text
    assert Contest.objects.get().text == "It is a dog."
    assert "You contested this answer" in html(client.get(f"/work/pages/{page.pk}/"))


def test_a_worker_disputes_a_rejection_and_sees_what_came_of_it():
    campaign = running(items=2, page_size=2, price=10)
    client = logged_in(campaign)
    page = rejected(client, campaign)

    before = html(client.get(f"/work/pages/{page.pk}/"))
    client.post(f"/work/pages/{page.pk}/dispute", {"text": "They were all cats."})
    waiting = html(client.get(f"/work/pages/{page.pk}/"))
    flow.decide_dispute(
        Dispute.objects.get(), outcome="overturned", reason="So they were.", by=member(campaign.organization)
    )
    after = html(client.get(f"/work/pages/{page.pk}/"))

    assert "All the same" in before
    assert "Dispute the rejection" in before
    assert "They were all cats." in waiting
    assert "Dispute the rejection" not in waiting
    assert "You were right: the page is paid." in after


def test_a_dispute_needs_words():
    campaign = running(items=2, page_size=2, price=10)
    client = logged_in(campaign)
    page = rejected(client, campaign)

    answer = client.post(f"/work/pages/{page.pk}/dispute", {"text": " "}, follow=True)

    assert "somebody will read it" in html(answer).lower()
    assert not Dispute.objects.exists()


def test_earnings_tell_today_this_week_and_what_an_hour_paid():
    campaign = running(items=4, page_size=2, price=50)
    client = logged_in(campaign)
    page = handed_in(client, campaign)
    Assignment.objects.filter(pk=page.pk).update(active_seconds=120.0)

    text = html(client.get("/work/earnings/"))

    assert "Today" in text
    assert "This week" in text
    assert "15.00 USD" in text
    assert "2 minutes" in text


def test_every_payment_and_bonus_can_be_reached():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = handed_in(client, campaign)
    books.deposit(campaign.organization, amount=10_000, currency="USD", reference="bank 1")
    by = member(campaign.organization, Role.FINANCE)
    for number in range(1, 15):
        named = {"reference": f"b{number}", "reason": f"Bonus no. {number:02}"}
        payments.pay_bonus(page.worker, amount=100 + number, currency="USD", by=by, **named)
        batch = payments.approve_batch(payments.plan_payouts(campaign.organization, currency="USD"), by=by)
        payments.begin_all(batch, by=by)

    text = html(client.get("/work/earnings/"))
    seen, opened = text, set()
    while links := {unescape(link) for link in re.findall(r'href="(\?[^"]*)#(?:payments|credits)"', seen)} - opened:
        opened |= links
        seen += "".join(html(client.get(f"/work/earnings/{link}")) for link in links)

    assert "Bonus no. 01" not in text
    assert all(f"Bonus no. {number:02}" in seen for number in range(1, 15))
    assert all(f"1.{number:02} USD" in seen.partition('id="payments"')[2] for number in range(1, 15))


def test_payments_are_those_that_were_made_the_latest_first_and_what_did_not_arrive_is_owed_again():
    campaign = running(items=2, page_size=2)
    client = logged_in(campaign)
    page = handed_in(client, campaign)
    books.deposit(campaign.organization, amount=10_000, currency="USD", reference="bank 1")
    by = member(campaign.organization, Role.FINANCE)
    today = clock.now().date()
    planned = {}
    for number in range(1, 7):
        named = {"reference": f"b{number}", "reason": "well done"}
        payments.pay_bonus(page.worker, amount=100 + number, currency="USD", by=by, **named)
        planned[number] = payments.plan_payouts(campaign.organization, currency="USD")
    payments.cancel_batch(planned[1], by=by)
    for number in (2, 3, 4, 5):
        payments.begin_all(payments.approve_batch(planned[number], by=by), by=by)
    failed, sent, returned = (planned[number].payouts.get() for number in (2, 3, 4))
    payments.fail(failed, problem="no such account")
    payments.confirm(returned, receipt="R4", executed_on=today)
    payments.come_back(returned, problem="closed")
    payments.confirm(sent, receipt="R3", executed_on=today)

    seen = client.get("/work/earnings/")
    rows = html(seen).partition('id="payments"')[2].partition("</table>")[0].split("<tr>")[2:]

    assert [row.amount for row in seen.context["payments"]] == [103, 104, 105, 102]
    assert ["owed again" in row for row in rows] == [False, True, False, True]
    assert [date_format(today) in row for row in rows] == [True, True, False, False]


def test_an_hour_paid_counts_the_time_of_rejected_pages_too():
    campaign = running(items=4, page_size=2, price=100)
    client = logged_in(campaign)
    rejected(client, campaign)
    handed_in(client, campaign)
    Assignment.objects.update(active_seconds=1800.0)

    today = client.get("/work/earnings/").context["stretches"][0]

    assert (today.pages, today.pay, today.seconds, today.hourly) == (1, 100, 3600, 100)
