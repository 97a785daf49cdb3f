"""Amounts of files: written so that they tell what they told."""

import json

import numpy as np
import pytest
from test_judgment_files_commands import told
from test_judgment_files_outcomes import crowd, labels, measured, table

from apps.console.judgments.families.numeric import correlation

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


@pytest.mark.parametrize("unit", [1e-200, 1e-160, 1.0, 1e149])
def test_right_and_wrong_numbers_are_told_apart_in_whatever_unit(unit):
    truth = np.array([1.0, 2.0, 3.0, 5.0, 8.0]) * unit
    near = np.array([1.5, 2.0, 2.0, 6.0, 7.0]) * unit

    assert correlation(truth, truth).value == pytest.approx(1)
    assert correlation(truth, near).value == pytest.approx(np.corrcoef(truth / unit, near / unit)[0, 1])


@pytest.mark.parametrize(("unit", "said"), [(1e149, "5.000e+148"), (1e-200, "5.000e-201"), (1.0, "0.500")])
def test_errors_are_shown_in_a_few_digits_in_whatever_unit(tmp_path, unit, said):
    family = crowd(tmp_path, {t: [n * unit] * 3 for n, t in enumerate("abcd", 1)}, kind="numeric")

    figures = measured(
        tmp_path, family, family.aggregate("mean"), {t: (n + 0.5) * unit for n, t in enumerate("abcd", 1)}
    )

    assert str(figures["mean absolute error"]).startswith(said)
    assert len(str(figures["mean absolute error"])) < 60
