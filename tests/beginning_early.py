"""Tests that take a minute or more begin before others of their sort, lest the last of them keeps a process to itself
while the others have nothing left to do."""

import pytest

APART = 60  # so many short ones between two long ones: a process is given that many at once


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return tests with those marked `long` where the first with real transactions is, spread over what follows.

    Those of one module stay together, for what they share. pytest-django has put the ones with real transactions behind
    those that are rolled back, and that must stay so.
    """
    long: dict[object, list[pytest.Item]] = {}
    short: list[pytest.Item] = []
    for item in items:
        (long.setdefault(item.path, []) if item.get_closest_marker("long") else short).append(item)
    place = next((n for n, item in enumerate(short) if _commits(item)), len(short))
    for together in long.values():
        short[place:place] = together
        place += len(together) + APART
    return short


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked or (marker and marker.kwargs.get("transaction")))
