"""Who needs something of a kind asks it; nobody imports one or decides by its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps import kinds

ROOT = Path(__file__).parents[2]
KINDS = ROOT / "apps" / "kinds"
NAMES = frozenset(kinds.names())


def branches(source: str, *, package: str = "apps.kinds", allowed: str = "") -> list[str]:
    """Return a line for each place that knows a kind by name.

    Args: package: where the module is, to resolve relative imports. allowed: a kind may import from its own folder,
    and say its own name.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        found += [f"line {node.lineno} imports {name}" for name in _imported(node, package) if name != allowed]
        found += [f"line {at.lineno} decides by {at.value!r}" for at in _decided(node) if at.value in NAMES - {allowed}]
    return found


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parent.parts)


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    modules: list[str] = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        modules = [".".join([*above, *filter(None, [node.module]), alias.name]) for alias in node.names]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        modules = [node.value]
    for module in modules:
        if module.startswith("apps.kinds.") and (name := module.split(".")[2]) in NAMES:
            yield name


def _decided(node: ast.AST) -> Iterator[ast.Constant]:
    """Return the constants that this node compares with, matches, keys a dictionary by or asks a kind by."""
    by: list[ast.AST | None] = []
    if isinstance(node, ast.Compare):
        by = [node.left, *node.comparators]
    elif isinstance(node, ast.MatchValue):
        by = [node.value]
    elif isinstance(node, ast.Dict):
        by = list(node.keys)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        by = list(node.args) if called == "of" else []
    for one in by:
        for inner in ast.walk(one) if one is not None else ():
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner


def modules() -> list[Path]:
    everything = [*(ROOT / "apps").rglob("*.py"), *(ROOT / "labelcrowd").rglob("*.py")]
    return [path for path in everything if "migrations" not in path.parts]


def test_no_module_outside_a_kind_imports_one_or_decides_by_its_name() -> None:
    outside = [path for path in modules() if not NAMES.intersection(path.relative_to(ROOT).parts)]
    assert len(outside) > 20

    known = {
        str(path.relative_to(ROOT)): branches(path.read_text("utf-8"), package=package_of(path)) for path in outside
    }

    assert {path: lines for path, lines in known.items() if lines} == {}


def test_kinds_do_not_know_each_other() -> None:
    inside = [(name, path) for name in NAMES for path in (KINDS / name).rglob("*.py")]
    assert len(inside) >= 2 * len(NAMES)

    known = {
        str(path.relative_to(ROOT)): branches(path.read_text("utf-8"), package=package_of(path), allowed=name)
        for name, path in inside
    }

    assert {path: lines for path, lines in known.items() if lines} == {}


@pytest.mark.parametrize(
    "fault",
    [
        "from apps.kinds.rating.kind import KIND",
        "from apps.kinds.rating import kind",
        "from apps.kinds import rating",
        "import apps.kinds.rating.kind as r",
        "def f():\n    from apps.kinds.rating import kind",
        "from .rating.kind import KIND",
        "from . import rating",
        "importlib.import_module('apps.kinds.rating.kind')",
        "if campaign.kind == 'rating': pass",
        "if 'rating' != campaign.kind: pass",
        "if campaign.kind in ('rating', 'other'): pass",
        "match kind:\n    case 'rating': pass",
        "match kind:\n    case 'x' | 'rating': pass",
        "HANDLERS = {'rating': handle}",
        "kinds.of('rating')",
    ],
)
def test_a_planted_fault_is_found(fault: str) -> None:
    assert branches(fault)


@pytest.mark.parametrize(
    "fine",
    [
        "from apps import kinds\nkind = kinds.of(campaign.kind)",
        "from apps.kinds.base import Kind",
        "title = 'rating'",
        "if campaign.kind == other.kind: pass",
        "from apps.quality import rating_table",
        "from .pairwise import scores",
    ],
)
def test_asking_a_kind_is_fine(fine: str) -> None:
    assert branches(fine, package="apps.quality") == []


def test_a_relative_import_of_another_kind_is_found() -> None:
    assert branches("from ..rating.kind import KIND", package="apps.kinds.number", allowed="number")
    assert not branches("from .edits import edit_distance", package="apps.kinds.number", allowed="number")
