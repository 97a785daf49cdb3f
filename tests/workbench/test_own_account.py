"""A worker's account: an overview, what is held, and being erased with the books kept."""

import json
import re
from importlib import import_module

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.campaigns.models import Campaign, Contest, GoldQuestion
from apps.core import clock
from apps.core.privacy import ERASED
from apps.ledger.models import Posting
from apps.members import accounts, trail
from apps.members.models import Trail, User
from apps.payments import services as payments
from apps.pipeline import people, steps
from apps.pipeline.outstanding import outstanding
from apps.quality import services as quality
from apps.quality.models import Dispute, Review
from apps.turkapi.models import QualificationRequest, QualificationType
from apps.work.models import Assignment, Judgment, Place
from apps.workforce.models import Link, Skill
from apps.workforce.services import estimate
from tests.factories import UserFactory, member
from tests.running import handed_in, running, worker_of
from tests.workbench.at_work import html

pytestmark = pytest.mark.django_db
FORGOTTEN_SINCE = [  # what a version with that in it forgets of before, by app
    "members.migrations.0010_disputes_are_told_without_their_words",
    "work.migrations.0018_notes_of_the_erased",
    "campaigns.migrations.0012_contests_of_the_erased",
    "quality.migrations.0011_disputes_of_the_erased",
    "turkapi.migrations.0006_answers_of_the_erased",
]


@pytest.fixture
def worker():
    campaign = running(items=2, page_size=2, price=10)
    return worker_of(
        campaign, user=UserFactory(email="wanda@example.org", name="Wanda"), name="Wanda", languages=["en"]
    )


@pytest.fixture
def client(worker):
    client = Client()
    client.force_login(worker.user)
    return client


def campaign_of(worker):
    return worker.organization.campaigns.get()


def paid(page):
    steps.settle(page.pk)
    by = member(page.organization)
    batch = payments.plan_payouts(page.organization, currency="USD", by=by)
    payments.approve_batch(batch, by=member(page.organization))
    payout = batch.payouts.get()
    payments.begin(payout)
    payments.confirm(payout, receipt="bank 1", by=by)


def test_the_account_opens_on_an_overview(client, worker):
    text = html(client.get("/work/account/"))

    for said in ("wanda@example.org", "Wanda", worker.organization.name, "Second factor", "Download it", "Erase me"):
        assert said in text


def test_name_languages_and_time_zone_are_kept(client, worker):
    client.post("/work/account/", {"name": "W.", "languages": ["de", "fr"], "time_zone": "Asia/Tokyo", "language": ""})

    worker.refresh_from_db()
    user = User.objects.get(pk=worker.user_id)
    assert (user.name, user.time_zone, worker.languages) == ("W.", "Asia/Tokyo", ["de", "fr"])


def test_times_are_shown_in_the_time_zone_that_was_chosen(client, worker):
    page = handed_in(campaign_of(worker), worker)
    Assignment.objects.filter(pk=page.pk).update(submitted_at="2026-11-23T20:30:00Z", leased_at="2026-11-23T20:00:00Z")
    User.objects.filter(pk=worker.user_id).update(time_zone="Asia/Tokyo")

    text = html(client.get("/work/earnings/"))

    assert re.search(r'datetime="2026-11-23T20:30:00\+00:00">2026-11-24.{1,2}0?5:30', text)


@pytest.mark.parametrize(
    ("cookie", "day"), [("America/Los_Angeles", "2026-11-23"), ("../../etc/passwd", "2026-11-24"), ("", "2026-11-24")]
)
def test_days_are_the_browsers_where_none_was_chosen(client, worker, cookie, day):
    page = handed_in(campaign_of(worker), worker)
    client.cookies["time-zone"] = cookie
    Assignment.objects.filter(pk=page.pk).update(submitted_at="2026-11-24T03:30:00Z", leased_at="2026-11-24T03:00:00Z")

    with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
        answer = client.get("/work/earnings/")

    assert [str(one.day) for one in answer.context["days"]] == [day]


def test_a_time_zone_that_is_none_is_refused(client, worker):
    answer = client.post("/work/account/", {"name": "W.", "time_zone": "Mars/Olympus"})

    assert answer.status_code == 422


