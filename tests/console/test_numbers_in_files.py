"""Amounts of files: written so that they tell what they told."""

import json

from test_judgment_files_commands import told
from test_judgment_files_outcomes import crowd, labels, table

START = 1764500000000  # milliseconds since 1970, in 2025


def test_large_numbers_that_differ_by_little_stay_apart(tmp_path):
    given = {f"t{n:02}": [START + 1000 * n + k for k in (0, 1, 2)] for n in range(30)}

    found = labels(crowd(tmp_path, given, kind="numeric").aggregate("median"))

    assert found == [str(START + 1000 * n + 1) for n in range(30)]


def test_a_number_that_all_gave_is_written_as_they_gave_it(tmp_path):
    family = crowd(tmp_path, {"a": [START + 1] * 2, "b": [START + 1]}, kind="numeric")

    assert labels(family.aggregate("mean")) == [str(START + 1)] * 2


def test_ten_digits_do_where_answers_have_fewer(tmp_path):
    assert labels(crowd(tmp_path, {"a": [1, 2, 2.5]}, kind="numeric").aggregate("mean")) == ["1.833333333"]


def test_whole_numbers_are_whole_in_json_lines(tmp_path):
    rows = [{"task": t, "worker": w, "label": value} for t, value in (("a", START), ("b", 0.5)) for w in "xyz"]
    path = table(tmp_path / "judgments.jsonl", rows)

    told("aggregate", path, "--kind", "numeric", "--method", "median", "--out", tmp_path / "labels.jsonl")

    lines = (tmp_path / "labels.jsonl").read_text().splitlines()
    assert [json.loads(line)["label"] for line in lines] == [START, 0.5]
    assert f'"label": {START},' in lines[0]
