"""What the README says can be done: its commands exist, and it is short enough to be read."""

import re
from pathlib import Path

import pytest
from source import ROOT

README = ROOT / "README.md"


def missing(text: str, folder: Path) -> list[str]:
    """Return the `make` targets, `manage.py` commands and files (from `folder`) that a text names and are not there."""
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    targets |= {f"bench-{path.stem.removeprefix('bench_').replace('_', '-')}" for path in ROOT.glob("infra/bench/*.py")}
    commands = {path.stem for path in ROOT.glob("apps/console/management/commands/*.py")} | {"check", "migrate", "help"}
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    return [
        *(f"make {name}" for name in re.findall(r"\bmake ([a-z][\w-]*)", code) if name not in targets),
        *(f"manage.py {name}" for name in re.findall(r"manage\.py ([a-z]\w*)", code) if name not in commands),
        *(name for name in re.findall(r"\]\(([^)#:]+)[^)]*\)", text) if not (folder / name).exists()),
    ]


def test_the_readme_is_read_in_one_go():
    assert len(README.read_text().splitlines()) < 150


@pytest.mark.parametrize("path", ["README.md", "apps/README.md"])
def test_what_a_readme_names_is_there(path):
    readme = ROOT / path

    assert missing(readme.read_text(), readme.parent) == []


def test_a_command_or_file_that_is_not_there_is_found():
    text = "`make coffee`, `manage.py brew`:\n```\nmake test\nmake tea PORT=1\n```\n[how](infra/docs/tea.md#hot)"

    assert missing(text, ROOT) == ["make coffee", "make tea", "manage.py brew", "infra/docs/tea.md"]
