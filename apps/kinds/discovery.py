"""Finds kinds: every folder on this package's `__path__` that holds a kind.py."""

import importlib
import sys
from pathlib import Path
from typing import Any

from apps.kinds.base import Kind

PACKAGE = "apps.kinds"


def names() -> list[str]:
    """Return the names of all kinds, sorted. A further root may be appended to `apps.kinds.__path__`."""
    roots = sys.modules[PACKAGE].__path__
    return sorted({found.parent.name for root in roots for found in Path(root).glob("*/kind.py")})


def of(name: str) -> Kind[Any, Any]:
    """Return the kind of this name; raise LookupError with a sentence when there is none."""
    module = f"{PACKAGE}.{name}.kind"
    if module not in sys.modules and name not in (known := names()):
        raise LookupError(f"{name!r} is not a kind of question; the kinds are {known}")
    kind = importlib.import_module(module).KIND
    if not isinstance(kind, Kind):
        raise TypeError(f"KIND in {name}/kind.py is a {type(kind).__name__}; it should be a Kind")
    return kind
