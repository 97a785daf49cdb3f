"""Clients that nobody here wrote: AWS's command line, and a tool from PyPI, each in an environment of its own."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from apps.ledger import queries as books
from apps.payments.models import Obligation
from apps.turkapi.services import keys
from tests.turkapi.over_boto3 import HIT, handed_in, organization_of, requester, worker_id, worker_of

BIN = Path(__file__).parents[2] / "var" / "turk_clients" / "bin"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (BIN / "aws").exists(), reason="NOT TRIED with other people's clients: run `make turk-clients` first"
    ),
]
LARRY = Path(__file__).parent / "larry_session.txt"


def run(user, url: str, *command: object) -> str:
    """Return what a command of the other environment said."""
    key, secret = keys.make(organization_of(user), user=user)
    environment = {
        "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL_MTURK": f"{url}/mturk/", "AWS_ACCESS_KEY_ID": key.pk,
        "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }  # fmt: skip
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_aws_command_line_makes_reads_and_ends_a_hit(live_server, tmp_path):
    user = requester()
    worker = worker_of(user)
    given = tmp_path / "hit.json"
    given.write_text(json.dumps(HIT))

    def aws(*arguments: object) -> dict:
        said = run(user, live_server.url, BIN / "python", BIN / "aws", "mturk", *arguments, "--output", "json")
        return json.loads(said) if said.strip() else {}

    hit = aws("create-hit", "--cli-input-json", f"file://{given}")["HIT"]["HITId"]
    key = handed_in(worker)
    assert aws("get-account-balance")["AvailableBalance"] == "99.80"
    aws("update-expiration-for-hit", "--hit-id", hit, "--expire-at", "2006-10-31T00:00:00Z")
    assert aws("get-hit", "--hit-id", hit)["HIT"]["HITStatus"] == "Reviewable"
    assert [each["HITId"] for each in aws("list-reviewable-hits")["HITs"]] == [hit]
    told = aws("list-assignments-for-hit", "--hit-id", hit)["Assignments"][0]
    aws("approve-assignment", "--assignment-id", key)
    aws(
        "send-bonus",
        "--worker-id",
        told["WorkerId"],
        "--bonus-amount",
        "0.25",
        "--assignment-id",
        key,
        "--reason",
        "ok",
    )

    assert (told["AssignmentId"], told["WorkerId"]) == (key, worker_id(worker))
    assert aws("list-bonus-payments", "--hit-id", hit)["BonusPayments"][0]["BonusAmount"] == "0.25"
    assert aws("get-account-balance")["AvailableBalance"] == "99.65"
    assert sum(Obligation.objects.values_list("amount", flat=True)) == 35
    aws("delete-hit", "--hit-id", hit)
    assert aws("get-hit", "--hit-id", hit)["HIT"]["HITStatus"] == "Disposed"
    assert aws("list-hits")["HITs"] == []


def test_larry_asks_pages_and_approves(live_server):
    user = requester()
    page = Path(__file__).with_name("page.html")
    python = BIN / "python"

    hit, balance = run(user, live_server.url, python, LARRY, "create", page).split()
    workers = [worker_of(user) for _ in range(11)]
    for number, worker in enumerate(workers):
        handed_in(worker, animal=f"cat{number}")
    said = run(user, live_server.url, python, LARRY, "approve", hit).split("\n")

    assert balance == "98.8"
    assert sorted(said[:-1]) == sorted(f"cat{number} {worker_id(worker)}" for number, worker in enumerate(workers))
    assert Obligation.objects.count() == 11
    assert books.imbalances() == []
