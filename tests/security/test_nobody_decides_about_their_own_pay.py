"""Who reviews or pays may be a worker of the same organization: about their own pay somebody else decides."""

import pytest
from django.urls import reverse

from apps.core import clock, money
from apps.members.models import Role, Trail
from apps.payments import services as payments
from apps.payments.models import Obligation, PayoutBatch
from apps.pipeline import fair_pay, flow
from apps.pipeline.models import Operation
from apps.quality import services as quality
from apps.quality.models import Dispute, Review
from apps.work.models import Assignment
from apps.workforce.models import Worker
from apps.workforce.own_pay import OwnPay
from tests.api.machine import JSON, V1, machine
from tests.console.house import client
from tests.factories import UserFactory, member
from tests.running import deposit, handed_in, running, worker_of

pytestmark = pytest.mark.django_db
SAID = "this is about your own pay"


def own_page(role: Role = Role.REVIEWER, **values):
    """Return a page that waits for a person, and a member of its organization who is its worker."""
    campaign = running(items=4, page_size=2, price=10, redundancy=1, review="person", **values)
    me = member(campaign.organization, role)
    page = handed_in(campaign, worker_of(campaign, user=me))
    return quality.review(page), me


def test_a_reviewer_neither_approves_nor_rejects_a_page_of_their_own():
    review, me = own_page()

    for verdict in Review.Verdict.values:
        with pytest.raises(OwnPay, match=SAID):
            flow.decide(review, verdict=verdict, reason="mine", by=me)
    with pytest.raises(OwnPay):
        flow.approve_soon(review, by=me)

    assert Review.objects.get().verdict == Review.objects.get().asked == ""
    assert flow.decide(review, verdict="approve", by=UserFactory()).verdict == "approve"


def test_a_reviewer_does_not_take_back_what_another_asked_about_their_page():
    review, me = own_page()
    flow.approve_soon(review, by=UserFactory())

    with pytest.raises(OwnPay):
        flow.take_back(review, by=me)


def test_a_reviewer_does_not_decide_a_dispute_of_their_own():
    review, me = own_page()
    flow.decide(review, verdict="reject", reason="no", by=UserFactory())
    page = review.assignment
    page.refresh_from_db()
    opened = quality.dispute(page, worker=page.worker, text="They are cats.")

    with pytest.raises(OwnPay):
        flow.decide_dispute(opened, outcome="overturned", reason="yes", by=me)

    assert Dispute.objects.get().outcome == ""


def test_finance_gives_nothing_to_itself():
    review, me = own_page(Role.FINANCE)
    worker = review.assignment.worker
    asked = {"amount": 100, "currency": "USD", "reference": "1", "reason": "well done", "by": me}

    with pytest.raises(OwnPay):
        payments.pay_bonus(worker, **asked)
    with pytest.raises(OwnPay):
        payments.adjust(worker, **asked)
    with pytest.raises(OwnPay):
        payments.book_paid(worker, kind=Obligation.Kind.BONUS, receipt="r", fee=0, **asked)

    assert not Obligation.objects.exists()


def test_a_batch_that_pays_nobody_but_who_would_approve_it_is_approved_by_another():
    review, me = own_page(Role.FINANCE)
    flow.decide(review, verdict="approve", by=UserFactory())
    batch = payments.plan_payouts(review.assignment.organization, currency="USD", by=UserFactory())

    with pytest.raises(OwnPay):
        payments.approve_batch(batch, by=me)

    assert PayoutBatch.objects.get().state == "planned"
    assert payments.approve_batch(batch, by=UserFactory()).state == "approved"


def owing_me_and(*others):
    """Return an organization, and a member in finance who is its worker: it owes them and each of the others a page."""
    campaign = running(items=2, page_size=2, price=10, redundancy=1 + len(others), review="person")
    me, boss = member(campaign.organization, Role.FINANCE), UserFactory()
    for user in (me, *others):
        flow.decide(quality.review(handed_in(campaign, worker_of(campaign, user=user))), verdict="approve", by=boss)
    return campaign.organization, me