def test_everything_that_is_held_comes_as_one_file(client, worker):
    page = handed_in(campaign_of(worker), worker)
    paid(page)
    handed_in(campaign_of(worker))

    answer = client.get("/work/account/data")
    held = json.loads(b"".join(answer.streaming_content))

    assert "attachment" in answer["Content-Disposition"]
    assert held["account"]["email"] == "wanda@example.org"
    assert [row["answer"] for row in held["answers"]] == ["cat", "cat"]
    assert [(row["state"], row["receipt"]) for row in held["payments"]] == [("sent", "bank 1")]
    assert [row["verdict"] for row in held["verdicts"]] == ["approve"]
    assert "password" not in json.dumps(held)


def test_what_rests_on_known_answers_comes_once_the_campaign_is_over(client, worker):
    campaign = campaign_of(worker)
    page = handed_in(campaign, worker)
    review = quality.review(page)
    estimate([Skill(worker=worker, scope=campaign.key, mean=0.5, low=0.2, high=0.8, gold_right=1, gold_answers=2)])

    def held():
        return json.loads(b"".join(client.get("/work/account/data").streaming_content))

    Review.objects.filter(pk=review.pk).update(verdict="", decided_at=None)
    assert (held()["verdicts"], held()["grounds"], held()["skills"]) == ([], [], [])
    Review.objects.filter(pk=review.pk).update(verdict="approve", decided_at=clock.now())
    assert [row.keys() for row in held()["verdicts"]] == [{"assignment_id", "verdict", "reason", "decided_at"}]
    assert (held()["grounds"], held()["skills"]) == ([], [])

    Campaign.objects.filter(pk=campaign.pk).update(state="completed", ended_at=clock.now())

    assert [row["grounds"] for row in held()["grounds"]] == [review.grounds]
    assert [row["gold_answers"] for row in held()["skills"]] == [2]


def written_by(worker):
    """Let a worker write wherever workers can; return what each text is found under afterwards."""
    campaign = campaign_of(worker)
    page = handed_in(campaign, worker)
    Place.objects.filter(assignment=page).update(note="I am Wanda.")
    Dispute.objects.create(
        assignment=page, text="I, Wanda, object.", decide_by=clock.now(), rejected_by=member(worker.organization)
    )
    item = Place.objects.filter(assignment=page).order_by("position").first().task.item
    gold = GoldQuestion.objects.create(campaign=campaign, item=item, answers=["cat"], teaching=True)
    Contest.objects.create(gold=gold, worker=worker, text="Wanda says no.")
    kind = QualificationType.objects.create(organization=worker.organization, name="Owls", description="Knows them.")
    QualificationRequest.objects.create(type=kind, worker=worker, answer="<Answer>Wanda</Answer>")
    other = worker_of(campaign)
    first, second = sorted([worker, other], key=lambda one: one.pk)
    trail.record(
        worker.organization, verb="link", subject=f"worker:{worker.pk}", reason="the sister of Ola",
        other=f"worker:{other.pk}",
    )  # fmt: skip
    Link.objects.create(first=first, second=second, kind="address")
    return page, item, other


def typed():
    """Return what people typed beside their answers, and what the trail says, data as text."""
    return [
        *Place.objects.values_list("note", flat=True),
        *Dispute.objects.values_list("text", flat=True),
        *Contest.objects.values_list("text", flat=True),
        *QualificationRequest.objects.values_list("answer", flat=True),
        *Trail.objects.values_list("reason", flat=True),
        *(str(data) for data in Trail.objects.values_list("data", flat=True) if "Wanda" in str(data)),
    ]


def test_what_a_person_wrote_and_is_suspected_of_is_in_the_file(client, worker):
    page, item, other = written_by(worker)

    held = json.loads(b"".join(client.get("/work/account/data").streaming_content))

    (contest,) = held["contests"]
    assert contest["text"] == "Wanda says no."
    assert contest["question"] == item.data
    assert (contest["assignment_id"], contest["position"]) == (str(page.pk), 0)
    assert [row["answer"] for row in held["qualification_requests"]] == ["<Answer>Wanda</Answer>"]
    assert [row["kind"] for row in held["links"]] == ["address"]
    assert str(other.pk) not in json.dumps(held)
    assert "Ola" not in json.dumps(held)


