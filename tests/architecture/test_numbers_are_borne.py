"""Each requirement of security (S1-S15) is in a test's name or a decision note, each promise (P1-P20) in a test."""

import re
from pathlib import Path

import pytest
import yaml
from source import ROOT

TESTS = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
NOTES = [*(ROOT / "infra" / "docs" / "decisions").glob("*.md")]
NAMED = re.compile(r"\b([SP]\d{1,2})\b")
IN_A_NAME = re.compile(r"def test_([sp]\d{1,2})_")
REQUIREMENTS = [f"S{number}" for number in range(1, 16)]
PROMISES = [f"P{number}" for number in range(1, 21)]


def named(text: str) -> set[str]:
    """Return the numbers that a test file's own description, or the name of one of its tests, bears.

    >>> sorted(named('\"\"\"S1, P16: the one way out.\"\"\"\\ndef test_s12_x(): ...'))
    ['P16', 'S1', 'S12']
    """
    description = re.match(r'\s*"""(.*?)"""', text, re.DOTALL)
    inside = {number.upper() for number in IN_A_NAME.findall(text)}
    return inside | set(NAMED.findall(description[1] if description else ""))


@pytest.mark.parametrize("number", REQUIREMENTS)
def test_a_test_bears_the_number_of_a_requirement_in_its_name_or_a_decision_note_does(number):
    names = [path.name for path in TESTS if number.lower() in IN_A_NAME.findall(path.read_text())]

    assert names or [note.name for note in NOTES if number in NAMED.findall(note.read_text())]


@pytest.mark.parametrize("number", PROMISES)
def test_a_test_bears_the_number_of_a_promise(number):
    assert [path.name for path in TESTS if number in named(path.read_text())]


def test_each_rule_of_security_is_a_row_of_security_md_whose_files_are_there():
    rows = dict(re.findall(r"^\| (S\d+) \|(.*)$", (ROOT / "SECURITY.md").read_text(), re.MULTILINE))

    assert list(rows) == REQUIREMENTS
    for number, row in rows.items():
        for path in re.findall(r"`((?:tests|apps|labelcrowd|infra)/[\w./-]+)`", row):
            assert (ROOT / path).exists(), f"{number} names {path}"


def test_every_alert_says_in_the_operations_page_what_to_do():
    rules = yaml.safe_load((ROOT / "infra" / "monitoring" / "alerts.yaml").read_text())
    alerts = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    told = "\n".join(re.findall(r"^\*\*([\w, ]+)\.\*\*", (ROOT / "infra/docs/operations.md").read_text(), re.MULTILINE))

    assert len(alerts) > 8
    assert [alert for alert in alerts if not re.search(rf"\b{alert}\b", told)] == []
    assert set(re.findall(r"\w+", told)) - set(alerts) == set()
