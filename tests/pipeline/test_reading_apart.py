"""S5, P15: a requester's file is read in a process apart, with bounds on its memory and time."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from apps.datasets import services as datasets
from apps.datasets.models import Import, Item
from apps.pipeline import reading, steps
from apps.pipeline.reading import ReaderDied
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def apart(settings, monkeypatch):
    """Have files read in a process apart, from the tests' database."""
    settings.IMPORT_MEMORY_MIB = 3072
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("LABELCROWD_IMPORT_MEMORY_MIB", "3072")


def waiting(tmp_path, lines: str) -> Import:
    path = tmp_path / "rows.jsonl"
    path.write_text(lines)
    return datasets.start_import(DatasetFactory(), path=path)


def test_s5_a_file_is_read_whole_by_a_process_of_its_own(apart, tmp_path):
    job = waiting(tmp_path, '{"text": "one"}\n{"text": "two"}\nno row\n')

    following = steps.bring_in(job.pk)

    job.refresh_from_db()
    assert (job.state, job.rows_added, job.rows_bad, following) == ("done", 2, 1, [])
    assert Item.objects.filter(dataset=job.dataset).count() == 2


def test_s5_a_reader_that_dies_leaves_the_import_to_be_tried_again(apart, monkeypatch, tmp_path):
    job = waiting(tmp_path, '{"text": "one"}\n')
    monkeypatch.setenv("LABELCROWD_IMPORT_MEMORY_MIB", "64")  # not enough to begin

    with pytest.raises(ReaderDied, match="ended with"):
        steps.bring_in(job.pk)

    monkeypatch.setenv("LABELCROWD_IMPORT_MEMORY_MIB", "3072")
    steps.bring_in(job.pk)
    job.refresh_from_db()
    assert job.state == "done"


def test_no_process_is_started_for_what_is_over_or_is_being_read_into(apart, monkeypatch, tmp_path):
    over = waiting(tmp_path, '{"text": "one"}\n')
    steps.bring_in(over.pk)
    monkeypatch.setenv("LABELCROWD_IMPORT_MEMORY_MIB", "64")  # a process would die
    held = waiting(tmp_path, '{"text": "one"}\n')
    told = []

    told.append(steps.bring_in(over.pk))
    datasets.run_import(held.pk, progress=lambda job: told.append(steps.bring_in(held.pk)))

    assert told == [[], []]


def test_s5_the_reader_cannot_take_more_memory_than_it_may():
    greedy = (
        "import django; django.setup(); from django.conf import settings; settings.IMPORT_MEMORY_MIB = 1024\n"
        "from apps.pipeline import reading; reading._bound(5)\n"
        "try:\n    bytearray(2**31)\nexcept MemoryError:\n    print('refused')"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "labelcrowd.settings"}

    told = subprocess.run([sys.executable, "-c", greedy], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert told.stdout == "refused\n", told.stderr


def test_s5_what_takes_too_much_memory_is_refused_with_a_sentence(settings, tmp_path):
    settings.IMPORT_MEMORY_MIB = 7
    job = waiting(tmp_path, '{"text": "one"}\n')

    datasets.refuse_import(job.pk, problem=reading.too_large())

    job.refresh_from_db()
    assert (job.state, job.problem) == ("failed", "reading it takes more memory than the 7 MiB there may be")
