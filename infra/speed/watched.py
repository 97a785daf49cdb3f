"""What a look at /metrics costs an instance that has much behind it."""

import signal
import time
import urllib.request
from collections.abc import Iterator

from django.core.cache import cache
from django.db import connection

from apps.campaigns.models import Campaign
from apps.members.models import Organization
from apps.monitor.figures import BOOKS_KEY
from apps.simulation import crowd
from infra.house.servers import House
from infra.speed import fill
from infra.speed.cycles import MANY_TASKS, MANY_TASKS_NAME
from infra.speed.measuring import Figure, cpu, open_house

PAGES = 200_000
SEATS = 10_000
ENTRIES = 20_000  # of two postings each: every one is checked by the database, which takes its time
LOOKS = 20
LOOKS_AT_BOOKS = 5

COPY_PAGES = """
INSERT INTO work_assignment
SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid()))).*
FROM work_assignment a, generate_series(1, %s)
WHERE a.id = (SELECT id FROM work_assignment WHERE campaign_id = %s LIMIT 1)
"""
COPY_WORKERS = """
INSERT INTO workforce_worker
SELECT (jsonb_populate_record(w, jsonb_build_object('id', gen_random_uuid(), 'external_id', 'copy-' || n,
                                                    'user_id', NULL))).*
FROM workforce_worker w, generate_series(1, %s) n WHERE w.id = %s
"""
COPY_SEATS = """
INSERT INTO work_seat
SELECT (jsonb_populate_record(s, jsonb_build_object('id', nextval('work_seat_id_seq'), 'worker_id', w.id))).*
FROM work_seat s, workforce_worker w
WHERE s.id = (SELECT id FROM work_seat WHERE campaign_id = %s LIMIT 1) AND w.external_id LIKE 'copy-%%'
"""
COPY_ENTRIES = """
WITH seed AS (SELECT * FROM ledger_entry WHERE organization_id = %s AND legs = 2 ORDER BY id LIMIT 1),
made AS (INSERT INTO ledger_entry (organization_id, reference, memo, legs, at)
         SELECT organization_id, 'copy:' || n, memo, legs, at FROM seed, generate_series(1, %s) n RETURNING id)
INSERT INTO ledger_posting (entry_id, account_id, amount)
SELECT made.id, p.account_id, p.amount FROM made, seed JOIN ledger_posting p ON p.entry_id = seed.id
"""


def looks(home: House) -> Iterator[Figure]:
    """Measure /metrics beside a million tasks, and the one look in ten minutes that sums the books."""
    open_house(home)
    owner = fill.organization()
    _fill(owner)
    home.signal("worker", signal.SIGSTOP)
    _look(home)
    with cpu(home) as meter:
        began = time.perf_counter()
        for _ in range(LOOKS):
            _look(home)
        seconds = time.perf_counter() - began
    behind = f"{MANY_TASKS:,} tasks, {PAGES:,} pages, {SEATS:,} seats: web {1000 * meter.by_program['web'] / LOOKS:.1f}"
    yield Figure(
        "metrics_postgres_ms", 1000 * meter.by_program["postgres"] / LOOKS, "ms",
        f"of processor for a look at /metrics, {behind}, {1000 * seconds / LOOKS:.0f} ms by the clock", most=100,
    )  # fmt: skip
    with cpu(home) as meter:
        for _ in range(LOOKS_AT_BOOKS):
            cache.delete(BOOKS_KEY)
            _look(home)
    home.signal("worker", signal.SIGCONT)
    connection.close()
    setting = f"the same with the books summed, as once in ten minutes: {2 * ENTRIES:,} postings"
    yield Figure("metrics_books_postgres_ms", 1000 * meter.by_program["postgres"] / LOOKS_AT_BOOKS, "ms", setting)


def _look(home: House) -> None:
    with urllib.request.urlopen(f"{home.addresses[0]}/metrics", timeout=60) as answer:
        if b"labelcrowd_submits_total" not in answer.read():
            raise RuntimeError("/metrics tells no figures")


def _fill(owner: Organization) -> None:
    """Write down a million tasks, unless they are there, and copies of a page, a worker, a seat and an entry."""
    many = Campaign.objects.filter(name=MANY_TASKS_NAME).first()
    many = many or fill.campaign(owner, MANY_TASKS_NAME, tasks=MANY_TASKS)
    worker = crowd.member(many, name="copied", answerer=None).worker
    fill.history(many, worker, 100)
    with connection.cursor() as cursor:
        cursor.execute(COPY_PAGES, [PAGES, many.pk])
        cursor.execute(COPY_WORKERS, [SEATS, worker.pk])
        cursor.execute(COPY_SEATS, [many.pk])
        cursor.execute(COPY_ENTRIES, [owner.pk, ENTRIES])
    fill.tidy()
