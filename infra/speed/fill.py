"""Campaigns to be measured on: small ones as requesters make them, large ones written by the database itself."""

from typing import Any

from django.db import connection
from django.db.models import F

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, GoldQuestion, Guidelines
from apps.core import clock
from apps.datasets.models import Dataset, Item
from apps.ledger import services as ledger
from apps.members.models import Organization
from apps.work import services as work
from apps.work.models import Assignment, Judgment, Place, Seat, Task
from apps.workforce.models import Channel, Worker

SETTINGS = {"question": "Which animal is it?", "options": ["cat", "dog", "cow"]}
GOLD = 100

ITEMS = """
INSERT INTO datasets_item (dataset_id, external_id, data)
SELECT %s, 'item-' || n, jsonb_build_object('text', 'What is item ' || n || '?') FROM generate_series(1, %s) n
"""


def organization() -> Organization:
    """Return the organization that everything here is for, with money."""
    made, _ = Organization.objects.get_or_create(name="Bench", slug="bench")
    ledger.deposit(made, amount=10**9, currency="USD", reference="bench")
    return made


def campaign(owner: Organization, name: str, *, tasks: int, gold: int = GOLD, **values: Any) -> Campaign:
    """Return a running campaign of pages of one task, otherwise with the defaults: a tenth of its places is gold."""
    dataset = Dataset.objects.create(organization=owner, name=name)
    made = Campaign.objects.create(
        organization=owner,
        dataset=dataset,
        name=name,
        kind="single_choice",
        settings=SETTINGS,
        channel=Channel.SIMULATED,
        **{"page_size": 1, "price": 2, "budget": 10**6, **values},
    )
    Guidelines.objects.create(campaign=made, version=1, text="Look closely, then choose.")
    with connection.cursor() as cursor:
        cursor.execute(ITEMS, [dataset.pk, tasks + gold])
    known = Item.objects.filter(dataset=dataset).order_by("pk")[:gold]
    GoldQuestion.objects.bulk_create(GoldQuestion(campaign=made, item=item, answers=["cat"]) for item in known)
    campaigns.launch(made)
    while work.split(made):
        pass
    campaigns.run(made)
    return made


def history(of: Campaign, worker: Worker, judgments: int) -> None:
    """Give a worker so many judgments in the campaign, on pages of a hundred that were approved."""
    now = clock.now()
    tasks = list(Task.objects.filter(campaign=of, gold=False).order_by("shuffle")[:judgments])
    pages = Assignment.objects.bulk_create(
        Assignment(
            organization_id=of.organization_id,
            campaign=of,
            worker=worker,
            state=Assignment.State.APPROVED,
            guidelines=1,
            price=0,
            page_size=100,
            currency=of.currency,
            places_count=100,
            held=0,
            expires_at=now,
            submitted_at=now,
            decided_at=now,
        )
        for _ in range(0, judgments, 100)
    )
    places = Place.objects.bulk_create(
        (
            Place(assignment=pages[n // 100], task=task, worker=worker, position=n % 100, state=Place.State.ANSWERED)
            for n, task in enumerate(tasks)
        ),
        batch_size=5000,
    )
    Judgment.objects.bulk_create(
        (
            Judgment(
                place=place, campaign=of, task_id=place.task_id, worker=worker, answer="cat", guidelines=1, seconds=5
            )
            for place in places
        ),
        batch_size=5000,
    )
    asked = [task.pk for task in tasks]
    Task.objects.filter(pk__in=asked).update(taken=F("taken") + 1, judged=F("judged") + 1)
    Seat.objects.create(
        campaign=of,
        worker=worker,
        task_cursor=tasks[-1].shuffle,
        gold_cursor=0,
        places=judgments,
        golds=judgments // 10,
        pages=len(pages),
    )


def tidy() -> None:
    """Have the database know what it holds, as its own vacuum would after a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
