"""A campaign as a file: what a requester writes in YAML, read with a sentence for everything that is wrong in it."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from apps.aggregation.online import CONTROL_SHARE, Policy
from apps.campaigns import tiers
from apps.campaigns.models import Campaign, GoldQuestion, Reservation
from apps.core import money
from apps.core.text import Unstorable, check_storable
from apps.kinds import names
from apps.kinds import of as of_kind
from apps.kinds.errors import Bad
from apps.workforce.models import Channel


class BadSpec(ValueError):
    """The file can't become a campaign; `problems` says why, a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Gold:
    """An item by its external id, with the answers that are right."""

    item: str
    answers: list[Any]
    reason: str = ""
    teaching: bool = False


@dataclass(frozen=True)
class Spec:
    """A campaign, as it is written in a file: names instead of ids, amounts in the major unit."""

    name: str
    dataset: str
    kind: str
    settings: dict[str, Any]
    guidelines: str = ""
    show: list[str] = field(default_factory=list)
    language: str = ""
    channel: str = Channel.INTERNAL.value
    purpose: str = Campaign.Purpose.WORK.value
    redundancy: int = 3
    redundancy_max: int | None = None
    target_confidence: float = 0.98
    page_size: int = 5
    price: str = "0"
    pay_tiers: list[dict[str, Any]] = field(default_factory=list)
    currency: str = "USD"
    budget: str = "0"
    lease_seconds: int = 1800
    gold_share: float = 0.1
    early_gold: int = 2
    when_gold_is_used_up: str = Campaign.WhenGoldIsUsedUp.UNSCORED.value
    least_gold_accuracy: float = 0.5
    least_gold_answers: int = 4
    approve_after_seconds: int = 3 * 86400
    grace_seconds: int = 600
    broken_after: int = 2
    most_reported: float = 0.2
    review: str = Campaign.Review.RULE.value
    method: str = Campaign.Method.DAWID_SKENE.value
    groups: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    least_skill: float | None = None
    skill_scope: str = ""
    most_pages: int | None = None
    qualifications: list[str] = field(default_factory=list)
    senses: list[str] = field(default_factory=list)
    content_warning: str = ""
    grants: str = ""
    pass_share: float = 0.8
    pilot_items: int = 0
    pilot_least_gold_accuracy: float | None = None
    pilot_least_agreement: float | None = None
    suggestion_field: str = ""
    suggestion_model: str = ""
    suggested_to: str = Campaign.SuggestedTo.NOBODY.value
    suggestion_withheld: float = 0.2
    label_studio: str = ""
    gold: list[Gold] = field(default_factory=list)
    reserved: dict[str, list[str]] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Return the values of the campaign's own columns, amounts in minor units."""
        own = {name: getattr(self, name) for name in COLUMNS}
        own["pay_tiers"] = tiers.in_minor(self.pay_tiers, self.currency)
        return own | {name: money.to_minor(getattr(self, name), self.currency) for name in AMOUNTS}


AMOUNTS = ("price", "budget")
COLUMNS = tuple(name for name in Spec.__dataclass_fields__ if name not in {"dataset", "guidelines", "gold", "reserved"})
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


def from_yaml(text: str) -> Spec:
    """Read a campaign from YAML; raise `BadSpec` with all that is wrong."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise BadSpec([f"this is not YAML{where}: {getattr(error, 'problem', error)}"]) from error
    return read(raw)


def read(raw: object) -> Spec:
    """Read a campaign from a mapping; raise `BadSpec` with all that is wrong."""
    if not isinstance(raw, Mapping):
        raise BadSpec([f"a campaign is a mapping of fields to values, this is {type(raw).__name__}"])
    problems = [f"{name!r} is not a field of a campaign{_nearest(str(name))}" for name in raw if name not in FIELDS]
    problems += [f"the field {name!r} is missing" for name in ("name", "dataset", "kind") if not raw.get(name)]
    values: dict[str, Any] = {"settings": {}}
    for name, value in raw.items():
        if name in FIELDS:
            values[name] = _as_typed(name, value)
            problems += _wrong(name, values[name])
    if problems:
        raise BadSpec(problems)
    values["gold"] = [_gold(row, problems) for row in values.get("gold", [])]
    problems += _wrong_together(values)
    if problems:
        raise BadSpec(problems)
    kind = of_kind(values["kind"])
    values["settings"] = kind.write_settings(kind.read_settings(values["settings"]))
    return Spec(**_usual_where_doubt_decides(values) | values)


def _usual_where_doubt_decides(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a campaign that asks again has where nothing else is said: fewer answers at first, and less gold.

    Two at first where a single answer is weighed by no confusions, or where agreement has to be told.
    """
    if values.get("redundancy_max") is None:
        return {}
    kind = of_kind(values["kind"])
    weighed = kind.metric == "nominal" and kind.classes(kind.read_settings(values["settings"])) is not None
    alone = weighed and values.get("pilot_least_agreement") is None
    least = Policy().least if alone else 2
    return {"redundancy": min(least, values["redundancy_max"]), "gold_share": CONTROL_SHARE}


