"""Where static files are found: all that lie in static folders but tests, which lie beside what they test."""

from collections.abc import Iterable
from typing import Any

from django.contrib.staticfiles import finders

TEST = ".test."


class _WithoutTests:
    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        return [] if TEST in path else super().find(path, *args, **kwargs)  # type: ignore[misc]  # of the finder

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        found = super().list(ignore_patterns)  # type: ignore[misc]  # of the finder
        return ((path, storage) for path, storage in found if TEST not in path)


class InFolders(_WithoutTests, finders.FileSystemFinder):
    """Those of the kinds."""


class InApps(_WithoutTests, finders.AppDirectoriesFinder):
    """Those of the apps."""
