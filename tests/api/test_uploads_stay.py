"""P5: a file that was acknowledged is on the disk, and brings nothing in that is not what was sent."""

import os
from pathlib import Path

import pytest
from machine import V1, machine

from apps.datasets.models import Import
from apps.members.models import Role
from tests import belt
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db
ROWS = "text\n" + "".join(f"row {number}\n" for number in range(1000))


@pytest.fixture
def uploaded(settings, tmp_path):
    """Return what uploads a file, and the import that it begins."""
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    dataset = DatasetFactory()
    client = machine(dataset.organization, Role.REQUESTER)

    def upload():
        said = client.post(f"{V1}/datasets/{dataset.pk}/items", ROWS, content_type="text/csv")
        assert said.status_code == 202
        return Import.objects.get()

    return upload


def test_a_file_its_folder_and_the_folder_of_all_are_on_the_disk_before_the_answer(uploaded, monkeypatch):
    synced, sync = set(), os.fsync

    def noted(descriptor):
        synced.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)

    path = Path(uploaded().path)

    assert {str(path), str(path.parent), str(path.parent.parent)} <= synced


def test_a_file_that_was_torn_before_it_was_read_is_told_and_brings_no_row_in(uploaded):
    job = uploaded()
    os.truncate(job.path, 2000)

    belt.run()

    job.refresh_from_db()
    assert (job.state, job.rows_added, job.rows_bad) == ("failed", 0, 0)
    assert "is not as it arrived: what lies here, 2,000 bytes, is torn or another file" in job.problem


def test_a_file_that_stayed_as_it_was_is_read(uploaded):
    job = uploaded()
    belt.run()

    job.refresh_from_db()
    assert (job.state, job.rows_added) == ("done", 1000)
