"""What is wrong with one field of a campaign by itself: its type, its bounds, its length, its choices."""

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.campaigns.models import Campaign
from apps.campaigns.spec.shape import AMOUNTS, FIELDS, Gold, Spec
from apps.core.text import Unstorable, check_storable
from apps.workforce.models import Channel

# What each type of field may be in the file, and how that is said.
FORMS: dict[object, tuple[tuple[type, ...], str]] = {
    str: ((str,), "text"),
    int: ((int,), "a whole number"),
    float: ((float, int), "a number"),
    float | None: ((float, int, type(None)), "a number"),
    int | None: ((int, type(None)), "a whole number"),
    dict[str, Any]: ((dict,), "a mapping"),
    list[str]: ((list,), "a list of texts"),
    list[dict[str, Any]]: ((list,), "a list of {skill, price}"),
    list[Gold]: ((list,), "a list of {item, answers}"),
    dict[str, list[str]]: ((dict,), "a mapping of external ids to lists of workers"),
}
CHOICES = {
    "channel": Channel.values,
    "purpose": Campaign.Purpose.values,
    "senses": Campaign.Sense.values,
    "method": Campaign.Method.values,
    "when_gold_is_used_up": Campaign.WhenGoldIsUsedUp.values,
    "review": Campaign.Review.values,
    "suggested_to": Campaign.SuggestedTo.values,
}
BOUNDS: dict[str, tuple[float, float]] = {
    "redundancy": (1, 1000), "redundancy_max": (1, 1000), "target_confidence": (0.01, 1), "page_size": (1, 200),
    "lease_seconds": (30, 30 * 86400), "gold_share": (0, 0.99),
    "early_gold": (0, 10), "least_gold_accuracy": (0, 1), "least_gold_answers": (1, 1000),
    "approve_after_seconds": (0, 30 * 86400), "broken_after": (1, 1000), "most_reported": (0, 1), "least_skill": (0, 1),
    "most_pages": (1, 1_000_000), "grace_seconds": (0, 7 * 86400), "pass_share": (0, 1),
    "pilot_items": (0, 100), "pilot_least_gold_accuracy": (0, 1), "pilot_least_agreement": (-1, 1),
    "suggestion_withheld": (0, 0.9),
}  # fmt: skip

# BCP 47's usual shape: a language, perhaps a script, perhaps a region.
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?")
# What the columns keep, in characters; of lists, of each of their texts.
LONGEST = {
    "label_studio": 200_000,
    "name": 150, "show": 100, "groups": 100, "languages": 16, "skill_scope": 80, "qualifications": 100,
    "content_warning": 300, "grants": 100, "suggestion_field": 100, "suggestion_model": 150,
}  # fmt: skip


def _is_number(value: object) -> bool:
    # A YAML writer types 0.05; its shortest decimal form is what was typed, so nothing is rounded here.
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def as_typed(name: str, value: object) -> object:
    """Return amounts and external ids as the text that was typed, where YAML took them for numbers."""
    if name in AMOUNTS and _is_number(value):
        return str(value)
    if name == "reserved" and isinstance(value, Mapping):
        return {str(item): workers for item, workers in value.items()}
    return value


def nearest(name: str) -> str:
    near = difflib.get_close_matches(name, FIELDS, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def wrong_by_itself(name: str, value: object) -> list[str]:
    """Return what is wrong with one field by itself."""
    of: object = Spec.__dataclass_fields__[name].type
    allowed, words = FORMS[of]
    wrong = not isinstance(value, allowed) or isinstance(value, bool)
    if isinstance(value, list) and of == list[str]:
        wrong = not _are_texts(value)
    if isinstance(value, dict) and of == dict[str, list[str]]:
        wrong = not all(isinstance(workers, list) and _are_texts(workers) for workers in value.values())
    if wrong:
        return [f"{name} is {value!r}, it should be {words}"]
    try:
        check_storable(value, name)
    except Unstorable as error:
        return [str(error)]
    if name in BOUNDS:
        low, high = BOUNDS[name]
        if isinstance(value, int | float) and not low <= value <= high:
            return [f"{name} is {value}, it should be from {low} to {high}"]
    return _wrong_texts(name, value)


def _wrong_texts(name: str, value: object) -> list[str]:
    """Return what is wrong with the length or the choice of a text, or of each in a list."""
    texts = [str(one) for one in (value if isinstance(value, list) else [value])]
    if name == "language" and value and not LANGUAGE.fullmatch(str(value)):
        return [f"language is {value!r}, it should be a language tag such as 'en', 'pt-BR' or 'zh-Hant'"]
    if name in CHOICES:
        return [f"{name} is {one!r}, it should be one of {CHOICES[name]}" for one in texts if one not in CHOICES[name]]
    return [
        f"{name} has {len(text)} characters in {text[:30]!r}…, it should have at most {LONGEST[name]}"
        for text in texts
        if name in LONGEST and len(text) > LONGEST[name]
    ]


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def gold_of(row: object, problems: list[str]) -> Gold:
    if not isinstance(row, Mapping) or not row.get("item") or not isinstance(row.get("answers"), list):
        problems.append(
            f"gold question {row!r} should be a mapping with 'item' (an external id) and 'answers' (a list)"
        )
        return Gold("", [])
    return Gold(str(row["item"]), list(row["answers"]), str(row.get("reason", "")), row.get("teaching") is True)
