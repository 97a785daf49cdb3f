"""What is held about a person: each app says in its `personal.py` what it gives them, and what it forgets of them.

Found by being there, as kinds are: `HELD` in that module is a sequence of `Held`, one for each table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils.module_loading import module_has_submodule


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and all the workers whom they are, by their ids."""

    user: UUID
    workers: Sequence[UUID]


Rows = Iterable[Mapping[str, Any]]
ERASED = "–"  # in the place of a typed text that may not be empty


@dataclass(frozen=True)
class Held:
    """A table with rows about people. `rows` are what the person gets of it, under `name`; `forget` may run twice."""

    model: type[models.Model]
    name: str = ""
    rows: Callable[[Person], Rows] | None = None
    forget: Callable[[Person], None] | None = None


def held() -> Iterator[Held]:
    """Yield all that is held, that of the lowest app first."""
    for app in apps.get_app_configs():
        if app.name.startswith("apps.") and app.module and module_has_submodule(app.module, "personal"):
            yield from import_module(f"{app.name}.personal").HELD


@transaction.atomic
def forget(person: Person) -> None:
    """Forget who a person is and what they wrote; answers, decisions and books stay, as nobody's. May run twice.

    The highest app goes first: what it keeps of a name, as for tax, is read before the name is gone.
    """
    for act in dict.fromkeys(each.forget for each in reversed(list(held())) if each.forget):
        act(person)
