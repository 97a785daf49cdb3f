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
from apps.work.errors import NoWork
from tests.turkapi import test_qualifying as night
from tests.turkapi.over_boto3 import accepted, handed_in, organization_of, requester, worker_id, worker_of

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


def test_scripts_of_a_survey_for_who_passed_a_test_run_with_another_endpoint_url_alone(live_server, tmp_path):
    user = requester()
    there = {"user": user, "url": live_server.url}
    endpoint, test, key = f"{live_server.url}/mturk/", tmp_path / "test.xml", tmp_path / "key.xml"
    test.write_text(night.TEST)
    key.write_text(night.key(night.PERCENT))

    said = run("publish_survey.txt", endpoint, str(test), str(key), **there)
    qualification, hit_type = (re.search(rf"{name} = (\w+)", said)[1] for name in ("QUALIFICATION", "HITTYPE"))
    assert len(re.findall(rf"{hit_type}\t(\w+)", said)) == 3
    browser, address, worker = night.at_the_page(user, qualification)
    with pytest.raises(NoWork, match="Knows the night"):
        accepted(worker)
    browser.post(address)
    night.handed_in(browser, address, "owl", "bat")
    handed_in(worker, city="Łódź & co <1>", age="31")
    handed_in(worker, city="Ur", age="old")

    told = run("review_survey.txt", endpoint, hit_type, **there)
    assert "31 {'age': '31', 'city': 'Łódź & co <1>'} True\n" in told
    assert told.endswith(f"{worker_id(worker)} did 1\n")

    cleared = run("clear_all.txt", endpoint, **there)
    assert sorted(cleared.splitlines()) == [
        "0 left, and $98.90", "Assignable, deleted", "Reviewable, deleted", "Reviewable, deleted", "bonus of 0.10",
    ]  # fmt: skip
    assert sorted(Obligation.objects.values_list("kind", "amount")) == [("bonus", 10), ("work", 50)]
    assert books.imbalances() == []
