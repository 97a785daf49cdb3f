"""What a fixed number of answers is billed, where a crowd gave fewer."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "infra" / "bench"))

from bench_redundancy import SHIPPED, bases, campaign, tell_campaigns


@pytest.fixture
def crowd(tmp_path, monkeypatch):
    """Return the name of a crowd of 30 items with eight answers each."""
    asked = [(item, worker) for item in range(30) for worker in range(8)]
    rows = "".join(f"t{item},w{worker},{(item + (worker == item % 11)) % 2}\n" for item, worker in asked)
    gold = "".join(f"t{item},{item % 2}\n" for item in range(30))
    (tmp_path / "eight").mkdir()
    (tmp_path / "eight" / "judgments.csv").write_text("task,worker,label\n" + rows)
    (tmp_path / "eight" / "gold.csv").write_text("task,label\n" + gold)
    monkeypatch.setenv("LABELCROWD_CROWD_DATA", str(tmp_path))
    return "eight"


def test_ten_answers_where_there_are_eight_are_billed_as_eight(crowd, capsys):
    found = bases(crowd)
    tell_campaigns({crowd: found})

    assert found["bill"] == {"mv5": 5.0, "ds5": 5.0, "mv10": 8.0}
    shown = capsys.readouterr().out
    for least, share in SHIPPED.values():
        _, answers = campaign(crowd, least, share)
        assert f"{1 - answers / 8:+.1%} fewer answers than mv10" in shown
