"""A tutorial's scripts, unchanged, as programs of their own against a server: only the environment says where it is."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from apps.ledger import queries as books
from apps.payments.models import Obligation
from apps.turkapi.services import keys
from tests.turkapi.over_boto3 import handed_in, organization_of, requester, worker_of

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Path(__file__).parent / "tutorial"
QUESTION = Path(__file__).parents[1] / "browser" / "requester.xml"


def run(script: str, *arguments: str, user, url: str) -> str:
    """Return what the script said."""
    key, secret = keys.make(organization_of(user), user=user)
    environment = {
        "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL_MTURK": f"{url}/mturk/", "AWS_ACCESS_KEY_ID": key.pk,
        "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, HERE / script, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_scripts_of_a_tutorial_run_unchanged(live_server):
    user = requester()
    worker = worker_of(user)

    said = run("create_tasks.txt", str(QUESTION), user=user, url=live_server.url)
    hit = re.search(r"HITID = (\w+)", said)[1]
    assert "I have $100.00 in my account" in said
    assert "No results ready yet" in run("get_results.txt", hit, user=user, url=live_server.url)
    handed_in(worker, emotion="happy & relieved")

    told = run("get_results.txt", hit, user=user, url=live_server.url)

    assert "For input field: emotion\nSubmitted answer: happy & relieved" in told
    assert sorted(Obligation.objects.values_list("kind", "amount")) == [("bonus", 5), ("work", 15)]
    assert books.balance(organization_of(user), kind="funds", currency="USD") == 9_980
    assert books.imbalances() == []
