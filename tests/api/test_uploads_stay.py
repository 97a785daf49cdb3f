"""P5: a file that was acknowledged is on the disk, and brings nothing in that is not what was sent; by any door."""

import hashlib
import os
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from machine import V1, machine

from apps.datasets.models import Import
from apps.members.models import Role
from apps.pipeline import flow, uploads
from tests import belt
from tests.console.house import client_of, page
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db
ROWS = "text\n" + "".join(f"row {number}\n" for number in range(1000))


def by_api(dataset, rows):
    client = machine(dataset.organization, Role.REQUESTER)
    return client.post(f"{V1}/datasets/{dataset.pk}/items", rows, content_type="text/csv")


def by_form(dataset, rows):
    browser = client_of(dataset.organization, Role.REQUESTER)
    return browser.post(page(dataset, "upload"), {"file": SimpleUploadedFile("r.csv", rows.encode())})


@pytest.fixture(params=[by_api, by_form])
def send(request):
    """A door by which files come in."""
    return request.param


@pytest.fixture
def folder(settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    return settings.UPLOAD_ROOT


@pytest.fixture
def uploaded(folder, send):
    """Return what uploads a file, and the import that it begins."""

    def upload():
        assert send(DatasetFactory(), ROWS).status_code in (202, 302)
        return Import.objects.get()

    return upload


def test_a_file_its_folder_and_the_folder_of_all_are_on_the_disk_before_the_answer(uploaded, monkeypatch):
    synced, sync = set(), os.fsync

    def noted(descriptor):
        synced.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)

    job = uploaded()

    path = Path(job.path)
    assert {str(path), str(path.parent), str(path.parent.parent)} <= synced
    assert job.sha256 == hashlib.sha256(ROWS.encode()).hexdigest()


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


def test_a_file_longer_than_there_may_be_is_refused_and_not_kept(send, folder, settings):
    settings.MOST_UPLOAD_BYTES = len(ROWS) - 1

    said = send(DatasetFactory(), ROWS)

    assert f"longer than {len(ROWS) - 1:,} bytes" in said.content.decode()
    assert not Import.objects.exists()
    assert list(folder.iterdir()) == []


def test_an_organization_has_room_for_so_many_bytes_and_is_told_how_many_others_have_their_own(send, folder, settings):
    settings.MOST_STORED_BYTES = 2 * len(ROWS) - 1
    dataset = DatasetFactory()
    assert send(dataset, ROWS).status_code in (202, 302)
    belt.run()

    refused = send(dataset, ROWS)
    other = send(DatasetFactory(), ROWS)

    assert refused.status_code in (413, 200)
    assert f"has {len(ROWS):,} bytes of files here and may have {2 * len(ROWS) - 1:,}" in refused.content.decode()
    assert other.status_code in (202, 302)
    assert Import.objects.filter(dataset=dataset).count() == 1


def test_what_brought_nothing_in_takes_no_room_once_its_file_is_gone(folder, settings):
    settings.MOST_STORED_BYTES = len(ROWS)
    dataset = DatasetFactory()
    for _ in range(3):  # what is known already
        by_api(dataset, ROWS)
        belt.run()
        Import.objects.filter(state=Import.State.DONE).update(rows_added=0, rows_known=1000)

    assert Import.objects.filter(state=Import.State.DONE).count() == 3


def test_of_a_file_counts_what_it_brought_in_and_no_row_that_was_refused(folder):
    dataset = DatasetFactory()
    for rows in ("external_id,text\n" + "a,one\n" * 10 + "b,two\n", "external_id,text\na,one\nb,two\n"):
        by_api(dataset, rows)
        belt.run()

    first = Import.objects.get(rows_added=2)
    assert Import.objects.filter(state=Import.State.DONE, rows_added=0, rows_known=2).exists()
    assert uploads.stored_bytes(dataset.organization) == first.bytes_total * 2 // 11


def test_who_is_refused_for_want_of_room_is_told_what_takes_none(folder, settings):
    settings.MOST_STORED_BYTES = 10

    said = by_api(DatasetFactory(), ROWS).json()["detail"]

    assert "has 0 bytes of files here and may have 10" in said
    assert "Files that failed are given up after 7 days, rows that were refused or known take no room" in said
    assert "a dataset that no campaign uses can be removed" in said


def test_files_that_arrive_at_the_same_time_count_for_each_other(folder, settings):
    settings.MOST_STORED_BYTES = 5 * uploads.PIECE
    dataset, other, pieces, refused = DatasetFactory(), DatasetFactory(), [b"x" * uploads.PIECE] * 3, []

    class Coming:
        """A file of which three pieces are here when others begin to arrive."""

        def __init__(self):
            self.left = [*pieces]

        def read(self, size):
            if self.left:
                return self.left.pop()
            uploads.keep(BytesIO(b"".join(pieces)), suffix=".csv", of=other.organization).drop()
            with pytest.raises(uploads.TooMuch) as told:
                uploads.keep(BytesIO(b"".join(pieces)), suffix=".csv", of=dataset.organization)
            refused.append(told)
            return b""

    kept = uploads.keep(Coming(), suffix=".csv", of=dataset.organization)

    assert len(refused) == 1
    assert kept.path.read_bytes() == b"".join(pieces)
    assert [each.parent for each in folder.rglob("*.csv")] == [kept.path.parent]


@pytest.mark.parametrize(("began", "idle", "fits"), [("0", 0, False), ("0", 3600, True), ("f", 0, True)])
def test_only_files_that_came_before_and_come_still_take_room_from_one(folder, settings, began, idle, fits):
    settings.MOST_STORED_BYTES = 10
    dataset = DatasetFactory()
    other = folder / f"{dataset.organization.pk.hex}-{began * 32}" / uploads.COMING
    other.parent.mkdir(parents=True)
    other.write_bytes(b"x" * 6)
    os.utime(other, (time.time() - idle,) * 2)

    try:
        found_room = bool(uploads.keep(BytesIO(b"y" * 6), suffix=".csv", of=dataset.organization).path.exists())
    except uploads.TooMuch:
        found_room = False

    assert found_room == fits


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_find_room_for_one(folder, settings, tmp_path):
    settings.MOST_STORED_BYTES = 2 * len(ROWS) - 1
    dataset = DatasetFactory()
    files = [tmp_path / f"{n}.csv" for n in range(2)]
    for file in files:
        file.write_text(ROWS)
    both, refused = threading.Barrier(2), []

    def bring_in(file):
        both.wait()
        try:
            flow.bring_in(dataset, path=file)
        except uploads.TooMuch as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring_in, args=[file]) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Import.objects.count(), len(refused)) == (1, 1)
