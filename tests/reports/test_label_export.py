import csv
import io
import json
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from apps.campaigns.models import Campaign
from apps.reports import labels
from apps.reports.formats import UnknownFormat
from apps.reports.labels.flat import Flat, OddColumns
from apps.reports.labels.formats import parquet
from apps.reports.labels.selection import Selection
from apps.work.models import Place
from tests.reports import crowd

pytestmark = pytest.mark.django_db


def exported(campaign: Campaign, format_: str, **options: bool) -> bytes:
    stream = io.BytesIO()
    labels.write(campaign, format=format_, to=stream, **options)
    return stream.getvalue()


def lines(campaign: Campaign, **options: bool) -> list[dict]:
    return [json.loads(line) for line in exported(campaign, "jsonl", **options).splitlines()]


def table(campaign: Campaign, **options: bool) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(campaign, "csv", **options).decode(), newline="")))


def frame(campaign: Campaign, **options: bool) -> list[dict]:
    return pq.read_table(io.BytesIO(exported(campaign, "parquet", **options))).to_pylist()


def test_a_label_says_what_it_is_and_where_it_comes_from() -> None:
    campaign = crowd.campaign(name="Animals")
    [label] = crowd.labelled(campaign, {"a": "dog"}, confidence=0.75)

    [line] = lines(campaign)

    assert line == {
        "item": "a",
        "answer": "dog",
        "confidence": 0.75,
        "calibrated": False,
        "votes": 1,
        "state": "final",
        "method": "dawid_skene",
        "adjudicated_by": None,
        "guidelines": [1],
        "combined_at": "2026-05-04T12:00:00.000000Z",
        "kind": "single_choice",
        "campaign": str(campaign.pk),
        "campaign_name": "Animals",
        "dataset": label.task.item.dataset.name,
    }


def test_all_formats_hold_the_same_labels() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "dog", "b": "cat"}, confidence=0.5)
    crowd.task(campaign, "c")

    in_jsonl, in_csv, in_parquet = lines(campaign), table(campaign), frame(campaign)

    assert list(in_jsonl[0]) == list(in_csv[0]) == list(in_parquet[0])
    for line, row, record in zip(in_jsonl, in_csv, in_parquet, strict=True):
        assert line["item"] == row["item"] == record["item"]
        assert (line["answer"] or "") == row["answer"] == (record["answer"] or "")
        assert line["confidence"] == record["confidence"] == (float(row["confidence"]) if row["confidence"] else None)
        assert (line["calibrated"], record["calibrated"], row["calibrated"]) == (False, False, "false")
        assert line["guidelines"] == record["guidelines"] == [int(n) for n in row["guidelines"].split(";") if n]
        assert (line["combined_at"] or "") == row["combined_at"]


@pytest.mark.parametrize("format_", labels.format_names())
def test_the_same_labels_give_the_same_bytes(format_: str, tmp_path: Path) -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {f"item {n}": "cat" for n in range(5)})

    first = labels.write(campaign, format=format_, to=tmp_path / "first", with_votes=True)
    again = labels.write(campaign, format=format_, to=tmp_path / "again", with_votes=True)

    assert first == again
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    assert first.rows == (0 if format_ == "gold_csv" else 5)  # there is none
    assert first.bytes == (tmp_path / "first").stat().st_size


def test_labels_come_in_the_order_of_their_items_whatever_the_order_of_tasks() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"z": "cat", "a": "dog"})
    late = crowd.campaign(dataset=campaign.dataset)
    for item in reversed(crowd.items(campaign)):
        late.tasks.create(item=item, wanted=3, shuffle=1)

    assert [line["item"] for line in lines(late)] == ["z", "a"]


def test_a_task_without_a_label_is_there_with_its_state() -> None:
    campaign = crowd.campaign()
    crowd.task(campaign, "nobody came")
    crowd.task(campaign, "no picture")
    campaign.tasks.filter(item__external_id="no picture").update(state="broken")
    crowd.labelled(campaign, {"half way": "cat"}, final=False)

    found = {line["item"]: (line["state"], line["answer"], line["votes"]) for line in lines(campaign)}

    assert found == {
        "nobody came": ("open", None, 0),
        "no picture": ("broken", None, 0),
        "half way": ("provisional", "cat", 1),
    }


def test_gold_is_left_out_unless_asked_for_and_then_says_what_is_known() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "dog"})
    gold = crowd.task(campaign, "g", gold=["cow"])
    crowd.judge(gold, crowd.worker(campaign, "w1"), "cat")

    without, with_it = lines(campaign), lines(campaign, with_gold=True)

    assert [line["item"] for line in without] == ["a"]
    assert with_it[0] == without[0]
    assert {**with_it[1], "item": "g"}.items() >= {
        "answer": "cow",
        "confidence": 1,
        "calibrated": False,
        "votes": 1,
        "state": "gold",
        "method": "known",
    }.items()


def test_only_judgments_that_count_are_behind_a_label() -> None:
    campaign = crowd.campaign()
    task = crowd.task(campaign, "a")
    one, two, three = (crowd.worker(campaign, name) for name in ("one", "two", "three"))
    crowd.judge(task, one, "cat", guidelines=2)
    crowd.judge(task, two, "dog", counted=False, guidelines=3)
    crowd.judge(task, three, "cat", guidelines=1)
    crowd.label(task, "cat", votes=2)

    [line] = lines(campaign, with_votes=True)

    assert line["votes"] == 2
    assert line["guidelines"] == [1, 2]
    assert line["judgments"] == [
        {"worker": str(one.pk), "answer": "cat", "guidelines": 2},
        {"worker": str(three.pk), "answer": "cat", "guidelines": 1},
    ]


