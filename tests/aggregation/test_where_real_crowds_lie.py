"""Benches find real crowds beside the checkout where nobody says where they are; tests never do."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "infra" / "bench"))

import real_crowds


@pytest.fixture
def beside(tmp_path, monkeypatch):
    monkeypatch.setattr(real_crowds, "BESIDE", tmp_path / "beside")
    monkeypatch.setenv(real_crowds.NAME, "restored after the test")
    monkeypatch.delenv(real_crowds.NAME)
    return tmp_path / "beside"


def test_a_bench_takes_the_folder_beside_the_checkout_where_none_is_named_and_there_is_one(beside):
    assert real_crowds.look() is None
    beside.mkdir()
    assert real_crowds.folder() is None  # a test has not looked

    assert real_crowds.look() == real_crowds.folder() == beside


def test_the_folder_that_is_named_comes_first_also_where_it_is_named_as_none(beside, tmp_path, monkeypatch):
    beside.mkdir()

    monkeypatch.setenv(real_crowds.NAME, str(tmp_path))
    assert real_crowds.look() == tmp_path
    monkeypatch.setenv(real_crowds.NAME, "")
    assert real_crowds.look() is None
