"""Reads Python as far as it takes to know whose rows a module writes."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from source import Module, dotted, imported_names

Model = type[models.Model]
READS = {"all", "filter", "exclude", "order_by", "select_for_update", "select_related", "prefetch_related", "annotate"}
READS |= {"distinct", "only", "defer", "using", "iterator", "none", "reverse", "alias"}
PICKS = {"get", "first", "last", "earliest", "latest", "create"}
WRITES_ROWS = {"create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create"}
WRITES_ROW = {"save", "delete", "save_base", "move", "try_move"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
SQL = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY|TRUNCATE(?:\s+TABLE)?)\s+\"?([a-z]+)_[a-z_]+", re.IGNORECASE
)


@dataclass(frozen=True)
class Known:
    """What is known of an expression: a model class, one row of it, or several (a queryset, a related manager)."""

    what: Literal["class", "row", "rows"]
    model: Model


def written(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Yield each write of rows that can be told, with the label of the app whose they are.

    Told: the model by its import, a name by its annotation, assignment or loop, relations by the models themselves,
    tables in SQL by their names. Not told: rows that come out of another function without an annotation, and SQL
    whose table is a variable. What is not told is not found.
    """
    reader = _Reader(_models_of(module))
    yield from reader.read(module.tree, {})
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node, found[1].lower()) for found in SQL.finditer(node.value))


def _models_of(module: Module) -> dict[str, Model]:
    """Return the models that the module knows by name: imported ones, and its own."""
    found = {}
    for name, origin in imported_names(module).items():
        if match := re.fullmatch(r"apps\.(\w+)\.models\.(\w+)", origin):
            found[name] = _model(*match.groups())
        elif match := re.fullmatch(r"apps\.(\w+)\.models", origin):
            found |= {f"{name}.{model.__name__}": model for model in apps.get_app_config(match[1]).get_models()}
    if module.name.split(".")[2:] == ["models"]:
        found |= {model.__name__: model for model in apps.get_app_config(module.app).get_models()}
    return {name: model for name, model in found.items() if model}


def _model(app: str, name: str) -> Model | None:
    try:
        return apps.get_model(app, name)
    except LookupError:
        return None  # a constant, an exception, a choice


@dataclass
class _Reader:
    models: dict[str, Model]
    found: list[tuple[ast.AST, str]] = field(default_factory=list)

    def read(self, tree: ast.AST, names: dict[str, Known]) -> list[tuple[ast.AST, str]]:
        for node in ast.iter_child_nodes(tree):
            inner = names
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                inner = names | self._parameters(node)
            self._learn(node, inner)
            self._judge(node, inner)
            self.read(node, inner)
        return self.found

    def _parameters(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> dict[str, Known]:
        given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        found = {given_.arg: self._annotated(given_.annotation) for given_ in given if given_.annotation}
        return {name: known for name, known in found.items() if known}

    def _annotated(self, annotation: ast.expr) -> Known | None:
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        if isinstance(annotation, ast.BinOp):
            return self._annotated(annotation.left) or self._annotated(annotation.right)
        if isinstance(annotation, ast.Subscript):
            inner = self._annotated(annotation.slice)
            return Known("rows", inner.model) if inner else None
        model = self.models.get(dotted(annotation))
        return Known("row", model) if model else None

    def _learn(self, node: ast.AST, names: dict[str, Known]) -> None:
        """Note what the node's names stand for from here on."""
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._name(node.targets[0], self.known(node.value, names), names)
        elif isinstance(node, ast.AnnAssign):
            self._name(node.target, self._annotated(node.annotation), names)
        elif isinstance(node, ast.NamedExpr):
            self._name(node.target, self.known(node.value, names), names)
        elif isinstance(node, ast.For):
            self._name(node.target, self._each(node.iter, names), names)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            for loop in node.generators:
                self._name(loop.target, self._each(loop.iter, names), names)

    def _each(self, rows: ast.expr, names: dict[str, Known]) -> Known | None:
        known = self.known(rows, names)
        return Known("row", known.model) if known and known.what == "rows" else None

    @staticmethod
    def _name(target: ast.expr, known: Known | None, names: dict[str, Known]) -> None:
        if isinstance(target, ast.Name):
            names.pop(target.id, None)
            if known:
                names[target.id] = known

    def _judge(self, node: ast.AST, names: dict[str, Known]) -> None:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return
        owner = self.known(node.func.value, names)
        verbs = {"row": WRITES_ROW, "rows": WRITES_ROWS, "class": set()}
        if owner and node.func.attr in verbs[owner.what]:
            self.found.append((node, owner.model._meta.app_label))

    def known(self, node: ast.expr, names: dict[str, Known]) -> Known | None:
        """Return what an expression stands for, as far as can be told."""
        if isinstance(node, ast.Name) and node.id in names:
            return names[node.id]
        if model := self.models.get(dotted(node)):
            return Known("class", model)
        if isinstance(node, ast.Attribute):
            owner = self.known(node.value, names)
            return _attribute(owner, node.attr) if owner else None
        if isinstance(node, ast.Subscript):
            owner = self.known(node.value, names)
            return Known("rows" if isinstance(node.slice, ast.Slice) else "row", owner.model) if owner else None
        return self._called(node, names) if isinstance(node, ast.Call) else None

    def _called(self, call: ast.Call, names: dict[str, Known]) -> Known | None:
        called = self.known(call.func, names)
        if called and called.what == "class":
            return Known("row", called.model)
        if not isinstance(call.func, ast.Attribute):
            return None
        owner = self.known(call.func.value, names)
        if not owner or owner.what != "rows" or call.func.attr not in READS | PICKS:
            return None
        return Known("row" if call.func.attr in PICKS else "rows", owner.model)


def _attribute(owner: Known, name: str) -> Known | None:
    if owner.what == "class":
        return Known("rows", owner.model) if name in MANAGERS else None
    if owner.what == "rows":
        return None
    for relation in owner.model._meta.related_objects:
        if relation.get_accessor_name() == name:
            return Known("row" if relation.one_to_one else "rows", relation.related_model)
    try:
        found = owner.model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if not found.is_relation or not found.related_model:
        return None
    return Known("rows" if found.many_to_many else "row", found.related_model)
