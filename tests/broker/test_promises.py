"""Servers of others hold up nothing (P6); what is due comes about, once (P7); what kills its process is parked (P8)."""

import time

import toys

from apps.pipeline import deliveries
from apps.pipeline.models import Delivery


def test_p6_servers_of_others_that_hang_hold_up_nothing_of_ours(queues, crew, until):
    toys.MOTOR.send(toys.due("toy_hang", *range(40)))
    toys.MOTOR.send(toys.due("toy_work", *range(100, 110)))

    crew(threads=1)

    until(lambda: toys.sql("SELECT count(*) FROM toy WHERE step = 'toy_work' AND state = 'done'") == [(10,)])
    assert toys.sql("SELECT count(*) FROM toy WHERE step = 'toy_hang' AND state = 'due'") != [(0,)]


def test_p7_with_the_queue_emptied_the_sweep_finds_all(queues, crew, until, empty):
    toys.MOTOR.send(toys.due("toy_pay", *range(100)))

    crew(processes=1, threads=2)
    until(lambda: toys.done() > 5)
    empty()
    time.sleep(0.5)
    left = list(toys.outstanding())
    toys.MOTOR.sweep(toys.outstanding())

    assert left  # or there was nothing to find
    until(lambda: toys.done() == 100)
    assert toys.sql("SELECT DISTINCT paid FROM toy") == [(1,)]


def test_p7_what_waits_for_a_worker_is_not_sent_again_until_the_queue_is_emptied(on_postgres):
    toys.due("toy_pay", *range(3))

    swept = [toys.MOTOR.sweep(toys.outstanding()) for _ in range(3)]
    toys.sql("DELETE FROM dramatiq.queue")

    assert swept == [3, 0, 0]
    assert toys.MOTOR.sweep(toys.outstanding()) == 3


def test_p7_while_nothing_is_lost_the_sweep_changes_nothing(queues, crew, until):
    toys.MOTOR.send(toys.due("toy_pay", *range(40)))

    crew(processes=2, threads=2)
    while toys.done() < 40:
        toys.MOTOR.sweep(toys.outstanding())
    until(lambda: not Delivery.objects.exists())

    assert toys.sql("SELECT DISTINCT paid FROM toy") == [(1,)]


def test_p8_a_step_that_kills_its_process_is_parked_and_the_others_go_on(queues, crew, until):
    toys.MOTOR.send([*toys.due("toy_die", 1000), *toys.due("toy_nap", 999), *toys.due("toy_pay", *range(20))])

    crew(processes=1, threads=3)
    until(lambda: Delivery.objects.filter(step="toy_die", parked_at__isnull=False).exists(), seconds=60)

    # Those that were in the same process each time are not taken for killers.
    until(lambda: toys.done() == 21)
    assert toys.runs("toy_die") == deliveries.MOST
    assert Delivery.objects.get(step="toy_die").reason == deliveries.DIED
    assert toys.MOTOR.sweep(toys.outstanding()) == 0
