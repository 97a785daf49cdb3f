import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
import rabbit
from django.conf import settings
from django.db import connection

from labelcrowd import broker

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

Until = Callable[..., None]


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[str]:
    """The address of a RabbitMQ: BROKER_TEST_AMQP_URL, or a node of our own."""
    if given := os.environ.get("BROKER_TEST_AMQP_URL"):
        yield given
        return
    if not rabbit.found():
        message = "RabbitMQ is not installed (apt-get install rabbitmq-server): its half of the broker tests is NOT RUN"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with rabbit.node() as url:
        yield url


@pytest.fixture
def toybox(transactional_db: None) -> None:
    """Empty toy tables, in real transactions."""
    import toys

    toys.sql(toys.TABLES)


@pytest.fixture(params=["postgres", "rabbitmq"])
def queues(request: pytest.FixtureRequest, settings, toybox: None) -> Iterator[str]:
    """Empty queues on each of the two brokers."""
    settings.BROKER_URL = "postgres" if request.param == "postgres" else request.getfixturevalue("rabbitmq")
    broker.close()
    empty_the_queues()
    yield request.param
    broker.close()


@pytest.fixture
def on_postgres(settings, toybox: None) -> Iterator[None]:
    settings.BROKER_URL = "postgres"
    empty_the_queues()
    broker.close()
    yield
    broker.close()


@pytest.fixture(scope="session")
def crew_leader(django_db_setup: None, django_db_blocker) -> Iterator[subprocess.Popen]:
    """A process that has Django ready and forks workers when told to."""
    with django_db_blocker.unblock():
        leader = start_script("crew.py", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with leader:
        yield leader
        leader.stdin.close()


@pytest.fixture
def crew(crew_leader: subprocess.Popen, settings) -> Iterator[Callable[..., None]]:
    """Start worker processes; they end with the test."""

    def order(*, processes: int = 1, threads: int = 4) -> None:
        print(
            json.dumps({"broker": settings.BROKER_URL, "processes": processes, "threads": threads}),
            file=crew_leader.stdin,
            flush=True,
        )
        assert crew_leader.stdout.readline() == "done\n"

    yield order
    order(processes=0)


def start_script(name: str, **options: Any) -> subprocess.Popen:
    """Start a process of the tests' own on the test's database and broker."""
    orders = json.dumps({"database": database(), "broker": settings.BROKER_URL})
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "dramatiq_restart_delay": "200", "LOG_LEVEL": "CRITICAL"}
    return subprocess.Popen([sys.executable, HERE / name, orders], cwd=ROOT, env=environment, **options)


def database() -> dict[str, object]:
    """The test's database in Django's words, for another process."""
    connection.ensure_connection()
    info = connection.connection.info
    return {
        **{key: value for key, value in connection.settings_dict.items() if key not in ("ENGINE", "TEST")},
        "ENGINE": "django.db.backends.postgresql",
        "NAME": info.dbname,
        "USER": info.user,
        "PASSWORD": info.password,
        "HOST": info.host,
        "PORT": info.port,
    }


def empty_the_queues() -> None:
    current = broker.broker()
    if isinstance(current, broker.RabbitmqBroker):
        current.flush_all()
    else:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE dramatiq.queue, dramatiq.worker")


@pytest.fixture
def empty() -> Callable[[], None]:
    return empty_the_queues


@pytest.fixture
def until() -> Until:
    """Wait for something to become true, and fail when it doesn't."""

    def wait(condition: Callable[[], object], seconds: float = 25) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not within {seconds} s"
            time.sleep(0.05)

    return wait


def other_connection() -> psycopg.Connection:
    """What another process sees of the database."""
    connection.ensure_connection()
    info = connection.connection.info
    return psycopg.connect(**info.get_parameters(), password=info.password)


def environment() -> dict[str, str]:
    """The test's settings for a process that reads them from its environment."""
    info = connection.connection.info
    login = ":".join(quote(each, safe="") for each in (info.user, info.password) if each)
    address = f"postgres://{login}@{quote(info.host, safe='')}:{info.port}/{info.dbname}"
    return {
        **os.environ,
        "DATABASE_URL": address,
        "BROKER_URL": "postgres",
        "DJANGO_SETTINGS_MODULE": "labelcrowd.settings",
    }


def send_nonsense(queue: str) -> None:
    """Put on a queue what is no message at all."""
    current = broker.broker()
    if isinstance(current, broker.RabbitmqBroker):
        current.declare_queue(queue, ensure=True)
        current.channel.basic_publish(exchange="", routing_key=queue, body=b'{"no": "message"}')
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dramatiq.queue (message_id, queue_name, state, message) VALUES (%s, %s, 'queued', %s)",
            [uuid4(), queue, '{"no": "message"}'],
        )


def lose_connections() -> None:
    """Have the broker's connections die without its being told."""
    current = broker.broker()
    if isinstance(current, broker.RabbitmqBroker):
        current.connection.close()
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'labelcrowd-broker' AND datname = current_database()"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace lone surrogates in what a test printed: it can't be sent from one process of xdist to the other."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "replace").decode()) for name, text in report.sections]
    return report
