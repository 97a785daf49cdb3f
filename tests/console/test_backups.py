"""Backups by the clock, and trying whether they come back."""

import os
import time
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.pipeline import backups
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


def test_a_backup_is_rehearsed_in_a_server_that_is_thrown_away(tmp_path):
    handed_in(running(items=3, redundancy=1, page_size=3))
    say("backup", str(tmp_path))

    said = say("rehearse_restore", str(tmp_path))

    assert "its books balance" in said
    assert "judgments            3" in said


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
