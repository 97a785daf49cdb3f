"""What the office's pages show besides the worker's: a campaign watched, one half made, money on all its ways."""

import random
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Model

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger import services as ledger
from apps.members.models import Role, User
from apps.notices.models import Endpoint, Event, Notice
from apps.payments import destinations
from apps.payments import services as payments
from apps.payments.models import Obligation, PayoutBatch
from apps.pipeline import flow, steps
from apps.quality import services as quality
from apps.quality.models import Consensus, Review
from apps.work import services as work
from apps.work.models import Assignment, Task
from apps.workforce.models import Worker
from infra.pictures.rows import Rows
from tests.console.house import House, house
from tests.factories import UserFactory, member
from tests.running import tokens, worker_of

NAMES = (
    "Amara Diallo",
    "Bruno Keller",
    "Chidi Eze",
    "Dana Novak",
    "Elif Aydin",
    "Farid Rahimi",
    "Grace Lin",
    "Hugo Sala",
)
LIGHTS = ("red", "yellow", "green", "out")
MISTAKES = 0.18
BROKEN = 11  # the item that nobody can see


@dataclass
class Books:
    """What the pictures' addresses need; `rows` holds one row of each model, of another organization."""

    boss: User
    other_boss: User
    watched: Campaign
    drafted: Campaign
    doubted: Task
    review: Review
    batch: PayoutBatch
    sending: PayoutBatch
    rows: dict[str, Model] = field(default_factory=dict)


def make(made: Rows) -> Books:
    """Make all of it, in the organization of the worker's pages and, one row of each model, in another."""
    organization = made.organization
    boss = member(organization, Role.ADMIN, name="Olga Berg")
    watched = made.campaigns["lights"]
    ledger.deposit(organization, amount=250_000, currency="USD", reference="Transfer 2026-118")
    workers = [_worker(watched, name) for name in NAMES]
    _judge(watched, workers)
    review = _waiting(watched, workers[0])
    doubted = Consensus.objects.filter(campaign=watched).earliest("confidence").task
    drafted = campaigns.clone(watched, name="Traffic lights at night", by=boss)
    sending = _batch(made, boss)
    begun = payments.approve_batch(sending, by=member(organization, Role.FINANCE, name="Finn Adler"))
    payments.begin_all(begun, by=boss, sent_in="csv")
    _judge(watched, workers[:4])
    batch = _batch(made, boss)
    payments.set_policy(organization, currency="USD", by=boss, second_person_from=50_000, threshold=0)
    ledger.close_month(
        organization, month=(clock.now().date().replace(day=1) - timedelta(days=1)).replace(day=1), by=boss
    )
    endpoint = Endpoint.objects.create(
        organization=organization, url="https://labels.example/hooks", events=[Event.CAMPAIGN_ENDED]
    )
    Notice.objects.create(
        endpoint=endpoint, event=Event.CAMPAIGN_ENDED, key="signs", body="{}", state="sent", sent_at=clock.now()
    )
    other: House = house()
    return Books(
        boss, member(other.organization, Role.ADMIN), watched, drafted, doubted, review, batch, sending, other.rows
    )


def _worker(campaign: Campaign, name: str) -> Worker:
    user = UserFactory(email=f"{name.split()[0].lower()}@example.org", name=name)
    if name != NAMES[-1]:
        where = destinations.paypal(address=user.email)
        if name == NAMES[0]:
            where = destinations.bank_account(name=name, iban="DE89 3704 0044 0532 0130 00")
        payments.set_own_payout_method(user, method=where)
    return worker_of(campaign, user=user, name=name, languages=["en"])


def _judge(campaign: Campaign, workers: list[Worker]) -> None:
    """Have each worker do a page or two, mostly right; one report is that a picture is broken."""
    rng = random.Random(7)
    for worker in workers:
        for _ in range(2):
            page = work.lease(campaign, worker=worker)
            Assignment.objects.filter(pk=page.pk).update(leased_at=clock.now() - timedelta(seconds=rng.randint(30, 90)))
            flow.submit(page.pk, worker=worker, answers=_answers(page, rng), active_seconds=rng.uniform(12, 60))
            Assignment.objects.filter(pk=page.pk).update(review_after=clock.now() - timedelta(minutes=1))
            steps.settle(page.pk)
    quality.combine(campaign, whole=True)


def _answers(page: Assignment, rng: random.Random) -> dict[str, dict[str, object]]:
    said: dict[str, dict[str, object]] = {}
    for place in page.places.select_related("task__item").order_by("position"):
        number = int(place.task.item.external_id[1:])
        wrong = rng.random() < MISTAKES
        said[place.token.hex] = {"answer": rng.choice(LIGHTS) if wrong else LIGHTS[number % 3]}
        if number == BROKEN:
            said[place.token.hex] = {"broken": "The picture is black."}
    return said


def _waiting(campaign: Campaign, worker: Worker) -> Review:
    """A page that waits for a person's verdict."""
    page = work.lease(campaign, worker=worker)
    work.submit(
        page.pk, worker=worker, answers={token: {"answer": "out"} for token in tokens(page)}, active_seconds=4.0
    )
    review = quality.review(page)
    Review.objects.filter(pk=review.pk).update(verdict="", decided_at=None, proposal=Review.Verdict.REJECT)
    review.refresh_from_db()
    return review


def _batch(made: Rows, by: User) -> PayoutBatch:
    batch = payments.plan_payouts(made.organization, currency="USD", by=by)
    if batch is None:
        raise RuntimeError(f"nothing is owed: {Obligation.objects.count()} obligations")
    return batch
