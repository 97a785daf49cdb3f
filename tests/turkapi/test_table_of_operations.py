"""The table in the documentation says what the service does: every operation, its codes, and where each was tried."""

import ast
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
ROWS = {name: (what, codes, tested) for name, what, codes, tested, _ in (row for row in CELLS if row[0] in TABLE)}


def codes_of(name: str) -> set[str]:
    """Return the codes that a row names, those of another row it refers to included."""
    codes = set(re.findall(r"[A-Z]\w+", ROWS[name][1].replace("CreateHIT's", "")))
    return codes | (codes_of("CreateHIT") if "CreateHIT's" in ROWS[name][1] else set())


def raised() -> set[str]:
    """Return every TurkErrorCode that the service's code names."""
    found = set()
    for path in (ROOT / "apps/turkapi").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or not call.args or not isinstance(call.args[0], ast.Constant):
                continue
            name = getattr(call.func, "id", "")
            if name == "turk":
                found.add(call.args[0].value)
            elif name == "missing":
                found.add(f"{call.args[0].value}DoesNotExist")
    return found


def test_there_is_a_row_for_each_operation_of_the_model():
    assert list(ROWS) == sorted(model().operation_names)
    assert len(ROWS) == 39


def test_one_is_declined_with_the_documented_error():
    declined = [name for name, (what, _, _) in ROWS.items() if "declined" in what]

    assert declined == ["GetFileUploadURL"]
    assert all("OperationNotSupported" in codes_of(name) for name in declined)


def test_the_codes_named_are_those_that_the_code_can_answer():
    assert set().union(*map(codes_of, ROWS)) == raised()


def test_each_row_names_the_example_of_amazons_that_is_replayed():
    examples = json.loads((ROOT / "tests/turkapi/requests.json").read_text())

    assert {row[0]: row[4] for row in CELLS if row[0] in TABLE} == {
        name: example["published"] for name, example in examples.items()
    }


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_tried_where_it_says(name):
    _, _, tested = ROWS[name]
    files = [ROOT / f"tests/turkapi/test_{each}.py" for each in re.split(r", ?", tested)]
    texts = "".join(path.read_text() for path in files)

    assert f".{xform_name(name)}" in texts
    everywhere = "".join(path.read_text() for path in (ROOT / "tests/turkapi").glob("*.py"))
    assert [code for code in codes_of(name) if code not in everywhere] == []
