"""The command `labelcrowd` does a whole campaign from a shell, against a server."""

import json
import threading
import uuid
from pathlib import Path

import pytest
from django.db import connection
from labelcrowd_client import Client, Failed, Refused
from labelcrowd_client.bar import Bar
from labelcrowd_client.command import main

from apps.core import clock
from apps.datasets.models import Dataset
from apps.ledger import services as ledger
from apps.members import services as members
from apps.members.models import Membership, Role, Scope
from apps.pipeline import flow
from apps.pipeline.models import Operation
from apps.work import services as work
from apps.work.models import Assignment
from tests import belt
from tests.factories import DatasetFactory, OrganizationFactory, UserFactory, draft
from tests.running import answered, launching, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)
SPEC = """
name: Animals
dataset: Pictures
kind: single_choice
settings: {question: "Which?", options: [cat, dog]}
guidelines: Look closely.
redundancy: 1
page_size: 10
price: "0.10"
budget: "10.00"
gold_share: 0
early_gold: 0
grace_seconds: 0
"""


@pytest.fixture
def shell(live_server, monkeypatch):
    """Return what runs the command as a member of an organization, while the belt runs; it gives the exit code."""
    organization = OrganizationFactory()
    user = UserFactory()
    Membership.objects.create(organization=organization, user=user, role=Role.REQUESTER)
    ledger.deposit(organization, amount=100_000, currency="USD", reference="bank")
    _, secret = members.make_token(organization, name="x", scopes=[Scope.READ, Scope.WRITE], days=1, user=user)
    monkeypatch.setenv("LABELCROWD_URL", live_server.url)
    monkeypatch.setenv("LABELCROWD_TOKEN", secret)

    def run(*arguments):
        codes = []
        asking = threading.Thread(target=lambda: codes.append(main(["--every", "0.05", *arguments])))
        asking.start()
        while asking.is_alive():
            belt.run()
            asking.join(0.05)
        return codes[0]

    run.organization = organization
    yield run
    connection.close()


def test_a_whole_campaign_from_a_shell(shell, tmp_path, capsys):
    rows, spec, out = tmp_path / "rows.jsonl", tmp_path / "animals.yaml", tmp_path / "labels.jsonl"
    rows.write_text("".join(json.dumps({"external_id": f"i{n}", "text": f"{n}"}) + "\n" for n in range(10)) + "[]\n")
    spec.write_text(SPEC)

    assert shell("import", "Pictures", str(rows)) == 0
    assert shell("create", str(spec)) == 0
    assert shell("check", "Animals") == 0
    assert shell("launch", "Animals") == 0
    campaign = shell.organization.campaigns.get()
    worker = worker_of(campaign)
    page = work.lease(campaign, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page))
    assert shell("watch", "Animals") == 0
    assert shell("export", "Animals", "--out", str(out)) == 0

    told = capsys.readouterr().err
    assert "10 items added, 0 known before, 1 refused" in told
    assert "Animals: 100%, 10 of 10" in told
    assert "Animals is completed: 10 labels of 10 items" in told
    assert {json.loads(line)["answer"] for line in out.read_text().splitlines()} == {"cat"}
    assert Assignment.objects.get().state == "approved"


def test_what_is_refused_is_told_and_the_exit_code_says_so(shell, tmp_path, capsys):
    spec = tmp_path / "bad.yaml"
    spec.write_text(SPEC.replace("redundancy: 1", "redundancy: many"))

    assert shell("create", str(spec)) == 1
    assert shell("watch", "Nothing") == 1
    assert shell("import", "Pictures", str(tmp_path / "x.docx")) == 1

    told = capsys.readouterr().err
    assert "redundancy is 'many', it should be a whole number" in told
    assert "there is no campaign 'Nothing'" in told
    assert "its name should end in one of" in told


def test_a_campaign_is_paused_and_the_token_says_who_it_is(shell, capsys):
    running(items=1, organization=shell.organization, name="Birds", dataset__organization=shell.organization)

    assert shell("me") == 0
    assert shell("pause", "Birds") == 0
    assert shell("status", "Birds") == 0

    told = capsys.readouterr()
    assert f"of {shell.organization.slug}: requester; may read, write" in told.err
    assert "Birds is paused" in told.err
    assert json.loads(told.out)["state"] == "paused"


def test_an_export_of_a_campaign_without_labels_says_that_there_are_none(shell, tmp_path, capsys):
    running(items=3, organization=shell.organization, name="Birds", dataset__organization=shell.organization)
    out = tmp_path / "labels.csv"

    assert shell("export", "Birds", "--format", "csv", "--out", str(out)) == 0

    assert f"3 rows without a label, as the campaign has none yet, in {out}" in capsys.readouterr().err
    assert len(out.read_text().splitlines()) == 4


def test_who_watches_a_launch_that_came_to_nothing_is_told_why(shell, capsys):
    campaign = launching(
        items=1, organization=shell.organization, name="Birds", dataset__organization=shell.organization
    )
    Operation.objects.create(
        organization=shell.organization, verb="launch", subject=campaign.key, asked={"campaign": str(campaign.pk)},
        state="failed", problem="it failed five times and was given up", finished_at=clock.now(),
    )  # fmt: skip

    assert main(["--every", "0.05", "watch", "Birds"]) == 1

    assert "Birds was not opened: it failed five times and was given up" in capsys.readouterr().err


def test_a_program_reads_every_row_of_a_list_and_is_told_why_not(shell):
    with Client() as client:
        for number in range(3):
            client.post("datasets", {"name": f"d{number}"})
        names = {row["name"] for row in client.list("datasets", limit=1)}
        with pytest.raises(Refused) as refusal:
            client.get(f"campaigns/{uuid.uuid4()}")

    assert names == {"d0", "d1", "d2"}
    assert refusal.value.status == 404
    assert refusal.value.problem["title"] == "Not Found"


def test_without_a_token_or_a_server_it_says_so(monkeypatch, capsys):
    monkeypatch.delenv("LABELCROWD_TOKEN", raising=False)

    assert main(["me"]) == 1
    assert "set LABELCROWD_TOKEN" in capsys.readouterr().err
    with pytest.raises(Failed, match="can't be reached"), Client("http://127.0.0.1:1", "lc_x") as client:
        client.get("me")


def test_the_client_needs_no_django():
    for file in (Path(__file__).parents[2] / "client").rglob("*.py"):
        assert "django" not in file.read_text().lower().replace("needs no django", "")


class Terminal:
    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return True


def test_a_bar_is_drawn_on_a_terminal():
    terminal = Terminal()

    with Bar("work", terminal) as bar:
        bar.at(1, 0)
        bar.at(1, 2)

    assert "█" * 15 + "░" * 15 in terminal.text
    assert "50%" in terminal.text
    assert terminal.text.endswith("\n")


def test_a_dataset_that_no_campaign_uses_is_removed_and_another_says_why_not(shell, capsys):
    spare = DatasetFactory(organization=shell.organization, name="Drafts")
    campaign, used = draft(items=1), DatasetFactory(organization=shell.organization)
    campaign.organization, campaign.dataset = shell.organization, used
    campaign.save()

    assert shell("remove", "Drafts") == 0
    assert shell("remove", used.name) == 1
    assert shell("remove", "Drafts") == 1

    said = capsys.readouterr().err
    assert not Dataset.objects.filter(pk=spare.pk).exists()
    assert "Drafts is removed" in said
    assert "is used by the campaign" in said
    assert "there is no dataset 'Drafts'" in said
