"""A campaign as a file: what a requester writes in YAML, read with a sentence for everything that is wrong in it."""

from collections.abc import Mapping
from typing import Any

import yaml

from apps.aggregation.online import CONTROL_SHARE, Policy
from apps.campaigns import tiers
from apps.campaigns.models import Campaign, GoldQuestion, Reservation
from apps.campaigns.spec.fields import as_typed, gold_of, nearest, wrong_by_itself
from apps.campaigns.spec.shape import AMOUNTS, COLUMNS, FIELDS, BadSpec, Gold, Spec
from apps.campaigns.spec.together import wrong_beside_the_kind, wrong_together
from apps.core import money
from apps.kinds import of as of_kind

__all__ = ["BadSpec", "Gold", "Spec", "from_yaml", "read", "read_some", "to_yaml", "written"]


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
    problems = [f"{name!r} is not a field of a campaign{nearest(str(name))}" for name in raw if name not in FIELDS]
    problems += [f"the field {name!r} is missing" for name in ("name", "dataset", "kind") if not raw.get(name)]
    values: dict[str, Any] = {"settings": {}}
    for name, value in raw.items():
        if name in FIELDS:
            values[name] = as_typed(name, value)
            problems += wrong_by_itself(name, values[name])
    if problems:
        raise BadSpec(problems)
    values["gold"] = [gold_of(row, problems) for row in values.get("gold", [])]
    problems += wrong_together(values)
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
    values = {name: as_typed(name, value) for name, value in raw.items() if name in COLUMNS}
    for name, value in values.items():
        problems += wrong_by_itself(name, value)
    if problems:
        raise BadSpec(problems)
    known = written(of)
    whole = known | values
    if "settings" in values:
        whole["gold"] = [gold_of(row, problems) for row in known["gold"]]
        problems += wrong_together(whole)
    else:
        problems += wrong_beside_the_kind(whole)
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