@pytest.mark.parametrize(("withheld", "seen"), [(0.0, True), (0.9, False)])
def test_each_judgment_says_whether_it_was_made_with_a_suggestion_in_sight(withheld: float, seen: bool) -> None:
    campaign = crowd.campaign(suggestion_field="guess", suggested_to="workers")
    task = crowd.task(campaign, "a", data={"text": "It meows", "guess": "cat"})
    judgment = crowd.judge(task, crowd.worker(campaign, "one"), "cat")
    half = UUID(int=2**31)  # of what its last digits may be
    Place.objects.filter(pk=judgment.place_id).update(token=half, withheld=withheld)
    crowd.label(task, "cat", votes=1)
    Campaign.objects.filter(pk=campaign.pk).update(suggested_to="nobody")  # since then nobody sees any

    [line] = lines(campaign, with_votes=True)

    assert line["judgments"] == [
        {"worker": str(judgment.worker_id), "answer": "cat", "guidelines": 1, "saw_suggestion": seen}
    ]


def test_nothing_of_another_campaign_over_the_same_items_is_exported() -> None:
    mine = crowd.campaign()
    crowd.labelled(mine, {"a": "dog"})
    theirs = crowd.campaign(dataset=mine.dataset)
    task = theirs.tasks.create(item=crowd.items(mine)[0], wanted=3, shuffle=1)
    crowd.judge(task, crowd.worker(theirs, "w2"), "cat")
    crowd.label(task, "cat")

    [line] = lines(mine)

    assert (line["answer"], line["votes"]) == ("dog", 1)


TEXT = {"question": "What does it say?"}


def test_text_that_a_spreadsheet_would_run_is_made_harmless_in_csv_only() -> None:
    campaign = crowd.campaign(kind="free_text", settings=TEXT, name="@campaign")
    crowd.labelled(campaign, {"=item": "=1+1"})

    [safe], [raw], [line] = table(campaign), table(campaign, raw=True), lines(campaign)

    assert (safe["item"], safe["answer"], safe["campaign_name"]) == ("'=item", "'=1+1", "'@campaign")
    assert (raw["item"], raw["answer"], raw["campaign_name"]) == ("=item", "=1+1", "@campaign")
    assert (line["item"], line["answer"]) == ("=item", "=1+1")


def test_any_text_survives_every_format() -> None:
    campaign = crowd.campaign(kind="free_text", settings=TEXT)
    text = 'one, "two"\nthree\\four\ttab \x01\x02 \u2028 猫 🐈 \'; -- </script> é'
    crowd.labelled(campaign, {"a": text})

    assert [rows[0]["answer"] for rows in (lines(campaign), table(campaign), frame(campaign))] == [text] * 3


def test_parquet_types_follow_from_the_settings_not_from_the_labels() -> None:
    number = {"question": "How many?", "least": 0, "most": 10, "decimals": 1}
    whole, broken = (crowd.campaign(kind="number", settings=number) for _ in range(2))
    crowd.labelled(whole, {"a": 3})
    crowd.labelled(broken, {"a": 2.5})
    nothing = crowd.campaign(kind="multiple_choice", settings={"question": "Which?", "options": ["cat", "dog"]})
    crowd.task(nothing, "a")

    schemas = [pq.read_schema(io.BytesIO(exported(which, "parquet"))) for which in (whole, broken, nothing)]

    assert str(schemas[0].field("answer").type) == str(schemas[1].field("answer").type) == "double"
    assert str(schemas[2].field("answer.cat").type) == "bool"


def test_an_answer_of_several_columns_is_spread_over_them() -> None:
    campaign = crowd.campaign(kind="multiple_choice", settings={"question": "Which?", "options": ["cat", "dog"]})
    crowd.labelled(campaign, {"a": ["dog"]})

    [row], [record] = table(campaign), frame(campaign)

    assert (row["answer.cat"], row["answer.dog"]) == ("false", "true")
    assert (record["answer.cat"], record["answer.dog"]) == (False, True)


def test_parquet_holds_row_groups_of_one_size() -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {str(n): "cat" for n in range(5)})
    stream = io.BytesIO()

    parquet.write(Selection(campaign), stream, row_group=2)

    groups = pq.ParquetFile(stream).metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [2, 2, 1]


@pytest.mark.parametrize("format_", labels.format_names())
def test_a_campaign_without_tasks_gives_a_file_without_rows(format_: str) -> None:
    stream = io.BytesIO()

    assert labels.write(crowd.campaign(), format=format_, to=stream).rows == 0


def test_an_export_that_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    campaign = crowd.campaign()
    crowd.labelled(campaign, {"a": "no option of this campaign"})
    path = tmp_path / "labels.csv"
    path.write_text("yesterday's")

    with pytest.raises(ValueError, match="no option of this campaign"):
        labels.write(campaign, format="csv", to=path)

    assert [file.name for file in tmp_path.iterdir()] == ["labels.csv"]
    assert path.read_text() == "yesterday's"


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    there_are = r"'xml' is not one of the formats \['csv', 'gold_csv', 'jsonl', 'judgments_csv', 'judgments_parquet', "
    with pytest.raises(UnknownFormat, match=there_are):
        labels.write(crowd.campaign(), format="xml", to=io.BytesIO())


def test_a_kind_may_not_have_a_column_that_every_label_has() -> None:
    with pytest.raises(OddColumns, match=r"the kind 'single_choice' has columns named \['answer'\]"):
        Flat(crowd.campaign(), taken=["item", "answer"])
