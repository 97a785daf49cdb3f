"""Lists in pages: each begins where the last one ended, so the thousandth costs what the first does."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime

from apps.api.problems import BadField
from apps.core.text import check_storable

DEFAULT, MOST = 100, 1000
LARGEST = 2**63 - 1  # what a column of whole numbers holds


@dataclass(frozen=True)
class Filter:
    """A query parameter that narrows a list: the look-up it stands for, what it should be, and how it is read.

    `read` raises ValueError for anything else.
    """

    lookup: str
    should_be: str
    read: Callable[[str], Any]
    choices: Sequence[str] = ()


def text(lookup: str) -> Filter:
    return Filter(lookup, "text", _text)


def uid(lookup: str) -> Filter:
    return Filter(lookup, "the id of a row, a UUID", UUID)


def whole(lookup: str) -> Filter:
    return Filter(lookup, "a whole number", _whole)


def flag(lookup: str, *, no: bool = False) -> Filter:
    """`no` turns it round, as where a look-up asks whether something is missing."""
    return Filter(lookup, "true or false", lambda given: {"true": not no, "false": no}[given.lower()])


def moment(lookup: str) -> Filter:
    return Filter(lookup, "a time with its zone, as in 2026-05-01T00:00:00Z", _moment)


def choice(lookup: str, choices: Sequence[str]) -> Filter:
    return Filter(
        lookup, f"one of {list(choices)}", lambda given: dict(zip(choices, choices, strict=True))[given], choices
    )


def narrowed(rows: QuerySet[Any], given: Mapping[str, str], filters: Mapping[str, Filter]) -> QuerySet[Any]:
    """Return the rows that the query parameters ask for; those that there are not were refused before."""
    for name, value in given.items():
        if name in filters:
            rows = rows.filter(**{filters[name].lookup: _read(name, value, filters[name])})
    return rows


def page(
    rows: QuerySet[Any], given: Mapping[str, str], *, orders: Sequence[str], show: Callable[[Sequence[Model]], Any]
) -> dict[str, Any]:
    """Return a page of the rows and the cursor of the next one, None after the last.

    `orders` are fields whose values differ from row to row, the first being the default; a minus turns one round.
    """
    order = given.get("order", orders[0])
    if order not in (allowed := both_ways(orders)):
        raise BadField("order", f"order is {order[:40]!r}, it should be one of {sorted(allowed)}")
    limit = _limit(given.get("limit", str(DEFAULT)))
    field = order.removeprefix("-")
    if "cursor" in given:
        after = _after(given["cursor"], order, rows.model, field)
        rows = rows.filter(**{f"{field}__{'lt' if order.startswith('-') else 'gt'}": after})
    found = list(rows.order_by(order)[: limit + 1])
    following = found[limit - 1] if len(found) > limit else None
    cursor = None if following is None else _cursor(order, str(getattr(following, field)))
    return {"results": show(found[:limit]), "next": cursor}


def both_ways(orders: Sequence[str]) -> list[str]:
    """Return the orders that may be asked for: each as it is and turned round."""
    return [sign + each.removeprefix("-") for each in orders for sign in ("", "-")]


def _cursor(order: str, value: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, value]).encode()).decode().rstrip("=")


def _after(cursor: str, order: str, model: type[Model], field: str) -> Any:
    """Return the value that the page begins behind."""
    try:
        made_for, value = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(value, str):  # as all are that we made, whatever the column holds
            raise TypeError(value)
        check_storable(value)
        after = getattr(model, field).field.to_python(value)
    except (ValueError, TypeError, OverflowError, ValidationError, RecursionError):
        raise BadField("cursor", f"cursor is {cursor[:40]!r}, it should be one that a page of this list gave") from None
    if made_for != order or (isinstance(after, int) and abs(after) > LARGEST):
        raise BadField("cursor", f"cursor was given by a list in the order {made_for!r}, this one is in {order!r}")
    return after


def _limit(given: str) -> int:
    if not given.isdecimal() or len(given) > 4 or not 1 <= int(given) <= MOST:
        raise BadField("limit", f"limit is {given[:40]!r}, it should be a whole number from 1 to {MOST}")
    return int(given)


def _read(name: str, given: str, by: Filter) -> Any:
    try:
        return by.read(given)
    except (ValueError, KeyError):
        raise BadField(name, f"{name} is {given[:60]!r}, it should be {by.should_be}") from None


def _text(given: str) -> str:
    check_storable(given)
    return given


def _whole(given: str) -> int:
    number = int(given) if len(given) < 20 else LARGEST + 1
    if abs(number) > LARGEST:
        raise ValueError(given)
    return number


def _moment(given: str) -> datetime:
    found = parse_datetime(given)
    if found is None or found.tzinfo is None:
        raise ValueError(given)
    return found
