"""The TurkErrorCodes that an operation's code can come to: what it calls, and what that calls, within the service."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOUSE = "apps.turkapi"
Place = tuple[str, str]  # a module, and a function or class in it


def codes_from(operation: Callable[..., Any]) -> set[str]:
    """Return the codes that `turk` and `missing` are given on any way from an operation; some ways are never gone."""
    found: set[str] = set()
    seen: set[Place] = set()
    todo = [(operation.__module__, operation.__name__)]
    while todo:
        place = todo.pop()
        if place in seen or place[0] == f"{HOUSE}.errors":
            continue
        seen.add(place)
        module, name = place
        inside = list(ast.walk(_defined(module)[name]))
        own = {node.arg for node in inside if isinstance(node, ast.arg)}
        for node in inside:
            found |= _code(node)
            if not (isinstance(node, ast.Name) and node.id in own):
                todo += _named(node, module)
    return found


def _code(node: ast.AST) -> set[str]:
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
        return set()
    name, given = getattr(node.func, "id", ""), node.args[0].value
    return {given} if name == "turk" else {f"{given}DoesNotExist"} if name == "missing" else set()


def _named(node: ast.AST, module: str) -> list[Place]:
    """Return the function or class of the service that a name in a module stands for, if it is one."""
    if isinstance(node, ast.Name):
        at = _imported(module).get(node.id, f"{module}.{node.id}")
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        at = f"{_imported(module).get(node.value.id, '')}.{node.attr}"
    else:
        return []
    owner, _, name = at.rpartition(".")
    return [(owner, name)] if owner.startswith(HOUSE) and name in _defined(owner) else []


@cache
def _tree(module: str) -> ast.Module:
    """Return a module's code, nothing for what is none, as a class of a module."""
    folder = ROOT / module.replace(".", "/")
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return ast.parse(path.read_text() if path.exists() else "")


@cache
def _defined(module: str) -> dict[str, ast.AST]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name: node for node in _tree(module).body if isinstance(node, kinds)}


@cache
def _imported(module: str) -> dict[str, str]:
    return {
        name.asname or name.name: f"{node.module}.{name.name}"
        for node in _tree(module).body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
