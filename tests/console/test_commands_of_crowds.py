"""A simulated crowd from the shell, and what every command says when the database or an option is wrong."""

import os
import socket
import subprocess
import sys
import threading
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from apps.console.management.commands import simulate_crowd
from apps.members import consent
from apps.simulation import crowd
from apps.workforce import services as workforce
from apps.workforce.models import Worker
from tests import belt
from tests.running import running

pytestmark = pytest.mark.django_db


class Belt:
    """The belt at work beside a test, as a worker process would be."""

    def __enter__(self) -> None:
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()

    def _run(self) -> None:
        try:
            while not self.over.wait(0.1):
                belt.run()
        finally:
            connection.close()


def said(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command("simulate_crowd", *arguments, stdout=out, **options)
    return out.getvalue()


def refused(*arguments: str, **options: object) -> str:
    with pytest.raises(CommandError) as problem:
        said(*arguments, **options)
    return str(problem.value)


@pytest.mark.django_db(transaction=True)
def test_a_crowd_is_simulated_over_http_and_its_work_summed_up(live_server, tmp_path):
    campaign = running(channel="simulated", items=10, page_size=5, redundancy=2, price=10)
    truth = tmp_path / "truth.jsonl"
    names = campaign.dataset.items.values_list("external_id", flat=True)
    truth.write_text("".join(f'{{"external_id": "{name}", "answer": "cat"}}\n' for name in names))

    with Belt():
        told = said(campaign.name, workers=3, mix="careful=2,hasty=1", url=live_server.url, truth=str(truth))

    assert "10 of 10 items" in told
    assert "0.40 USD of" in told
    assert Worker.objects.filter(channel="simulated").count() == 3
    campaign.refresh_from_db()
    assert campaign.state == "completed"


@pytest.mark.django_db(transaction=True)
def test_a_crowd_works_where_terms_were_published_and_agrees_to_nothing(live_server):
    campaign = running(channel="simulated", items=2, page_size=2, redundancy=1)
    terms = consent.publish(campaign.organization, text="Be fair.")

    with Belt():
        told = said(campaign.name, workers=1, url=live_server.url)

    assert "2 of 2 items" in told
    assert not terms.consents.exists()


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_which_nobody_gets_a_page_says_why_and_fails(live_server):
    campaign = running(channel="simulated", items=2, page_size=2, redundancy=1)
    for each in crowd.enlist(campaign, workers=2, mix={"careful": 1}, truth={}):
        workforce.restrict(each.worker, reason="spam")

    why = refused(campaign.name, workers=2, mix="careful=1", url=live_server.url, wait=0)

    assert why.startswith("the crowd did nothing: of 2 workers 2 got no page: ")
    assert not why.endswith(": ")


@pytest.mark.django_db(transaction=True)
def test_a_crowd_whose_work_nobody_judges_says_so(live_server):
    campaign = running(channel="simulated", items=2, page_size=2, redundancy=1)

    told = said(campaign.name, workers=1, wait=0, url=live_server.url)

    assert "after 0 s not all is judged and combined yet: is a worker process running?" in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--workers", "0"], "--workers is 0, it should be at least 1"),
        (["--threads", "-1"], "--threads is -1, it should be at least 1"),
        (["--seed", "-1"], "--seed is -1, it should be at least 0"),
        (["--mix", "careful"], "as in careful=0.7,spamming=0.3"),
        (["--mix", "lazy=1"], "a mix gives shares to some of"),
        (["--mix", "careful=nan"], "a mix gives shares to some of"),
        (["--truth", "gone.jsonl"], "there is no file 'gone.jsonl'"),
        (["--url", "http://127.0.0.1:1"], "nothing answers at http://127.0.0.1:1"),
        (["--url", "127.0.0.1"], "nothing answers at 127.0.0.1"),
    ],
)
def test_a_crowd_that_cannot_be_is_refused(live_server, arguments, sentence):
    campaign = running(channel="simulated")
    url = [] if "--url" in arguments else ["--url", live_server.url]

    assert sentence in refused(campaign.name, *arguments, *url)


def test_a_server_that_takes_the_call_and_is_long_silent_is_told_as_busy(monkeypatch):
    campaign = running(channel="simulated")
    monkeypatch.setattr(simulate_crowd, "ANSWER_SECONDS", 0.2)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        told = refused(campaign.name, "--url", address)

    assert told == f"{address} took the call and gave no answer within 0.2 s: is it busy? Try again when it answers"


@pytest.mark.parametrize("line", ['{"external_id": "a"}', "[1]", "{", '{"external_id": "a", "answer": "unicorn"}'])
def test_a_truth_that_is_none_is_refused_with_its_line(live_server, tmp_path, line):
    campaign = running(channel="simulated")
    file = tmp_path / "truth.jsonl"
    file.write_text('{"external_id": "x", "answer": "cat"}\n' + line)

    assert f"{file}, line 2: " in refused(campaign.name, "--truth", str(file), "--url", live_server.url)


@pytest.mark.parametrize(
    ("channel", "state", "sentence"),
    [("internal", "running", "clone it with channel 'simulated'"), ("simulated", "paused", "is paused: a crowd works")],
)
def test_a_crowd_does_not_go_where_it_is_not_meant_to(live_server, channel, state, sentence):
    campaign = running(channel=channel)
    if state == "paused":
        campaign.move("paused")

    assert sentence in refused(campaign.name, "--url", live_server.url)


# Every command


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


HELP = """
import contextlib, io, django
django.setup()
from django.core.management import execute_from_command_line, get_commands
for name in sorted(name for name, app in get_commands().items() if app.startswith("apps.")):
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            execute_from_command_line(["manage.py", name, "--help"])
    except SystemExit as end:
        print(name, end.code, "usage:" in said.getvalue())
"""


def test_help_of_every_command_opens_no_database():
    told = shell("-c", HELP, DJANGO_SETTINGS_MODULE="labelcrowd.settings")

    assert {"campaign", "demo", "deposit", "enrol", "schedule", "serve", "simulate_crowd", "sweep"} <= {
        line.split()[0] for line in told.stdout.splitlines()
    }
    assert {line.partition(" ")[2] for line in told.stdout.splitlines()} == {"0 True"}, told.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["campaign", "status", "x"], "the database does not answer: "),
        (["serve", "--host", "0.0.0.0"], "0.0.0.0 can be reached from outside, and LABELCROWD_LOOPBACK=true waives"),
        (["serve", "--host", "example.org"], "example.org can be reached from outside"),
        (["serve", "--port", "0"], "0 is not a port: it should be from 1 to 65535"),
    ],
)
def test_from_the_shell_too_an_error_is_one_sentence_and_exit_code_1(arguments, sentence):
    told = shell("manage.py", *arguments)

    assert told.returncode == 1
    assert sentence in told.stderr
    assert "Traceback" not in told.stderr
