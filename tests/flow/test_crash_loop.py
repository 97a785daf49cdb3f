"""P4: clients and workers are killed over and over, the queue emptied: nothing acknowledged is lost or done twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Count, F, Q
from dramatiq.errors import Retry

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.payments.models import Obligation
from apps.pipeline import deliveries
from apps.pipeline.actors import MOTOR
from apps.pipeline.motor import Next
from apps.work.models import Assignment, Judgment, Task
from apps.workforce.models import Worker
from labelcrowd import broker
from tests import belt
from tests.running import running, work_through, worker_of

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parent.parent.parent
CRASHING = Path(__file__).parent / "crashing.py"
ROUNDS = 4
ITEMS = 300  # enough that no round finds the work done
LONGEST_ROUND = 0.4  # seconds, from when both processes are seen to work
PATIENCE = 90  # seconds for both to start, on a busy machine

Start = Callable[..., int]


@pytest.fixture
def queue(settings: Any) -> Iterator[None]:
    """An empty queue in the test's database."""
    settings.BROKER_URL = "postgres"
    broker.close()
    sql("TRUNCATE dramatiq.queue, dramatiq.worker")
    yield
    broker.close()
    sql("TRUNCATE dramatiq.queue, dramatiq.worker")


@pytest.fixture
def start(queue: None) -> Iterator[Start]:
    """Start a worker or a client process on the test's database; what still runs is killed with the test."""
    started: list[int] = []
    leader = subprocess.Popen(
        [sys.executable, CRASHING],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(*order: object) -> int:
        print(json.dumps([str(part) for part in order]), file=leader.stdin, flush=True)
        assert leader.stdout
        started.append(int(leader.stdout.readline()))
        return started[-1]

    with leader:
        yield run
        for pid in started:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)


def test_kills_and_an_emptied_queue_lose_nothing_acknowledged_and_pay_nothing_twice(start: Start, tmp_path: Path):
    campaign = running(items=ITEMS, page_size=2, redundancy=2, price=10)
    workers = [worker_of(campaign) for _ in range(4)]
    journal = Journal(tmp_path / "journal")
    dice = random.Random(7)

    for number in range(ROUNDS):
        crash(start, journal, campaign, workers, dice=dice)
        if number == ROUNDS // 2:
            sql("DELETE FROM dramatiq.queue")
    deliver_thrice(settles(campaign))
    Assignment.objects.filter(state="leased").update(expires_at=clock.now() - timedelta(seconds=1))
    belt.run()
    for worker in workers:
        work_through(campaign, worker)
    belt.run()

    acknowledged = journal.read()
    assert {page: handed_in(page) for page in acknowledged} == acknowledged
    states = Assignment.objects.filter(pk__in=acknowledged).values_list("state", flat=True).order_by().distinct()
    assert set(states) <= {"submitted", "approved"}
    assert owed() == earned()
    assert books.imbalances() == []
    budget = Budget.objects.get(owner=campaign.key)
    assert (budget.held, budget.spent) == (0, sum(earned().values()))
    assert not crowded().exists()
    assert belt.run() == []
    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert Judgment.objects.count() == ITEMS * 2


class Journal:
    """What was acknowledged to a client before it was killed: each page's answers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def read(self) -> dict[UUID, dict[str, Any]]:
        # A line may be torn by a kill: that page counts as not acknowledged.
        rows = [json.loads(line) for line in self.path.read_text().splitlines() if line.endswith("}}}")]
        return {UUID(row["page"]): row["answers"] for row in rows}


def crash(
    start: Start, journal: Journal, campaign: Campaign, workers: Sequence[Worker], *, dice: random.Random
) -> None:
    """Let a worker process and a client work, and kill both, each at a moment of its own."""
    noted, paid = len(journal.read()), Obligation.objects.count()
    names = [campaign.pk, *(worker.pk for worker in workers)]
    victims = [
        start("worker"),
        start("client", dice.random(), journal.path, *names),
    ]
    until(lambda: len(journal.read()) > noted and Obligation.objects.count() > paid)
    moments = sorted(dice.uniform(0, LONGEST_ROUND) for _ in victims)
    began = time.monotonic()
    dice.shuffle(victims)
    for moment, victim in zip(moments, victims, strict=True):
        time.sleep(max(0, began + moment - time.monotonic()))
        assert is_alive(victim)  # or there was nothing left to interrupt
        os.kill(victim, signal.SIGKILL)


def settles(campaign: Campaign) -> list[Next]:
    pages = Assignment.objects.filter(campaign=campaign, submitted_at__isnull=False)
    return [Next("settle", pk) for pk in pages.values_list("pk", flat=True)]


def deliver_thrice(following: Sequence[Next]) -> None:
    """Deliver each three times at once, as a broker may; only what the motor itself puts off may come back."""
    together = threading.Barrier(3)

    def deliver_all(_: int) -> list[str]:
        put_off = []
        try:
            for each in following:
                together.wait(PATIENCE)
                try:
                    MOTOR.deliver(each)
                except Retry as retry:
                    put_off.append(str(retry))
        finally:
            connection.close()
        return put_off

    with ThreadPoolExecutor(3) as threads:
        said = [reason for reasons in threads.map(deliver_all, range(3)) for reason in reasons]
    assert [reason for reason in said if not (reason == deliveries.DIED or reason.endswith("is running already"))] == []


def handed_in(page: UUID) -> dict[str, dict[str, Any]]:
    rows = Judgment.objects.filter(place__assignment=page, place__state="answered")
    return {token.hex: {"answer": answer} for token, answer in rows.values_list("place__token", "answer")}


def earned() -> dict[UUID, int]:
    return dict(Assignment.objects.filter(state="approved", pay__gt=0).values_list("pk", "pay"))


def owed() -> dict[UUID, int]:
    return dict(Obligation.objects.values_list("assignment", "amount"))


def crowded() -> Any:
    """Tasks with more live places than they want."""
    live = Count("places", filter=Q(places__state__in=["open", "answered"]))
    return Task.objects.filter(gold=False).annotate(live=live).filter(live__gt=F("wanted"))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"not within {PATIENCE} s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def environment() -> dict[str, str]:
    """The test's settings for another process."""
    connection.ensure_connection()
    info = connection.connection.info
    login = ":".join(quote(each, safe="") for each in (info.user, info.password) if each)
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"postgres://{login}@{quote(info.host, safe='')}:{info.port}/{info.dbname}",
        "BROKER_URL": "postgres",
        "BROKER_HEARTBEAT_SECONDS": "1",
        "DJANGO_SETTINGS_MODULE": "labelcrowd.settings",
    }
