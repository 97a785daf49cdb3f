"""The channels that there are: a folder with a `channel.py` is one, and nothing else names it."""

from functools import cache
from importlib import import_module
from pathlib import Path

from apps.channels.base import Channel


@cache
def names() -> tuple[str, ...]:
    """Return the channels' names, in order."""
    return tuple(sorted(file.parent.name for file in Path(__file__).parent.glob("*/channel.py")))


def of(name: str) -> Channel:
    """Return the channel of this name; raise `LookupError`, naming those that there are."""
    if name not in names():
        raise LookupError(f"{name!r} is not one of the channels {', '.join(names())}")
    found: Channel = import_module(f"apps.channels.{name}.channel").channel()
    return found
