"""Backups by the clock, and trying whether they come back."""

import os
import time
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.members import trail
from apps.members.models import Role
from apps.payments import services as payments
from apps.pipeline import backups
from apps.quality import services as quality
from tests.factories import OrganizationFactory, member
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db(transaction=True)


def say(*arguments) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_backup_into_a_folder_is_named_after_its_moment_and_the_oldest_go(tmp_path):
    for day in (1, 2, 3):
        (tmp_path / backups.name(datetime(2026, 11, day, tzinfo=UTC))).write_text("old")
    (tmp_path / "of somebody else.txt").touch()

    said = say("backup", str(tmp_path), "--keep", "2")

    names = sorted(file.name for file in tmp_path.iterdir())
    assert names[:2] == ["labelcrowd-20261103T000000Z.dump", names[1]]
    assert names[2:] == ["of somebody else.txt"]
    assert said.count("deleted") == 2


def test_what_a_killed_backup_left_goes_after_a_day(tmp_path):
    left, fresh = (tmp_path / f".labelcrowd-2026.dump-{end}" for end in "ab")
    for file in (left, fresh):
        file.touch()
    os.utime(left, (time.time() - 90_000,) * 2)

    assert backups.keep(tmp_path, 5) == [left]
    assert fresh.exists()


def test_a_backup_is_rehearsed_in_a_server_that_is_thrown_away_and_compared_with_what_runs(tmp_path):
    campaign = running(items=3, redundancy=1, page_size=3)
    review = quality.review(handed_in(campaign))
    quality.decide(review, verdict="approve")
    payments.owe(review.assignment)
    say("backup", str(tmp_path))
    batch = payments.plan_payouts(campaign.organization, currency=campaign.currency)
    payments.approve_batch(batch, by=member(campaign.organization, Role.FINANCE))
    payments.begin_all(batch, by=member(campaign.organization, Role.ADMIN))

    said = say("rehearse_restore", str(tmp_path))

    assert "its books balance" in said
    assert "judgments            3" in said
    assert "its entries and decisions are here, letter by letter" in said
    assert "payouts begun since: 1, which it would have owed again" in said


def test_a_backup_that_tells_of_another_past_than_what_runs_is_found_out(tmp_path):
    running(items=1)
    say("backup", str(tmp_path))
    with connection.cursor() as cursor:  # as only its owner could
        cursor.execute("ALTER TABLE ledger_posting DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_posting SET amount = 2 * amount")
        cursor.execute("ALTER TABLE ledger_posting ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE ledger_posting DISABLE TRIGGER no_truncate")  # as tests are given it

    with pytest.raises(CommandError, match="in what never changes: 4 rows of ledger_posting"):
        say("rehearse_restore", str(tmp_path))

    assert "its books balance" in say("rehearse_restore", str(tmp_path), "--alone")


def test_a_backup_that_lacks_what_was_there_when_it_was_made_is_found_out_whatever_columns_came_since(tmp_path):
    running(items=1)
    file = tmp_path / backups.name(datetime.now(UTC) + timedelta(hours=2))
    say("backup", str(file))
    with connection.cursor() as cursor:  # as by an upgrade
        cursor.execute("ALTER TABLE members_trail ADD COLUMN since_then int DEFAULT 7")
    try:
        same = say("rehearse_restore", str(file))
        trail.record(OrganizationFactory(), verb="x", subject="y:1")

        with pytest.raises(CommandError, match="in what never changes: 1 rows of members_trail"):
            say("rehearse_restore", str(file))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE members_trail DROP COLUMN since_then")

    assert "letter by letter" in same


def test_a_folder_without_backups_is_said_to_hold_none(tmp_path):
    with pytest.raises(CommandError, match="holds no backup"):
        say("rehearse_restore", str(tmp_path))


def test_the_age_of_the_newest_backup_is_told(tmp_path, settings):
    settings.BACKUP_FOLDER = None
    assert backups.age() is None

    settings.BACKUP_FOLDER = tmp_path
    assert backups.age() == float("inf")

    (tmp_path / backups.name(datetime(2026, 11, 1, tzinfo=UTC))).touch()
    assert 0 <= backups.age() < 60


def test_a_machine_that_lacks_the_disk_of_the_backups_knows_of_the_newest_too(tmp_path, settings):
    settings.BACKUP_FOLDER = tmp_path / "backups"
    settings.BACKUP_FOLDER.mkdir()
    say("backup", str(tmp_path))  # to elsewhere, by hand
    assert backups.age() == float("inf")

    say("backup", str(settings.BACKUP_FOLDER))
    for file in settings.BACKUP_FOLDER.iterdir():
        file.unlink()

    assert 0 <= backups.age() < 60
