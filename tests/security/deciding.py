"""Who decides, in the source: functions that are told `by` whom, those that leave a line, and the doors to them."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from tests.architecture.source import Module, dotted, imported_names, modules

READERS = ("apps.aggregation", "apps.kinds", "apps.reports", "apps.simulation", "apps.core")  # they decide nothing
LINES = {f"apps.members.trail.{name}" for name in ("record", "line", "record_each")}


@cache
def source() -> Mapping[str, Module]:
    return {module.name: module for module in modules() if not module.name.startswith(READERS)}


@cache
def functions() -> Mapping[str, ast.FunctionDef]:
    """Return every function of a module, by its full name."""
    return {
        f"{module.name}.{node.name}": node
        for module in source().values()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
    }


def told_by(name: str) -> bool:
    """Return whether a function is told who decides."""
    given = functions()[name].args
    return any(each.arg == "by" for each in (*given.args, *given.kwonlyargs))


@cache
def leaving_a_line() -> frozenset[str]:
    """Return the functions that write into the trail, or call one that does."""
    named = {name: set(names(source()[name.rpartition(".")[0]], node)) for name, node in functions().items()}
    found = set(LINES)
    while more := {name for name, used in named.items() if used & found} - found:
        found |= more
    return frozenset(found)


def names(module: Module, node: ast.AST) -> Iterator[str]:
    """Yield the full name of each function that a piece of a module names, wherever that is defined."""
    imported = _imported(module)
    for each in ast.walk(node):
        if isinstance(each, ast.Name | ast.Attribute) and (text := dotted(each)):
            head, _, rest = text.partition(".")
            whole = imported.get(head, f"{module.name}.{head}")
            yield _defined(f"{whole}.{rest}" if rest else whole)


@cache
def _imported(module: Module) -> Mapping[str, str]:
    return imported_names(module)


@cache
def _defined(name: str) -> str:
    """Return where a name that a package hands on is defined."""
    for _ in range(3):
        place, _, last = name.rpartition(".")
        if name in functions() or place not in source() or last not in _imported(source()[place]):
            return name
        name = _imported(source()[place])[last]
    return name


def deciding() -> set[str]:
    """Return the functions that are told who decides and leave a line of it."""
    return {name for name in functions() if told_by(name)} & leaving_a_line()


def undecided_calls(module: Module) -> Iterator[str]:
    """Yield the verbs of an API's module that change something, and by none of those functions: Class.method."""
    for view in (each for each in module.tree.body if isinstance(each, ast.ClassDef)):
        for verb in (each for each in view.body if isinstance(each, ast.FunctionDef)):
            # A view whose verb is an attribute of its class names it there.
            named = names(module, view if "verb_of_" in ast.unparse(verb) else verb)
            if verb.name in ("post", "put", "patch", "delete") and not deciding() & set(named):
                yield f"{view.name}.{verb.name}"


def undecided_buttons(module: Module) -> Iterator[str]:
    """Yield the buttons and actions of an admin's module that do something by none of those functions."""
    for each in ast.walk(module.tree):
        if not isinstance(each, ast.FunctionDef):
            continue
        if any("button" in ast.unparse(by) or "action" in ast.unparse(by) for by in each.decorator_list):
            if not deciding() & set(names(module, each)):
                yield each.name
