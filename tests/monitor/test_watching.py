"""What operators see: whether it lives, whether it can work, its figures, and log lines that tell of what they are."""

import io
import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
import time_machine
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from looking import figures

from apps.core import clock
from apps.monitor import health
from apps.pipeline import schedule
from apps.pipeline.models import Delivery, Schedule
from apps.work import services as work
from labelcrowd import broker, logs
from labelcrowd.db.postgres import base
from tests.api.machine import answers, working
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_known_of_the_storage():
    health.forget()
    yield
    health.forget()


def test_a_process_that_lives_says_so_without_a_question_to_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"alive\n")


def test_an_instance_that_has_all_it_needs_is_ready(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": {}})


def test_without_its_media_folder_it_is_not_ready_and_says_why(client, settings, tmp_path):
    (tmp_path / "media").write_text("a file where a folder should be")
    settings.MEDIA_ROOT = tmp_path / "media"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "media" in answer.json()["problems"]["storage"]


def test_who_asks_again_at_once_is_told_the_same_without_another_look(client, django_assert_num_queries):
    first = client.get("/readyz")

    with django_assert_num_queries(0):
        again = client.get("/readyz")

    assert again.json() == first.json()


def test_who_asks_again_and_again_has_the_storage_written_to_once(client, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(health, "SECONDS", 0.0)
    settings.MEDIA_ROOT = tmp_path / "media"
    assert client.get("/readyz").status_code == 200
    (tmp_path / "media" / "ready").rmdir()

    again = client.get("/readyz")

    assert again.status_code == 200
    assert [*(tmp_path / "media").iterdir()] == []


def test_tables_of_an_older_version_are_not_ready_and_are_asked_again_until_they_are(client, monkeypatch):
    monkeypatch.setattr(health, "SECONDS", 0.0)
    applied = MigrationRecorder(connection).migration_qs.filter(app="work").order_by("name").last()
    applied.delete()

    assert "1 migrations are to be applied" in client.get("/readyz").json()["problems"]["migrations"]

    applied.save(force_insert=True)
    assert client.get("/readyz").json()["problems"] == {}


def test_strangers_hear_what_is_wrong_but_not_how(client, settings, tmp_path):
    (tmp_path / "media").write_text("a file where a folder should be")
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.METRICS_TOKEN = "the monitor's"

    assert client.get("/readyz").json() == {"ready": False, "problems": ["storage"]}


def test_a_scheduler_that_never_ran_or_fell_silent_is_noticed():
    assert "none has ever run" in health.scheduler()

    Schedule.objects.create(name="sweep", every_seconds=30, ran_at=clock.now() - timedelta(hours=1))
    assert health.scheduler() == "none has run for 3600 s"

    Schedule.objects.update(ran_at=clock.now())
    assert health.scheduler() == ""


def test_the_figures_follow_the_rows(client):
    campaign = running(items=10, price=10, page_size=5, budget=1000)
    handed_in(campaign)
    work.lease(campaign, worker=worker_of(campaign))
    Delivery.objects.create(step="settle", key=str(campaign.pk), count=5, parked_at=clock.now(), reason="it failed")
    schedule.sweep()
    with time_machine.travel(clock.now() + timedelta(days=2)):
        seen = figures(client)

    here = f'{{campaign="{campaign.pk}",currency="USD"}}'
    assert seen["labelcrowd_broker_up"] == 1
    assert seen["labelcrowd_submits_total"] == 1
    assert seen["labelcrowd_leases_open"] == 1
    assert seen["labelcrowd_pages_unsettled"] == 1
    assert seen["labelcrowd_steps_parked"] == 1
    assert seen[f"labelcrowd_budget{here}"] == 10.0
    assert seen[f"labelcrowd_budget_held{here}"] == pytest.approx(0.2)
    assert seen["labelcrowd_ledger_imbalances"] == 0
    assert seen["labelcrowd_oldest_due_seconds"] > 3600
    assert 'labelcrowd_queue_messages{queue="judge"}' in seen


def test_a_scheduler_that_never_ran_is_silent_for_ever(client):
    assert figures(client)["labelcrowd_scheduler_silent_seconds"] == float("inf")


def test_an_instance_that_lacks_something_says_so_in_its_figures(client, settings, tmp_path):
    assert figures(client)["labelcrowd_ready"] == 1
    health.forget()
    (tmp_path / "media").write_text("a file where a folder should be")
    settings.MEDIA_ROOT = tmp_path / "media"

    assert figures(client)["labelcrowd_ready"] == 0


def test_a_backup_is_old_by_how_often_one_is_to_be_made(client, settings, tmp_path):
    assert "labelcrowd_backup_age_seconds" not in figures(client)
    settings.BACKUP_FOLDER, settings.BACKUP_HOURS = tmp_path, 6.0

    seen = figures(client)

    assert seen["labelcrowd_backup_age_seconds"] == float("inf")
    assert seen["labelcrowd_backup_interval_seconds"] == 6 * 3600


@pytest.fixture
def rabbitmq_is_away(settings) -> Iterator[None]:
    """Have the broker be a RabbitMQ at a port where nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        settings.BROKER_URL = f"amqp://127.0.0.1:{reserved.getsockname()[1]}"
        broker.close()
        yield
        broker.close()


def test_without_its_broker_the_figures_say_so_and_all_others_are_there(client, rabbitmq_is_away):
    seen = figures(client)

    assert seen["labelcrowd_broker_up"] == 0
    assert not [name for name in seen if name.startswith("labelcrowd_queue_messages")]
    assert seen["labelcrowd_ledger_imbalances"] == 0
    assert "does not answer" in client.get("/readyz").json()["problems"]["queue"]


def test_books_that_are_off_are_seen(client):
    running(items=1)
    with connection.cursor() as cursor:  # as only its owner could
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_account DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_account SET owner = 'campaign:of-nobody' WHERE kind = 'budget'")

    assert figures(client)["labelcrowd_ledger_imbalances"] == 1


def test_beyond_loopback_the_figures_are_for_whoever_brings_the_token(client, settings):
    settings.METRICS_TOKEN = "the monitor's"

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert figures(client, Authorization="Bearer the monitor's")

    settings.METRICS_TOKEN, settings.LOOPBACK = "", False
    assert client.get("/metrics").status_code == 401


def test_a_line_logged_in_a_request_tells_of_which_request_and_page_it_is(client, written):
    page = handed_in(running(items=1))
    logging.getLogger("apps.monitor").setLevel(logging.INFO)

    answer = client.get(reverse("workbench:page", args=[page.pk]), headers={"X-Request-ID": "from-the-proxy-1"})

    line = json.loads(written()[-1])
    assert line["request_id"] == answer["X-Request-ID"] == "from-the-proxy-1"
    assert line["assignment_id"] == str(page.pk)
    assert line["event"].startswith("GET work/pages/<uuid:assignment_id>/ 302 in")


def test_a_request_id_that_is_no_plain_word_is_not_kept(client):
    assert client.get("/healthz", headers={"X-Request-ID": 'x" onload="'})["X-Request-ID"] != 'x" onload="'


def test_a_line_of_a_machines_lease_or_submit_tells_of_the_page_and_the_campaign(written):
    campaign = running(items=1, page_size=1)
    program, _ = working(campaign)
    logging.getLogger("apps.monitor").setLevel(logging.INFO)

    page = program.post(f"/api/v1/campaigns/{campaign.pk}/assignments", {}, content_type="application/json").json()
    program.post(f"/api/v1/assignments/{page['id']}/submit", answers(page), content_type="application/json")

    lines = [json.loads(line) for line in written() if " api/v1/" in line]
    assert [(line["assignment_id"], line["campaign_id"]) for line in lines] == [(page["id"], str(campaign.pk))] * 2
    assert "campaign_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.parametrize(
    "secret", ["Authorization: Bearer abc.def-ghi", "the token lc_0123456789abcdefghijklmnop", "Signature=0a1b2c3d4e5f"]
)
def test_no_line_tells_a_secret(secret, written):
    logging.getLogger("apps").warning("given: %s", secret, exc_info=ValueError(secret))

    line = written()[-1]

    assert "***" in line
    assert not any(part in line for part in ("abc.def-ghi", "89abcdefghijklmnop", "0a1b2c3d4e5f"))


@pytest.mark.parametrize(
    "given",
    [
        {"user": {"new_password": "hunter2-hunter2"}},
        [{"headers": {"HTTP_AUTHORIZATION": "hunter2-hunter2"}}],
        ({"sealed": ("amqp://me:hunter2-hunter2@host",)},),
        ValueError("{'password': 'hunter2-hunter2'}"),
        "{'secret_access_key': 'hunter2-hunter2'}",
    ],
)
def test_s15_no_line_tells_a_secret_that_lies_within_what_is_logged(given, written):
    with structlog.contextvars.bound_contextvars(given=given):
        logging.getLogger("apps").warning("something is bound around this line")
    logging.getLogger("apps").warning("given: %s", given)

    lines = written()

    assert len(lines) == 2
    assert all("***" in line and "hunter2" not in line for line in lines), lines


@pytest.fixture
def written():
    """Return a function that gives the lines that were logged as JSON since."""
    given = dict(logs.config(level="INFO", form="json")["formatters"]["structured"])
    file = io.StringIO()
    handler = logging.StreamHandler(file)
    handler.setFormatter(given.pop("()")(**given))
    logging.getLogger("apps").addHandler(handler)
    yield lambda: file.getvalue().splitlines()
    logging.getLogger("apps").removeHandler(handler)
    logging.getLogger("apps.monitor").setLevel(logging.NOTSET)


def test_a_sweep_that_fails_each_time_is_seen_although_the_scheduler_lives(client):
    for name, error in (("sweep", "KeyError: 'x'"), ("forget", "")):
        Schedule.objects.update_or_create(
            name=name, defaults={"every_seconds": 30, "ran_at": clock.now(), "error": error}
        )

    found = figures(client)

    assert found['labelcrowd_schedule_failing{schedule="sweep"}'] == 1
    assert found['labelcrowd_schedule_failing{schedule="forget"}'] == 0


def test_while_a_look_hangs_others_are_told_that_it_does_and_wait_no_longer(client, monkeypatch):
    monkeypatch.setattr(health, "WAIT_SECONDS", 0.05)

    with health._looking:
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "hangs" in answer.json()["problems"]["look"]


@pytest.fixture
def database_that_drops_packets(monkeypatch) -> Iterator[None]:
    """Have the database be at an address that takes connections and never says a word."""
    monkeypatch.setattr(base, "CONNECT_SECONDS", 2)
    real = connections["default"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = {"HOST": "127.0.0.1", "PORT": silent.getsockname()[1]}
        connections["default"] = type(real)({**real.settings_dict, **where}, "default")
        yield
        connections["default"] = real


def test_a_database_that_drops_packets_is_given_up_in_time_and_said_to_be_away(database_that_drops_packets, client):
    began = time.monotonic()

    found = health.ailments()

    assert time.monotonic() - began < 10
    assert "timeout" in found["database"]


def test_a_database_that_stops_to_answer_is_given_up_within_a_minute():
    params = connection.get_connection_params()

    assert params["tcp_user_timeout"] == 30_000
    assert params["keepalives_idle"] + params["keepalives_interval"] * params["keepalives_count"] == 60


def test_whether_postgresql_has_room_is_seen_by_a_file_that_it_writes():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {health.SPILLS}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Disk:" in plan
