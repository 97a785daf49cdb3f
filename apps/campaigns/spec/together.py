"""What is wrong with fields of a campaign that depend on each other: money, and all that the kind must understand."""

from collections.abc import Mapping
from typing import Any

from apps.campaigns import tiers
from apps.campaigns.models import Campaign
from apps.campaigns.spec.shape import AMOUNTS
from apps.core import money
from apps.kinds import names
from apps.kinds import of as of_kind
from apps.kinds.errors import Bad


def wrong_beside_the_kind(values: Mapping[str, Any]) -> list[str]:
    return [*_wrong_money(values), *_wrong_pilot(values), *_wrong_redundancy(values), *_wrong_suggestions(values)]


def _wrong_suggestions(values: Mapping[str, Any]) -> list[str]:
    to = values.get("suggested_to", Campaign.SuggestedTo.NOBODY)
    if to == Campaign.SuggestedTo.NOBODY or values.get("suggestion_field", "").strip():
        return []
    return [f"suggestion_field is empty, it should name the field of an item that holds what {to} are shown"]


def _wrong_pilot(values: Mapping[str, Any]) -> list[str]:
    items = values.get("pilot_items", 0)
    return [f"pilot_items is {items}, it should be from 10 to 100, or 0 for no pilot"] if 0 < items < 10 else []


def _wrong_redundancy(values: Mapping[str, Any]) -> list[str]:
    least, most = values.get("redundancy", 1), values.get("redundancy_max")
    wrong = most is not None and most < least
    return [f"redundancy_max is {most}, it should be at least redundancy, which is {least}"] if wrong else []


def _wrong_money(values: Mapping[str, Any]) -> list[str]:
    problems = []
    for name in AMOUNTS:
        try:
            if money.to_minor(values.get(name, "0"), values.get("currency", "USD")) < 0:
                problems.append(f"{name} is {values[name]}, it should not be negative")
        except money.BadAmount as error:
            problems.append(f"{name}: {error}")
    given = values.get("pay_tiers", [])
    return problems or tiers.wrong(given, price=values.get("price", "0"), currency=values.get("currency", "USD"))


def wrong_together(values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with fields that depend on each other: money, and all that the kind must understand."""
    problems = wrong_beside_the_kind(values)
    if values.get("grants") and values.get("purpose", Campaign.Purpose.WORK) == Campaign.Purpose.WORK:
        problems.append(f"grants is {values['grants']!r}: only a training or a test grants a qualification")
    if values["kind"] not in names():
        return [*problems, f"kind is {values['kind']!r}, it should be one of {names()}"]
    kind = of_kind(values["kind"])
    try:
        settings = kind.read_settings(values["settings"])
    except Bad as error:
        return [*problems, f"settings{f'.{error.where}' if error.where else ''}: {error}"]
    for gold in values["gold"]:
        if gold.item and not gold.answers:
            problems.append(f"gold question {gold.item!r} has no answers, it needs at least one")
        for answer in gold.answers:
            try:
                kind.read(answer, settings)
            except Bad as error:
                problems.append(f"gold question {gold.item!r}: {error}")
    return problems
