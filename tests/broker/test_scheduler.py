import threading
import time

import psycopg
import pytest
from django.db import connection

from apps.pipeline import scheduler
from apps.pipeline.models import Schedule
from apps.pipeline.scheduler import Entry
from tests.broker.conftest import other_connection


def schedule(*, name="sweep", every=3600, run):
    entries = [Entry(name, every, run)]
    scheduler.prepare(entries)
    return entries


def test_what_is_due_is_done_once_however_many_schedulers_run(transactional_db):
    ran = []
    entries = schedule(run=lambda: (ran.append(1), time.sleep(0.2)))
    together = threading.Barrier(6)

    def tick():
        together.wait()
        scheduler.tick(entries)
        connection.close()

    threads = [threading.Thread(target=tick) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert ran == [1]


def test_what_was_missed_is_done_once_and_then_on_its_beat(transactional_db):
    ran = []
    entries = schedule(every=30, run=lambda: ran.append(1))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_schedule SET due_at = now() - interval '100 seconds'")
    before = Schedule.objects.get().due_at

    done = [scheduler.tick(entries), scheduler.tick(entries)]

    assert done == [["sweep"], []]
    assert (Schedule.objects.get().due_at - before).total_seconds() == 120


def test_a_failing_entry_holds_up_no_other_and_comes_again_soon(transactional_db, caplog):
    ran = []
    entries = [Entry("audit", 86_400, lambda: 1 // 0), Entry("sweep", 30, lambda: ran.append(1))]
    scheduler.prepare(entries)

    scheduler.tick(entries)

    audit = Schedule.objects.get(name="audit")
    assert ran == [1]
    assert audit.error.startswith("ZeroDivisionError")
    assert (audit.due_at - audit.ran_at).total_seconds() == pytest.approx(60, abs=1)
    assert "scheduled audit failed" in caplog.text


def test_a_scheduler_that_dies_while_it_does_something_leaves_it_to_the_next(transactional_db):
    ran = []

    class Died(BaseException):
        pass

    def die():
        raise Died

    scheduler.prepare([Entry("sweep", 3600, die)])

    with pytest.raises(Died):
        scheduler.tick([Entry("sweep", 3600, die)])
    scheduler.tick([Entry("sweep", 3600, lambda: ran.append(1))])

    assert ran == [1]


def test_a_scheduler_survives_the_loss_of_its_database(transactional_db, until):
    ran = []
    stop = threading.Event()
    beat = [Entry("beat", 1, lambda: ran.append(backend()))]
    thread = threading.Thread(target=scheduler.run, args=(beat, stop))

    thread.start()
    try:
        until(lambda: ran)
        with other_connection() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [ran[0]])
        until(lambda: len(set(ran)) > 1)
    finally:
        stop.set()
        thread.join()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_changed_beat_in_the_code_is_taken_over(transactional_db):
    schedule(every=30, run=list)
    schedule(every=60, run=list)

    assert Schedule.objects.get().every_seconds == 60


def test_a_schedule_without_a_beat_is_refused_by_the_database(transactional_db):
    with connection.cursor() as cursor, pytest.raises(Exception, match="schedules_recur") as refused:
        cursor.execute("INSERT INTO pipeline_schedule (name, every_seconds, error) VALUES ('never', 0, '')")

    assert isinstance(refused.value.__cause__, psycopg.errors.CheckViolation)
