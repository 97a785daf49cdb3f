"""A process of the version before writes while an upgrade runs: it knows no new column, so the database fills it."""

import ast
from collections.abc import Iterable, Iterator

from source import Module, modules, planted

# The last migration of each app from before the rule.
BEFORE = {
    "campaigns": 9, "channels": 4, "datasets": 3, "hitevents": 2, "ledger": 6, "members": 7, "notices": 2,
    "payments": 7, "pipeline": 3, "quality": 8, "turkapi": 3, "work": 11, "workforce": 4,
}  # fmt: skip
NO_COLUMN = ("ManyToManyField", "GeneratedField")


def faults(code: Iterable[Module]) -> list[str]:
    """Return the columns added to a table that is in use which may not be null and have no `db_default`."""
    migrations = [module for module in code if ".migrations." in module.name]
    given = {
        (module.app, *_column(call))
        for module in migrations
        for call in _calls(module, "AddField", "AlterField")
        if "db_default" in _field(call)
    }
    return [
        module.fault(call, f"adds {'.'.join(_column(call))} without db_default: the version before can't write then")
        for module in migrations
        if _number(module) > BEFORE.get(module.app, 0)
        for call in _calls(module, "AddField")
        if not _may_be_left_out(call) and (module.app, *_column(call)) not in given
        if _column(call)[0] not in _made_here(module)
    ]


def _may_be_left_out(call: ast.Call) -> bool:
    field = _field(call)
    is_null = "null" in field and isinstance(field["null"], ast.Constant) and field["null"].value is True
    return is_null or _name(_words(call)["field"]) in NO_COLUMN


def _made_here(module: Module) -> set[str]:
    return {str(_words(call)["name"].value).lower() for call in _calls(module, "CreateModel")}  # type: ignore[attr-defined]


def _calls(module: Module, *names: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and _name(node) in names)


def _name(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return getattr(function, "attr", "") or getattr(function, "id", "")


def _words(call: ast.Call) -> dict[str, ast.expr]:
    """Return what a call was given, by name: operations may be given theirs in order."""
    names = ("name",) if _name(call) == "CreateModel" else ("model_name", "name", "field")
    ordered = dict(zip(names, call.args, strict=False))
    return ordered | {word.arg: word.value for word in call.keywords if word.arg is not None}


def _field(call: ast.Call) -> dict[str, ast.expr]:
    field = _words(call)["field"]
    return _words(field) if isinstance(field, ast.Call) else {}


def _column(call: ast.Call) -> tuple[str, str]:
    words = _words(call)
    return str(words["model_name"].value).lower(), str(words["name"].value)  # type: ignore[attr-defined]


def _number(module: Module) -> int:
    return int(module.name.rpartition(".")[2].partition("_")[0])


def test_a_new_column_that_may_not_be_null_is_filled_by_the_database():
    assert faults(modules(migrations=True)) == []


def test_one_that_is_not_is_found():
    def migration(field: str) -> Module:
        text = f'operations = [AddField(model_name="task", name="tint", field={field})]'
        return planted("apps.work.migrations.9999_tints", text)

    (fault,) = faults([migration('CharField(default="")')])
    assert "adds task.tint without db_default" in fault
    assert faults([migration('CharField(db_default="", default="")')]) == []
    assert faults([migration("CharField(null=True)")]) == []
