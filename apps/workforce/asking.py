"""Where a worker may ask for a qualification: each app that grants by asking says in its `granting.py` where that is.

Found by being there, as kinds are: `ways` in that module takes a worker and names of qualifications, and returns what
of them that worker may ask for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from apps.workforce.models import Worker


@dataclass(frozen=True)
class Way:
    """A page on which a worker asks for a qualification, or takes its test."""

    name: str
    url: str


def ways(worker: Worker, names: Collection[str]) -> list[Way]:
    """Return where the worker may ask for these qualifications; no query where none is named."""
    found: list[Way] = []
    for app in apps.get_app_configs() if names else ():
        if app.name.startswith("apps.") and app.module and module_has_submodule(app.module, "granting"):
            found += import_module(f"{app.name}.granting").ways(worker, names)
    return found
