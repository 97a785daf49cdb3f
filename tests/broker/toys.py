"""A belt of toy steps over a toy table, for the processes of the tests and the tests themselves."""

import os
import signal
import time
from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from apps.pipeline.motor import Motor, Next, Step
from labelcrowd import broker

TABLES = """
    CREATE TABLE IF NOT EXISTS toy (id bigint PRIMARY KEY, step text, state text DEFAULT 'due', paid int DEFAULT 0);
    CREATE TABLE IF NOT EXISTS toy_run (step text, toy bigint, at timestamptz DEFAULT now());
    CREATE TABLE IF NOT EXISTS toy_stamp (id uuid PRIMARY KEY);
    TRUNCATE toy, toy_run, toy_stamp;
"""


def toy_pay(pk: int) -> list[Next]:
    """Pay once: it reads, thinks and writes, so that only running alone keeps it from paying twice."""
    _note("toy_pay", pk)
    if sql("SELECT state FROM toy WHERE id = %s", pk) != [("due",)]:
        return []
    time.sleep(0.05)
    sql("UPDATE toy SET paid = paid + 1, state = 'done' WHERE id = %s", pk)
    return []


def toy_work(pk: int) -> list[Next]:
    return _done("toy_work", pk)


def toy_judge(pk: int) -> list[Next]:
    return _done("toy_judge", pk)


def toy_bulk(pk: int) -> list[Next]:
    return _done("toy_bulk", pk)


def toy_stamp(pk: UUID) -> list[Next]:
    sql("INSERT INTO toy_stamp VALUES (%s) ON CONFLICT DO NOTHING", pk)
    return []


def toy_follow(pk: int) -> list[Next]:
    """Be followed by a payment."""
    _note("toy_follow", pk)
    return [Next("toy_pay", pk)]


def toy_die(pk: int) -> list[Next]:
    """Kill the process that does it, each time."""
    _note("toy_die", pk)
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def toy_nap(pk: int) -> list[Next]:
    """Take a while, as an export does."""
    _note("toy_nap", pk)
    time.sleep(0.5)
    return _done("toy_nap", pk)


def toy_choke(pk: int) -> list[Next]:
    """Fail the first time, with what PostgreSQL can't store in the words of a worker."""
    _note("toy_choke", pk)
    if sql("SELECT count(*) FROM toy_run WHERE step = 'toy_choke' AND toy = %s", pk) == [(1,)]:
        raise ValueError("the answer \x00 \ud800 is not a number")
    sql("UPDATE toy SET state = 'done' WHERE id = %s", pk)
    return []


def toy_hang(pk: int) -> list[Next]:
    """Wait for somebody else's server, which answers late."""
    time.sleep(3)
    return _done("toy_hang", pk)


def toy_linger(pk: int) -> list[Next]:
    """Take far longer than it may."""
    _note("toy_linger", pk)
    for _ in range(300):
        time.sleep(0.1)
    return []


MOTOR = Motor(
    Step(toy_pay, queue="outside", notify=False),
    Step(toy_work, queue="work"),
    Step(toy_judge, queue="judge"),
    Step(toy_bulk, queue="bulk"),
    Step(toy_stamp, queue="work"),
    Step(toy_follow, queue="judge"),
    Step(toy_die, queue="bulk"),
    Step(toy_nap, queue="work"),
    Step(toy_choke, queue="work"),
    Step(toy_linger, queue="judge", seconds=1),
    Step(toy_hang, queue="outside"),
    waits=(1, 1, 1, 1),
)
broker.declare(MOTOR.declare)


def outstanding() -> Iterator[Next]:
    """Everything that is due, by the rows alone."""
    for pk, step in sql("SELECT id, step FROM toy WHERE state = 'due' ORDER BY id"):
        yield Next(step, pk)


def due(step: str, *pks: int) -> list[Next]:
    """Make rows for which a step is due."""
    for pk in pks:
        sql("INSERT INTO toy (id, step) VALUES (%s, %s)", pk, step)
    return [Next(step, pk) for pk in pks]


def done() -> int:
    return sql("SELECT count(*) FROM toy WHERE state = 'done'")[0][0]


def runs(step: str) -> int:
    return sql("SELECT count(*) FROM toy_run WHERE step = %s", step)[0][0]


def sql(query: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(values) or None)
        return cursor.fetchall() if cursor.description else []


def _note(step: str, pk: int) -> None:
    sql("INSERT INTO toy_run (step, toy) VALUES (%s, %s)", step, pk)


def _done(step: str, pk: int) -> list[Next]:
    _note(step, pk)
    sql("UPDATE toy SET state = 'done' WHERE id = %s", pk)
    return []
