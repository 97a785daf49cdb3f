"""Finds formats: every module of a folder `formats` is one, named as requesters name it."""

import importlib
import pkgutil
from types import ModuleType


class UnknownFormat(ValueError):
    """There is no such format; the sentence names those there are."""


class TooManyRows(ValueError):
    """There are more rows than a file of this format holds; the sentence says how many it may have."""


class NotForThis(ValueError):
    """What is to be written has no form in this format; the sentence says why."""


def names(package: str) -> list[str]:
    """Return the names of the formats in a package, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__))


def of(package: str, name: str) -> ModuleType:
    """Return the module that writes this format; raise `UnknownFormat` when there is none."""
    if name not in (known := names(package)):
        raise UnknownFormat(f"{name!r} is not one of the formats {known}")
    return importlib.import_module(f"{package}.{name}")