def test_who_is_erased_leaves_nothing_that_they_typed_and_all_that_was_paid_for(client, worker):
    page, _item, _other = written_by(worker)
    paid(page)
    client.post("/work/account/erase")

    people.erase(worker.user_id)

    assert "Wanda" not in " ".join(typed())
    assert Judgment.objects.filter(worker=worker).count() == 2
    assert Dispute.objects.count() == Contest.objects.count() == QualificationRequest.objects.count() == 1


def test_what_people_typed_who_were_erased_before_is_forgotten_with_an_upgrade(worker):
    page, _item, _other = written_by(worker)
    accounts.erase(worker.user)
    trail.record(worker.organization, verb="dispute", subject=f"assignment:{page.pk}", reason="I, Wanda, object.")
    trail.record(worker.organization, verb="uphold", subject=f"assignment:{page.pk}", reason="Owls are no cats.")
    Place.objects.filter(assignment=handed_in(running())).update(note="I am Ola.")

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as in a transaction of its own: nothing else is pending
        for module in FORGOTTEN_SINCE:
            cursor.execute(import_module(f"apps.{module}").FORGET)

    assert "Wanda" not in " ".join(typed())
    assert set(typed()) >= {"I am Ola.", "Owls are no cats."}
    assert set(typed()) <= {"", ERASED, "I am Ola.", "Owls are no cats.", "the sister of Ola"}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Trail.objects.filter(verb="uphold").update(reason="")


def test_the_file_holds_nothing_of_others(client, worker):
    other = handed_in(campaign_of(worker))

    held = b"".join(client.get("/work/account/data").streaming_content).decode()

    assert str(other.pk) not in held
    assert str(other.worker_id) not in held


def test_who_is_owed_nothing_is_erased_and_the_books_stay(client, worker):
    page = handed_in(campaign_of(worker), worker)
    paid(page)
    postings = Posting.objects.count()

    client.post("/work/account/erase")
    people.erase(worker.user_id)

    user = User.objects.get(pk=worker.user_id)
    worker.refresh_from_db()
    assert (user.name, user.is_active, user.has_usable_password()) == ("", False, False)
    assert "wanda" not in f"{user.email} {worker.external_id} {worker.name}".lower()
    assert worker.languages == []
    assert Judgment.objects.filter(worker=worker).count() == 2
    assert Posting.objects.count() == postings
    assert Trail.objects.get(verb="erase").subject == f"worker:{worker.pk}"
    assert client.get("/work/").status_code == 302


def test_who_is_owed_something_is_erased_once_it_is_paid(client, worker):
    page = handed_in(campaign_of(worker), worker)

    client.post("/work/account/erase")
    people.erase(worker.user_id)
    still = User.objects.get(pk=worker.user_id).email
    due_before = [step.step for step in outstanding() if step.step == "erase"]
    paid(page)
    due_after = [step.step for step in outstanding() if step.step == "erase"]
    people.erase(worker.user_id)

    assert (still, due_before, due_after) == ("wanda@example.org", [], ["erase"])
    assert User.objects.get(pk=worker.user_id).erased_at is not None


def test_the_wish_to_be_erased_can_be_taken_back_while_something_is_owed(client, worker):
    handed_in(campaign_of(worker), worker)
    client.post("/work/account/erase")

    client.post("/work/account/erase", {"keep": "1"})

    assert User.objects.get(pk=worker.user_id).erasure_asked_at is None


def test_erasing_twice_is_erasing_once(client, worker):
    client.post("/work/account/erase")

    people.erase(worker.user_id)
    people.erase(worker.user_id)

    assert Trail.objects.filter(verb="erase").count() == 1


def test_a_page_in_hand_is_given_back(client, worker):
    client.post(f"/work/{campaign_of(worker).pk}/lease")

    client.post("/work/account/erase")

    assert Assignment.objects.get().state == "returned"


def test_a_member_is_not_erased_by_themselves(worker):
    user = member(worker.organization)
    worker_of(campaign_of(worker), user=user)
    client = Client()
    client.force_login(user)

    answer = client.post("/work/account/erase", follow=True)

    assert "dismissed by its admin first" in html(answer)
    assert User.objects.get(pk=user.pk).erasure_asked_at is None
