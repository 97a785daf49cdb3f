"""A kind is found by being there: no module outside its folder imports it."""

from collections.abc import Iterable
from pathlib import Path

from source import ROOT, Module, imported_names, modules, plant


def kinds(root: Path) -> set[str]:
    return {path.parent.name for path in (root / "apps" / "kinds").glob("*/kind.py")}


def faults(code: Iterable[Module], names: set[str]) -> list[str]:
    """Return the imports of a kind from outside its folder."""
    return [
        module.fault(module.tree, f"imports {imported}")
        for module in code
        for imported in imported_names(module).values()
        for kind in names
        if f"{imported}.".startswith(f"apps.kinds.{kind}.") and not f"{module.name}.".startswith(f"apps.kinds.{kind}.")
    ]


def test_nobody_imports_a_kind():
    assert kinds(ROOT), "no kind was found, so this test would see nothing"

    assert faults(modules(), kinds(ROOT)) == []


def test_an_import_of_a_kind_is_found(tmp_path):
    root = plant(
        tmp_path,
        {
            "apps/kinds/boxes/kind.py": "",
            "apps/kinds/boxes/formats.py": "from apps.kinds.boxes import kind\n",  # its own folder: may
            "apps/kinds/polygons/kind.py": "from apps.kinds.boxes.formats import coco\n",
            "apps/kinds/discovery.py": "from apps.kinds import boxes\n",
            "apps/work/queries.py": "def f():\n    from ..kinds.boxes.kind import KIND\n",
        },
    )

    found = faults(modules(root), kinds(root))

    assert [fault.split(":")[0] for fault in found] == [
        "apps.kinds.discovery",
        "apps.kinds.polygons.kind",
        "apps.work.queries",
    ]
