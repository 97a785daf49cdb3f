"""The eight rules that make the broker trustworthy, each by its name, on PostgreSQL and on RabbitMQ."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import retrying
import toys
from django.db import transaction

from apps.core import clock
from apps.pipeline import actors, motor
from apps.pipeline.models import Delivery, Overdue
from apps.pipeline.motor import Motor, Next, Step
from labelcrowd import broker
from tests.broker import conftest

ROOT = Path(__file__).parent.parent.parent


class ChangedMind(Exception):
    pass


def test_b1_a_step_that_fails_with_unstorable_text_is_tried_again(queues, crew, until):
    toys.MOTOR.send(toys.due("toy_choke", 1))

    crew()
    until(toys.done)

    assert toys.runs("toy_choke") >= 2
    until(lambda: not Delivery.objects.exists())


def test_b1_the_reason_of_a_failure_is_kept_without_what_cannot_be_stored(toybox):
    toys.due("toy_choke", 1)

    with pytest.raises(motor.Retry):
        toys.MOTOR.deliver(Next("toy_choke", 1))

    assert Delivery.objects.get().reason == "ValueError: the answer \ufffd \ufffd is not a number"


def test_b1_the_encoder_replaces_only_what_cannot_be_stored():
    data = {"args": ["a\x00", 7], "options": {"traceback": "\ud800 ä 😀 \udfff"}}

    encoded = broker.ScrubbingEncoder().encode(data)

    assert json.loads(encoded) == {"args": ["a\ufffd", 7], "options": {"traceback": "\ufffd ä 😀 \ufffd"}}


def test_b2_every_step_takes_one_id():
    steps = {**toys.MOTOR.steps, **actors.MOTOR.steps}

    assert {step.takes for step in steps.values()} <= {UUID, int}


def takes_text(pk: str) -> list[Next]:
    return []


def takes_more(pk: int, note: str) -> list[Next]:
    return []


def takes_anything(pk) -> list[Next]:
    return []


@pytest.mark.parametrize("function", [takes_text, takes_more, takes_anything])
def test_b2_a_step_that_takes_anything_else_is_refused(function):
    with pytest.raises(TypeError, match=f"step {function.__name__} should take one id"):
        Step(function, queue="work")


@pytest.mark.parametrize("pk", ["7", 7.0, True, None, UUID(int=7)])
def test_b2_a_message_with_anything_but_an_id_is_refused(pk):
    with pytest.raises(TypeError, match="step toy_pay takes a int"):
        toys.MOTOR.send([Next("toy_pay", pk)])


def test_b2_ids_of_both_types_arrive_as_they_were_sent(queues, crew, until):
    pk = uuid4()
    toys.MOTOR.send([Next("toy_stamp", pk), *toys.due("toy_work", 2**40)])

    crew()

    until(lambda: toys.sql("SELECT id FROM toy_stamp") == [(pk,)] and toys.done())


def test_b3_all_queues_move_on_together_under_load(queues, crew, until):
    for offset, step in enumerate(["toy_work", "toy_judge", "toy_pay", "toy_bulk"]):
        toys.MOTOR.send(toys.due(step, *range(offset * 50, offset * 50 + 50)))

    crew(threads=4)

    until(lambda: toys.done() == 200)


def test_b3_a_worker_whose_pool_is_too_small_does_not_start(on_postgres):
    broker.broker(threads=2)

    broker.check(2)
    with pytest.raises(broker.BadBroker, match="has 14 connections; 4 queues and 8 threads need 20"):
        broker.check(8)


def test_b3_a_worker_that_would_take_more_connections_than_there_are_does_not_start(on_postgres):
    broker.broker(threads=5000)

    with pytest.raises(broker.BadBroker, match="PostgreSQL allows"):
        broker.check(5000)


def test_b3_a_fifth_queue_is_refused(queues):
    with pytest.raises(ValueError, match="queue 'fifth' is not one of"):
        Step(toys.toy_work, queue="fifth")

    broker.broker().declare_queue("fifth")
    with pytest.raises(broker.BadBroker, match="5 queues are declared; at most 4"):
        broker.check(2)


def test_b4_a_message_is_sent_when_its_rows_are_there_and_never_before(queues):
    with transaction.atomic():
        toys.MOTOR.send(toys.due("toy_pay", 1))
        before = broker.waiting("outside", 10)

    assert before == 0
    assert broker.waiting("outside", 10) == 1


def test_b4_nothing_is_sent_for_what_was_rolled_back(queues):
    with pytest.raises(ChangedMind), transaction.atomic():
        toys.MOTOR.send(toys.due("toy_pay", 1))
        raise ChangedMind

    assert broker.waiting("outside", 10) == 0


def test_b4_what_follows_a_step_is_sent_after_it(queues, crew, until):
    toys.due("toy_pay", 1)
    toys.MOTOR.send([Next("toy_follow", 1)])

    crew()

    until(toys.done)


def test_b4_a_lost_message_is_found_by_the_sweep(queues, crew, until):
    toys.due("toy_pay", 1, 2, 3)

    toys.MOTOR.sweep(toys.outstanding())
    crew()

    until(lambda: toys.done() == 3)


def test_b4_the_sweep_goes_on_after_a_lost_connection(queues):
    toys.MOTOR.sweep(toys.due("toy_pay", 1))
    conftest.lose_connections()

    swept = toys.MOTOR.sweep(toys.due("toy_pay", 2))

    assert swept == 1
    assert broker.waiting("outside", 10) == 2


@contextmanager
def no_queue() -> Iterator[None]:
    """Let the table of messages be away."""
    toys.sql("ALTER TABLE dramatiq.queue RENAME TO away")
    yield
    toys.sql("ALTER TABLE dramatiq.away RENAME TO queue")


@pytest.mark.parametrize("url", ["amqp://127.0.0.1:1", "postgres"])
def test_b4_a_broker_that_is_away_stops_no_transaction(url, toybox, settings, caplog):
    settings.BROKER_URL = url
    broker.close()

    with no_queue() if url == "postgres" else nullcontext():
        with transaction.atomic():
            toys.MOTOR.send(toys.due("toy_pay", 1))

    assert list(toys.outstanding()) == [Next("toy_pay", 1)]
    assert "on_commit" in caplog.text
    broker.close()


def test_b5_nobody_retries_at_once():
    found = [
        f"{path.relative_to(ROOT)} {fault}"
        for folder in ("apps", "labelcrowd")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for fault in retrying.faults(path.read_text(), may_send=path.name in ("broker.py", "motor.py"))
    ]

    assert found == []
    assert motor.MIN_BACKOFF_MS >= retrying.LEAST_MS


@pytest.mark.parametrize(
    "planted", ["raise Retry(delay=0)", "raise dramatiq.Retry('no', delay=999)", "broker.enqueue(message)"]
)
def test_b5_the_lint_sees_what_it_is_for(planted):
    assert list(retrying.faults(planted))


def test_b5_a_motor_that_would_not_wait_is_refused():
    with pytest.raises(ValueError, match="at least 1 s"):
        Motor(waits=(1, 1, 0, 1))


def test_b6_each_message_delivered_three_times_at_once_takes_effect_once(queues, crew, until):
    following = toys.due("toy_pay", *range(20))
    for each in following:
        for _ in range(3):
            toys.MOTOR.send([each])

    crew(processes=2, threads=4)
    until(lambda: toys.runs("toy_pay") >= 60)

    assert toys.sql("SELECT DISTINCT state, paid FROM toy") == [("done", 1)]
    until(lambda: not Delivery.objects.exists())


def test_b6_a_step_that_takes_too_long_is_stopped_and_told(queues, crew, until):
    toys.MOTOR.send(toys.due("toy_linger", 1))

    crew()

    until(lambda: Delivery.objects.filter(step="toy_linger", reason="stopped after 1 s").exists())


def test_b6_no_step_may_last_so_long_that_it_seems_stuck():
    assert motor.LONGEST_SECONDS * 2 < broker.STUCK_AFTER.total_seconds()
    with pytest.raises(ValueError, match="500 s is not between 1 and 440"):
        Step(toys.toy_work, queue="work", seconds=500)


def test_b7_a_delivery_is_counted_before_the_work_whatever_becomes_of_it(toybox):
    counts = []

    def toy_look(pk: int) -> list[Next]:
        # What another process would see at this moment.
        with conftest.other_connection() as other:
            counts.append(other.execute("SELECT step, key, count FROM pipeline_delivery").fetchall())
        return []

    Motor(Step(toy_look, queue="work")).deliver(Next("toy_look", 7))

    assert counts == [[("toy_look", "7", 1)]]
    assert not Delivery.objects.exists()


def test_b7_what_fails_five_times_is_parked_with_its_reason_and_left_alone(toybox, caplog):
    tried = []

    def toy_fail(pk: int) -> list[Next]:
        with transaction.atomic():
            tried.append(pk)
            raise ChangedMind("again")

    failing = Motor(Step(toy_fail, queue="work"))
    for _ in range(4):
        with pytest.raises(motor.Retry):
            failing.deliver(Next("toy_fail", 7))
        Delivery.objects.update(due_at=None)
    failing.deliver(Next("toy_fail", 7))
    failing.deliver(Next("toy_fail", 7))

    assert tried == [7] * 5
    delivery = Delivery.objects.get()
    assert delivery.parked_at is not None
    assert (delivery.count, delivery.reason) == (5, "ChangedMind: again")
    assert "step toy_fail of 7 failed, parked until a person decides" in caplog.text


def test_b7_a_failed_step_waits_longer_each_time(toybox, caplog):
    def toy_fail(pk: int) -> list[Next]:
        raise ChangedMind

    failing = Motor(Step(toy_fail, queue="work"))
    delays = []
    for _ in range(4):
        with pytest.raises(motor.Retry) as retry:
            failing.deliver(Next("toy_fail", 7))
        delays.append(retry.value.delay)
        failing.deliver(Next("toy_fail", 7))  # too early: nothing happens
        Delivery.objects.update(due_at=None)

    assert delays == [2_500, 15_500, 120_500, 720_500]


def test_b7_a_step_whose_process_died_waits_a_little_before_it_is_tried_again(toybox):
    toys.due("toy_work", 1)
    Delivery.objects.create(step="toy_work", key="1", count=1, begun_at="2026-01-01T00:00Z")

    with pytest.raises(motor.Retry, match="its process died") as retry:
        toys.MOTOR.deliver(Next("toy_work", 1))
    Delivery.objects.update(due_at=None)
    toys.MOTOR.deliver(Next("toy_work", 1))

    assert 1_500 <= retry.value.delay <= 2_500
    assert toys.done() == 1


def test_b7_what_a_process_died_with_is_swept_though_its_row_is_due_no_more(on_postgres):
    Delivery.objects.create(step="toy_pay", key="1", count=1, begun_at="2026-01-01T00:00Z")
    Delivery.objects.create(step="toy_work", key="1", count=1, begun_at=clock.now())  # it runs

    assert toys.MOTOR.sweep(toys.outstanding()) == 1
    assert list(Overdue.objects.values_list("step", flat=True)) == ["toy_pay"]


def test_b7_what_is_parked_is_swept_only_after_a_person_decided(queues, crew, until):
    toys.due("toy_pay", 1)
    parked = Delivery.objects.create(step="toy_pay", key="1", count=5, parked_at="2026-01-01T00:00Z", reason="died")

    swept = toys.MOTOR.sweep(toys.outstanding())
    toys.MOTOR.send([Next("toy_pay", 1)])
    crew()
    until(lambda: broker.waiting("outside", 10) == 0)
    still_due = list(toys.outstanding())
    toys.MOTOR.unpark(parked)

    assert (swept, still_due) == (0, [Next("toy_pay", 1)])
    until(toys.done)
    until(lambda: not Delivery.objects.exists())


def test_b8_a_broker_from_before_a_fork_serves_parent_and_child(queues):
    with conftest.start_script("forking.py") as forking:
        assert forking.wait(timeout=20) == 0

    assert broker.waiting("work", 10) == 4


def test_b8_a_malformed_message_holds_up_its_neighbours_until_the_sweep_only(queues, crew, until):
    conftest.send_nonsense("outside")
    toys.MOTOR.send(toys.due("toy_pay", 1, 2, 3))

    crew(threads=2)
    until(lambda: broker.waiting("outside", 10) == 0)
    toys.MOTOR.sweep(toys.outstanding())

    until(lambda: toys.done() == 3)


def test_b8_messages_that_are_held_for_long_are_counted(on_postgres):
    toys.MOTOR.send(toys.due("toy_pay", 1, 2))
    toys.sql("UPDATE dramatiq.queue SET state = 'consumed', consumed_at = now() - interval '16 minutes'")

    assert broker.stuck() == 2
    assert broker.stuck(over=timedelta(minutes=17)) == 0


def test_b8_a_worker_process_starts_says_what_is_stuck_and_ends_when_asked(on_postgres, until, tmp_path):
    toys.MOTOR.send(toys.due("toy_pay", 1))
    toys.sql("UPDATE dramatiq.queue SET state = 'consumed', consumed_at = now() - interval '16 minutes'")
    command = [sys.executable, "-m", "labelcrowd.worker", "--threads", "2"]
    said = tmp_path / "said"

    with said.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=conftest.environment(), stderr=out, stdout=out)
    try:
        until(lambda: "1 messages were taken over 0:15:00 ago and never finished" in said.read_text())
        process.terminate()
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()

    assert process.returncode == 0
    assert "twice" not in said.read_text()  # of its two Workers, as of a mistake
