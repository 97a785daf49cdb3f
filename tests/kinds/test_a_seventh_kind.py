"""A kind is added by its folder alone: nothing outside it is edited."""

import inspect
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import test_every_kind

from apps import kinds

NAME = "thumbs"
LAWS = [law for name, law in vars(test_every_kind).items() if name.startswith("test_")]


@pytest.fixture
def dropped_in(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A new kind's folder in a further root, with the settings that its own templates folder would have given."""
    folder = tmp_path / NAME
    shutil.copytree(Path(__file__).parent / "seventh_kind", folder)
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], folder / "templates"]}]
    kinds.__path__.append(str(tmp_path))
    yield folder
    kinds.__path__.remove(str(tmp_path))
    for module in [module for module in sys.modules if module.startswith(f"apps.kinds.{NAME}")]:
        del sys.modules[module]


def test_a_folder_dropped_in_is_a_kind(dropped_in: Path) -> None:
    assert NAME in kinds.names()
    assert kinds.of(NAME).folder == dropped_in


def test_a_folder_taken_away_is_no_kind() -> None:
    assert NAME not in kinds.names()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_seventh_kind_is_under_all_laws(dropped_in: Path, law: Callable[..., None]) -> None:
    methods = ["dawid_skene", "majority"] if "method" in inspect.signature(law).parameters else [None]

    for method in methods:
        law(name=NAME, **({"method": method} if method else {}))


def test_a_seventh_kind_that_breaks_a_law_is_caught(dropped_in: Path) -> None:
    source = (dropped_in / "kind.py").read_text("utf-8")
    (dropped_in / "kind.py").write_text(source.replace("return answer", "return not answer"), "utf-8")

    with pytest.raises(AssertionError):
        test_every_kind.test_good_answers_written_are_read_back_the_same(name=NAME)
