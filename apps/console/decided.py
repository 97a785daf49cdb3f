"""What was decided about a row, as its trail keeps it: who, when, what of it changed, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.core import money
from apps.members.models import Trail

NEWEST = 200
AMOUNTS = ("price", "budget", "amount", "given_back", "taken_back")


@dataclass(frozen=True)
class Decided:
    """One line; `changes` are in words, "price: 0.10 USD → 0.12 USD"."""

    at: datetime
    who: str
    what: str
    changes: list[str]
    why: str


def decided(key: str) -> list[Decided]:
    """Return the newest lines about a row by its key, the last one first."""
    lines = Trail.objects.filter(subject=key).select_related("actor").order_by("-pk")[:NEWEST]
    return [
        Decided(line.at, str(line.actor or _("the system")), line.verb, list(_changes(line.data)), line.reason)
        for line in lines
    ]


def _changes(data: dict[str, Any]) -> Iterator[str]:
    currency = data.get("currency", "")
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        for name in after:
            was, now = (_value(name, values.get(name), currency) for values in (before, after))
            if was != now:
                yield f"{_words(name)}: {was} → {now}"
    elif after is not None:
        yield f"{before} → {after}"
    for name, value in data.items():
        if name not in ("before", "after", "currency"):
            yield f"{_words(name)}: {_value(name, value, currency)}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(name: str, value: Any, currency: str) -> str:
    if name in AMOUNTS and currency and isinstance(value, int):
        return money.show(value, currency)
    return f"{value:.0%}" if isinstance(value, float) and 0 <= value <= 1 else str(value)
