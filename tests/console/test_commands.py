"""Commands: what they do, and that what goes wrong is one sentence."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.console.management.commands import backup
from apps.datasets.models import Dataset, Item
from apps.members.models import Role
from apps.payments import services as payments
from apps.payments.models import PayoutBatch
from apps.quality import services as quality
from tests.factories import OrganizationFactory, member
from tests.running import handed_in, running

ROOT = Path(__file__).resolve().parents[2]


def said(name: str, *arguments: object, **options: object) -> str:
    """Run a command and return what it says."""
    out = io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=out, **options)
    return out.getvalue()


def owing():
    campaign = running(items=2, page_size=2, redundancy=1, price=10)
    done = handed_in(campaign)
    quality.decide(quality.review(done), verdict="approve")
    payments.owe(done)
    return campaign


@pytest.mark.django_db(transaction=True)
def test_a_file_is_imported_into_a_new_dataset_and_bad_rows_are_told(tmp_path):
    OrganizationFactory()
    file = tmp_path / "animals.csv"
    file.write_text("external_id,text\na,Meow\nb,Moo\na,Woof\n")

    told = said("import_items", "Animals", file)

    assert "2 added, 0 known before, 1 refused" in told
    assert "line 4: external_id 'a' belongs to an item with other data already" in told
    assert Item.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_import_again_adds_nothing(tmp_path):
    OrganizationFactory()
    file = tmp_path / "animals.csv"
    file.write_text("external_id,text\na,Meow\n")
    said("import_items", "Animals", file)

    told = said("import_items", "Animals", file)

    assert "0 added, 1 known before, 0 refused" in told


@pytest.mark.django_db(transaction=True)
def test_an_import_that_fails_says_why_in_a_sentence(tmp_path):
    OrganizationFactory()
    file = tmp_path / "empty.csv"
    file.write_text("external_id,text\n")

    with pytest.raises(CommandError, match=r"the import failed: 'empty\.csv' holds no rows"):
        said("import_items", "Animals", file)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_read_leaves_no_dataset_behind(tmp_path):
    OrganizationFactory()

    with pytest.raises(CommandError, match="there is no file"):
        said("import_items", "Animals", tmp_path / "none.csv")

    assert not Dataset.objects.exists()


@pytest.mark.django_db
def test_which_organization_must_be_said_where_there_are_several(tmp_path):
    OrganizationFactory(slug="one")
    OrganizationFactory(slug="two")
    file = tmp_path / "animals.csv"
    file.write_text("external_id,text\na,Meow\n")

    with pytest.raises(CommandError, match="say which organization with --organization"):
        said("import_items", "Animals", file)


@pytest.mark.django_db
def test_labels_are_written_to_a_file_with_the_hash_that_is_told(tmp_path):
    campaign = owing()
    file = tmp_path / "labels.csv"

    told = said("export_labels", campaign.name, "--format", "csv", "--out", file)

    manifest = json.loads((tmp_path / "labels.csv.manifest.json").read_text())
    assert hashlib.sha256(file.read_bytes()).hexdigest() in told
    assert manifest["sha256"] in told
    assert (manifest["file"], manifest["rows"]) == ("labels.csv", 2)
    assert manifest["columns"]
    assert len(file.read_text().splitlines()) == 3


@pytest.mark.django_db
def test_labels_of_a_campaign_that_there_is_not_are_a_sentence():
    with pytest.raises(CommandError, match="there is no campaign with the id or name 'nope'"):
        said("export_labels", "nope")


@pytest.mark.django_db
def test_payments_of_a_period_are_written_with_their_sum(tmp_path):
    owing()
    file = tmp_path / "payments.csv"

    told = said("export_payments", "--from", "2020-01-01", "--to", "2100-01-01", "--out", file)

    assert "1 payments, 0.10 USD" in told
    assert file.with_name("payments.csv.manifest.json").is_file()


@pytest.mark.django_db
def test_a_day_that_is_none_is_a_sentence(tmp_path):
    OrganizationFactory()

    with pytest.raises(CommandError, match=r"--from is '31\.5\.', it should be a day as in 2026-05-01"):
        said("export_payments", "--from", "31.5.", "--to", "2026-06-01", "--out", tmp_path / "x.csv")


@pytest.mark.django_db
def test_payouts_are_planned_listed_and_approved_by_finance():
    campaign = owing()
    finance = member(campaign.organization, Role.FINANCE)

    planned = said("payouts", "plan", "--currency", "USD")
    batch = PayoutBatch.objects.get()
    said("payouts", "approve", batch.pk, "--by", finance.email)

    assert str(batch.pk) in planned
    assert "1 payouts, 0.10 USD" in planned
    assert "approved" in said("payouts", "list")


@pytest.mark.django_db
def test_payouts_are_not_approved_by_who_may_not():
    campaign = owing()
    requester = member(campaign.organization, Role.REQUESTER)
    said("payouts", "plan", "--currency", "USD")

    with pytest.raises(CommandError, match="is neither finance nor admin"):
        said("payouts", "approve", PayoutBatch.objects.get().pk, "--by", requester.email)


@pytest.mark.django_db
def test_planning_nothing_is_a_sentence():
    OrganizationFactory()

    with pytest.raises(CommandError, match="owes nothing in EUR"):
        said("payouts", "plan", "--currency", "EUR")


@pytest.mark.django_db
def test_a_backup_is_written_for_nobody_elses_eyes(tmp_path):
    file = tmp_path / "all.dump"

    told = said("backup", file)

    assert file.stat().st_mode & 0o777 == 0o600
    assert f"{file.stat().st_size:,} bytes" in told


@pytest.mark.django_db
def test_a_database_that_holds_anything_is_not_restored_into(tmp_path):
    file = tmp_path / "all.dump"
    said("backup", file)

    with pytest.raises(CommandError, match="the database is not empty"):
        said("restore", file)


@pytest.mark.django_db
def test_the_database_is_named_as_django_reaches_it():
    found = backup.address()

    assert f"dbname={connection.settings_dict['NAME']}" in found


@pytest.mark.parametrize("name", ["import_items", "export_labels", "export_payments", "backup", "restore", "payouts"])
def test_help_needs_no_database(name, tmp_path):
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "LABELCROWD_VAR": str(tmp_path),
        "COLUMNS": "100",
    }

    done = subprocess.run(
        [sys.executable, "manage.py", name, "--help"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "usage: manage.py" in done.stdout


@pytest.mark.django_db
@pytest.mark.parametrize(
    "command",
    [("export_labels",), ("export_payments", "--from", "2026-05-01", "--to", "2026-06-01")],
)
def test_a_folder_that_is_not_there_is_told_and_not_made(command, tmp_path):
    campaign = running(items=2)
    where = tmp_path / "reprots"
    name, *options = command

    with pytest.raises(CommandError, match=r"there is no folder .*reprots"):
        said(name, *([campaign.name] if name == "export_labels" else options), "--out", where / "out.jsonl")

    assert not where.exists()