def test_who_approves_a_batch_leaves_their_own_pay_to_one_that_another_approves():
    of, me = owing_me_and(UserFactory())
    boss = UserFactory()
    payments.set_policy(of, currency="USD", by=boss, second_person_from=10)
    payments.adjust(of.workers.get(user=me), amount=-3, currency="USD", reference="1", reason="too much", by=boss)
    batch = payments.plan_payouts(of, currency="USD", by=boss)

    payments.approve_batch(batch, by=me)

    mine, theirs = batch.payouts.get(worker__user=me), batch.payouts.exclude(worker__user=me).get()
    line = Trail.objects.get(verb="leave out own pay")
    assert (batch.state, mine.state, theirs.state, batch.left_out) == ("approved", "cancelled", "planned", mine.amount)
    assert (line.actor, line.data["amount"], mine.obligations.count()) == (me, mine.amount, 0)
    assert payments.begin_all(batch, by=me) == 1
    payments.confirm_all(batch, receipt="r", by=me)
    batch.refresh_from_db()
    later = payments.plan_payouts(of, currency="USD", by=me)
    assert (batch.state, later.payouts.get().worker, later.payouts.get().amount) == ("closed", mine.worker, mine.amount)
    with pytest.raises(OwnPay):
        payments.approve_batch(later, by=me)
    assert payments.approve_batch(later, by=boss).left_out == 0


def test_who_approves_is_told_how_much_of_the_batch_was_left_out():
    of, me = owing_me_and(UserFactory())
    batch = payments.plan_payouts(of, currency="USD", by=UserFactory())
    mine = money.show(batch.payouts.get(worker__user=me).amount, "USD")

    shown = client(me).post(reverse("admin:payments_payoutbatch_approve", args=[batch.pk]), follow=True)

    assert f"Left out, as it is your own pay: {mine}." in shown.content.decode()
    assert "The batch is approved." in shown.content.decode()


def test_who_tops_up_a_wage_is_not_topped_up_by_it():
    review, me = own_page(Role.FINANCE)
    flow.decide(review, verdict="approve", by=UserFactory())
    campaign, page = review.assignment.campaign, review.assignment
    deposit(campaign, 10_000)
    type(page).objects.update(active_seconds=3600, submitted_at=clock.now())

    assert [worker for worker, _ in fair_pay.top_up(campaign, hourly=1000)] == [page.worker]
    assert not list(fair_pay.top_up(campaign, hourly=1000, by=me))
    assert list(fair_pay.top_up(campaign, hourly=1000, by=UserFactory()))


def test_who_came_to_be_a_worker_since_they_planned_a_top_up_keeps_nobody_else_from_it():
    campaign = running(items=2, page_size=2, price=10, redundancy=2, review="person")
    pages = [handed_in(campaign, worker_of(campaign)) for _ in range(2)]
    for page in pages:
        flow.decide(quality.review(page), verdict="approve", by=UserFactory())
    deposit(campaign, 10_000)
    Assignment.objects.update(active_seconds=3600, submitted_at=clock.now())
    me, (own, other) = UserFactory(), [page.worker for page in pages]
    short = {str(worker.pk): 990 for worker in (own, other)}
    planned = Operation.objects.create(
        organization=campaign.organization, verb=fair_pay.VERB, subject=campaign.key, created_by=me,
        asked={"key": "", "hourly": 1000, "wage": 1000, "short": short, "owed": {}},
    )  # fmt: skip
    Worker.objects.filter(pk=own.pk).update(user=me)

    assert not fair_pay.owe_some(planned.pk)

    planned.refresh_from_db()
    assert planned.asked["owed"] == {str(own.pk): 0, str(other.pk): 990}
    assert Obligation.objects.get(kind="bonus").worker == other


def test_the_api_and_the_admin_say_so():
    review, me = own_page()
    of = review.assignment.organization

    answered = machine(of, user=me).post(f"{V1}/reviews/{review.pk}/decide", {"verdict": "approve"}, **JSON)
    shown = client(me).post(reverse("admin:quality_review_change", args=[review.pk]), {"verdict": "approve"})

    assert (answered.status_code, answered.json()["detail"].startswith(SAID)) == (403, True)
    assert SAID.capitalize() in shown.content.decode()
    assert Review.objects.get().verdict == ""
