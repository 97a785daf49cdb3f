"""Nothing happens behind a reader's back: no signals, no `save()` overrides, no managers with side effects."""

import ast
from collections.abc import Iterable, Iterator

import pytest
from source import Module, dotted, imported_names, modules, planted

WRITES = {"save", "delete", "create", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES |= {f"a{name}" for name in WRITES} | {"save_base", "raw"}
# What Django and allauth call when they make a user: it is their interface, and does what it is called.
MAKERS_OF_USERS = {"create_user", "create_superuser"}


def faults(code: Iterable[Module]) -> list[str]:
    return [fault for module in code for fault in (*_signals(module), *_classes(module))]


def _signals(module: Module) -> Iterator[str]:
    for name in imported_names(module).values():
        if name.startswith("django.dispatch") or "signals" in name.split("."):
            yield module.fault(module.tree, f"imports {name}: say what follows, as data, where it follows")


def _classes(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            bases = {
                dotted(base.value if isinstance(base, ast.Subscript) else base).rpartition(".")[2]
                for base in node.bases
            }
            if any(base.endswith(("Manager", "QuerySet")) for base in bases):
                yield from _manager(module, node)
            elif module.name.split(".")[2:3] == ["models"] or bases & {"Model", "Stateful", "AbstractBaseUser"}:
                yield from _model(module, node)


def _model(module: Module, model: ast.ClassDef) -> Iterator[str]:
    for method in _methods(model):
        if method.name in WRITES:
            yield module.fault(method, f"overrides {model.name}.{method.name}: what must hold is a constraint")


def _manager(module: Module, manager: ast.ClassDef) -> Iterator[str]:
    for method in _methods(manager):
        if method.name in WRITES | {"get_queryset"}:
            yield module.fault(method, f"overrides {manager.name}.{method.name}: a verb of its own is a service")
        elif method.name not in MAKERS_OF_USERS:
            for call in ast.walk(method):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
                    yield module.fault(call, f"writes in {manager.name}.{method.name}: what writes is a service")


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [method for method in node.body if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_nothing_happens_behind_a_readers_back():
    assert faults(modules()) == []


@pytest.mark.parametrize(
    "text",
    [
        "from django.db.models.signals import post_save",
        "def ready():\n    from django.dispatch import receiver",
        "from django.core import signals",
        "class Task(models.Model):\n    def save(self, *args): ...",
        "class Task(Stateful):\n    async def adelete(self): ...",
        "class TaskManager(models.Manager['Task']):\n    def get_queryset(self): ...",
        "class Tasks(models.QuerySet):\n    def reopen(self):\n        self.filter(open=False).update(open=True)",
        "class Tasks(QuerySet):\n    def create(self, **values): ...",
    ],
)
def test_a_side_effect_is_found(text):
    assert len(faults([planted("apps.work.models", text)])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "class Tasks(QuerySet):\n    def open(self):\n        return self.filter(open=True)",
        "class UserManager(BaseUserManager['User']):\n    def create_user(self):\n        self.model().save()",
        "import signal",
    ],
)
def test_what_only_reads_or_is_djangos_interface_is_not(text):
    assert faults([planted("apps.work.models", text)]) == []