def read_some(raw: Mapping[str, Any], *, of: Campaign) -> dict[str, Any]:
    """Read some fields of a draft, which may be unfinished elsewhere; return them as its columns hold them.

    Raises `BadSpec` with all that is wrong with these fields, together with the draft's own kind, currency and gold.
    """
    problems = [f"{name!r} can't be changed by itself" for name in raw if name not in COLUMNS]
    values = {name: _as_typed(name, value) for name, value in raw.items() if name in COLUMNS}
    for name, value in values.items():
        problems += _wrong(name, value)
    if problems:
        raise BadSpec(problems)
    known = written(of)
    whole = known | values
    if "settings" in values:
        whole["gold"] = [_gold(row, problems) for row in known["gold"]]
        problems += _wrong_together(whole)
    else:
        problems += _wrong_beside_the_kind(whole)
    if problems:
        raise BadSpec(problems)
    if "settings" in values:
        kind = of_kind(whole["kind"])
        values["settings"] = kind.write_settings(kind.read_settings(values["settings"]))
    if "currency" in values:
        values |= {name: whole[name] for name in (*AMOUNTS, "pay_tiers")}
    if "pay_tiers" in values:
        values["pay_tiers"] = tiers.in_minor(whole["pay_tiers"], whole["currency"])
    return values | {name: money.to_minor(str(values[name]), whole["currency"]) for name in AMOUNTS if name in values}


def written(campaign: Campaign) -> dict[str, Any]:
    """Return a campaign as the mapping that `read` takes: the inverse of making it."""
    values = {name: getattr(campaign, name) for name in COLUMNS}
    values |= {name: str(money.to_decimal(getattr(campaign, name), campaign.currency)) for name in AMOUNTS}
    values["pay_tiers"] = tiers.in_major(campaign.pay_tiers, campaign.currency)
    values["dataset"] = campaign.dataset.name
    newest = campaign.guidelines.first()
    values["guidelines"] = newest.text if newest else ""
    values["gold"] = [
        {"item": gold.item.external_id, "answers": gold.answers, "reason": gold.reason, "teaching": gold.teaching}
        for gold in GoldQuestion.objects.filter(campaign=campaign).select_related("item")
    ]
    reserved: dict[str, list[str]] = {}
    for row in Reservation.objects.filter(campaign=campaign).select_related("item", "worker"):
        reserved.setdefault(row.item.external_id, []).append(row.worker.external_id)
    values["reserved"] = reserved
    return {name: values[name] for name in FIELDS}


def to_yaml(campaign: Campaign) -> str:
    """Write a campaign as the YAML that makes it again; texts of several lines as one reads them."""
    return yaml.dump(written(campaign), Dumper=_Readable, sort_keys=False, allow_unicode=True, width=100)


class _Readable(yaml.SafeDumper):
    """Writes texts of several lines line by line, where YAML can: not those with spaces before an end."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _text)


FIELDS = tuple(Spec.__dataclass_fields__)


def _is_number(value: object) -> bool:
    # A YAML writer types 0.05; its shortest decimal form is what was typed, so nothing is rounded here.
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _as_typed(name: str, value: object) -> object:
    """Return amounts and external ids as the text that was typed, where YAML took them for numbers."""
    if name in AMOUNTS and _is_number(value):
        return str(value)
    if name == "reserved" and isinstance(value, Mapping):
        return {str(item): workers for item, workers in value.items()}
    return value


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, FIELDS, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _wrong(name: str, value: object) -> list[str]:
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


def _gold(row: object, problems: list[str]) -> Gold:
    if not isinstance(row, Mapping) or not row.get("item") or not isinstance(row.get("answers"), list):
        problems.append(
            f"gold question {row!r} should be a mapping with 'item' (an external id) and 'answers' (a list)"
        )
        return Gold("", [])
    return Gold(str(row["item"]), list(row["answers"]), str(row.get("reason", "")), row.get("teaching") is True)


def _wrong_beside_the_kind(values: Mapping[str, Any]) -> list[str]:
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


def _wrong_together(values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with fields that depend on each other: money, and all that the kind must understand."""
    problems = _wrong_beside_the_kind(values)
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
