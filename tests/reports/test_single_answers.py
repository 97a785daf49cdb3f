"""Single answers leave a campaign in the form that the commands on files of judgments read."""

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.db import transaction

from apps.campaigns.models import Campaign
from apps.reports import labels
from apps.reports.labels.formats import judgments_parquet
from apps.reports.labels.selection import Selection
from apps.reports.labels.single import as_text
from tests.reports import crowd

pytestmark = pytest.mark.django_db


def exported(campaign: Campaign, format_: str, **options: bool) -> bytes:
    stream = io.BytesIO()
    labels.write(campaign, format=format_, to=stream, **options)
    return stream.getvalue()


def judged(campaign: Campaign) -> None:
    """Two items and a gold question with answers of two workers, one of which counts no longer."""
    ann, bob = (crowd.worker(campaign, name) for name in ("ann", "bob"))
    for item, answers in {"b": ["cat", "=dog"], "a": ["dog", "dog"]}.items():
        task = crowd.task(campaign, item)
        for who, answer in zip((ann, bob), answers, strict=True):
            crowd.judge(task, who, answer)
    crowd.judge(crowd.task(campaign, "outdated"), ann, "cat", counted=False)
    crowd.judge(crowd.task(campaign, "gold", gold=["cat"]), ann, "cat")


def test_single_answers_come_in_the_form_that_the_commands_on_files_read(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    judged(campaign)

    rows = list(csv.reader(io.StringIO(exported(campaign, "judgments_csv", raw=True).decode(), newline="")))
    with_gold = exported(campaign, "judgments_csv", with_gold=True).decode().splitlines()
    frame = pq.read_table(io.BytesIO(exported(campaign, "judgments_parquet")))

    who = {str(worker.pk): worker.external_id for worker in campaign.organization.workers.all()}
    assert rows[0] == ["task", "worker", "label"]
    assert [(task, who[worker], label) for task, worker, label in rows[1:]] == [
        ("b", "ann", "cat"), ("b", "bob", "=dog"), ("a", "ann", "dog"), ("a", "bob", "dog"),
    ]  # fmt: skip
    assert [list(row.values()) for row in frame.to_pylist()] == rows[1:]
    assert [line.split(",")[0] for line in with_gold] == ["task", "b", "b", "a", "a", "gold"]
    assert with_gold[2].endswith(",'=dog")  # nothing that a spreadsheet runs

    for format_ in ("judgments_csv", "judgments_parquet"):
        path = tmp_path / f"of a campaign.{labels.suffix(format_)}"
        labels.write(campaign, format=format_, to=path)
        out = io.StringIO()
        call_command("aggregate", str(path), "--kind", "categorical", stdout=out)
        assert " ".join(out.getvalue().split()).startswith(f"{path.name}: categorical tasks 2 workers 2 judgments 4 ")


def test_answers_about_pairs_come_with_what_was_compared_and_can_be_ranked(tmp_path: Path) -> None:
    settings = {"question": "Which is better?", "left": "first", "right": "second", "tie": True}
    campaign = crowd.campaign(kind="pairwise", settings=settings)
    ann, bob = (crowd.worker(campaign, name) for name in ("ann", "bob"))
    for item, first, second in (("1", "tea", "coffee"), ("2", "coffee", "milk"), ("3", "tea", {"media": "cocoa.jpg"})):
        task = crowd.task(campaign, item, data={"first": first, "second": second})
        for who in (ann, bob):
            crowd.judge(task, who, "left" if who == ann or item != "3" else "tie")

    rows = list(csv.reader(io.StringIO(exported(campaign, "judgments_csv").decode(), newline="")))
    frame = pq.read_table(io.BytesIO(exported(campaign, "judgments_parquet")))

    assert rows[0] == frame.column_names == ["task", "worker", "left", "right", "label"]
    assert [(task, *pair, label) for task, _, *pair, label in rows[1:]] == [
        ("1", "tea", "coffee", "left"), ("1", "tea", "coffee", "left"),
        ("2", "coffee", "milk", "left"), ("2", "coffee", "milk", "left"),
        ("3", "tea", "cocoa.jpg", "left"), ("3", "tea", "cocoa.jpg", "tie"),
    ]  # fmt: skip
    assert [list(row.values()) for row in frame.to_pylist()] == rows[1:]
    path = tmp_path / f"pairs.{labels.suffix('judgments_csv')}"
    labels.write(campaign, format="judgments_csv", to=path)
    out = io.StringIO()
    call_command("aggregate", str(path), stdout=out)
    assert "from best to worst: tea, cocoa.jpg, coffee, milk" in out.getvalue()


def test_lists_and_numbers_are_labels_of_json() -> None:
    assert [as_text(answer) for answer in (["cat", "hén"], 3, 2.5, "3", True)] == [
        '["cat", "hén"]', "3", "2.5", "3", "true",
    ]  # fmt: skip


def test_a_campaign_without_answers_has_a_file_without_rows() -> None:
    campaign = crowd.campaign()
    crowd.task(campaign, "a")

    assert exported(campaign, "judgments_csv").decode().split() == ["task,worker,label"]
    assert pq.read_table(io.BytesIO(exported(campaign, "judgments_parquet"))).to_pylist() == []


def test_single_answers_are_gathered_in_groups_of_one_size() -> None:
    campaign = crowd.campaign()
    judged(campaign)
    stream = io.BytesIO()

    with transaction.atomic():
        judgments_parquet.write(Selection(campaign), stream, row_group=3)

    found = pq.ParquetFile(stream)
    assert [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)] == [3, 1]


def test_known_answers_come_as_the_gold_that_the_commands_on_files_measure_with(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    judged(campaign)
    crowd.task(campaign, "either", gold=["cat", "dog"])
    crowd.task(campaign, "=sum", gold=["dog"])
    taught = crowd.task(campaign, "taught", gold=["dog"])
    campaign.gold.filter(item=taught.item).update(teaching=True)

    assert exported(campaign, "gold_csv").decode().splitlines() == ["task,label", "'=sum,dog", "gold,cat"]
    assert exported(campaign, "gold_csv", raw=True).decode().splitlines() == ["task,label", "=sum,dog", "gold,cat"]

    paths = [tmp_path / f"of a campaign.{labels.suffix(format_)}" for format_ in ("judgments_csv", "gold_csv")]
    for path, format_ in zip(paths, ("judgments_csv", "gold_csv"), strict=True):
        labels.write(campaign, format=format_, to=path, with_gold=True)
    out = io.StringIO()
    call_command("aggregate", str(paths[0]), "--kind", "categorical", "--gold", str(paths[1]), stdout=out)
    assert "gold 1 judged task, 1 not judged" in " ".join(out.getvalue().split())
