"""Tests that take a minute or more begin first: the last of them would keep a process busy while others are through.

`make test` has processes take over from each other what is still to be done, too.
"""

import pytest


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return tests with those marked `long` before all others.

    pytest-django puts tests with real transactions last, as it empties all tables after them; ours leave what
    migrations filled (tests/emptying.py), so that their place is no matter.
    """
    return sorted(items, key=lambda item: item.get_closest_marker("long") is None)
