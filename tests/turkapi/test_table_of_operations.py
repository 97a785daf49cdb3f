"""The table in the documentation says what the service does: every operation, its codes, and where each was tried."""

import json
import re
from pathlib import Path

import pytest
from botocore import xform_name

from apps.turkapi.operations import TABLE
from apps.turkapi.wire import model

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "infra/docs/mturk-service.md").read_text()
CELLS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
CELLS_OF = {row[0]: row[1:] for row in CELLS if row[0] in TABLE}
ROWS = {name: (what, codes, tested) for name, (what, _, codes, tested, _, _) in CELLS_OF.items()}
ANSWERS = {name: answer for name, (_, answer, _, _, _, _) in CELLS_OF.items()}


def codes_of(name: str) -> set[str]:
    """Return the codes that a row names."""
    return {code for code in ROWS[name][1].split(", ") if code}


def test_there_is_a_row_for_each_operation_of_the_model():
    assert list(ROWS) == sorted(model().operation_names)
    assert len(ROWS) == 39


def test_one_is_declined_with_the_documented_error():
    declined = [name for name, (what, _, _) in ROWS.items() if "declined" in what]

    assert declined == ["GetFileUploadURL"]
    assert all("OperationNotSupported" in codes_of(name) for name in declined)
    assert all(name in (ROOT / "README.md").read_text() for name in declined)


def test_each_row_names_the_example_of_amazons_that_is_replayed_and_whether_its_response_is_compared():
    examples = json.loads((ROOT / "tests/turkapi/requests.json").read_text())

    assert {name: tuple(row[-2:]) for name, row in CELLS_OF.items()} == {
        name: (example["published"], "compared" if "answered" in example else "not compared")
        for name, example in examples.items()
    }


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_tried_where_it_says(name):
    _, _, tested = ROWS[name]
    files = [ROOT / f"tests/turkapi/test_{each}.py" for each in re.split(r", ?", tested)]
    texts = "".join(path.read_text() for path in files)

    assert f".{xform_name(name)}" in texts
