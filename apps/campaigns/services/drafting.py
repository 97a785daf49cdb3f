"""Making a draft step by step: it is a row from the first step on, so that it can be left and taken up by anybody."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.campaigns.models import Campaign
from apps.campaigns.services.making import NotADraft, publish_guidelines
from apps.campaigns.spec import BadSpec, read_some
from apps.datasets import holding
from apps.datasets.models import Dataset
from apps.kinds import names
from apps.ledger import queries as ledger
from apps.members.models import User


@transaction.atomic
def begin(dataset: Dataset, *, name: str, kind: str, by: User | None = None) -> Campaign:
    """Create a draft that asks nothing yet: its settings are still to be given. Raise `BadSpec`, and create nothing."""
    problems = [] if kind in names() else [f"kind is {kind!r}, it should be one of {names()}"]
    problems += _wrong_name(name, dataset)
    if not holding.held(dataset.pk):
        problems.append(f"dataset: {holding.gone(dataset)}")
    if problems:
        raise BadSpec(problems)
    of = dataset.organization
    currency = ledger.usual_currency([of])
    return Campaign.objects.create(
        organization=of, dataset=dataset, name=name, kind=kind, currency=currency, created_by=by
    )


@transaction.atomic
def amend(campaign: Campaign, *, values: Mapping[str, Any], by: User | None = None) -> Campaign:
    """Change some fields of a draft, given as a campaign's file has them; the others may be unfinished.

    Guidelines are published as a version of their own. Raises `NotADraft` once it is launched, and `BadSpec` with all
    that is wrong. Run twice, it changes once.
    """
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # a launch waits, or was first
    if locked.state != Campaign.State.DRAFT:
        raise NotADraft(
            f"campaign {campaign} was launched: what it asks can't be changed, clone it instead",
            field="campaign.state", found=locked.state, wanted=Campaign.State.DRAFT,
        )  # fmt: skip
    given = dict(values)
    guidelines = given.pop("guidelines", "")
    columns = read_some(given, of=locked)
    if problems := _wrong_name(columns.get("name", locked.name), locked.dataset, besides=locked):
        raise BadSpec(problems)
    columns |= _settings_of_another_kind(columns, locked)
    if _asks_otherwise(locked, columns, guidelines):
        columns["seconds_tried"] = None
    if columns:
        Campaign.objects.filter(pk=campaign.pk).update(**columns)
    if guidelines.strip():
        publish_guidelines(campaign, text=guidelines, by=by)
    campaign.refresh_from_db()
    return campaign


def note_trial(campaign: Campaign, *, seconds: float) -> None:
    """Keep how long a question took who tried the campaign out: what an hour pays is told from it."""
    Campaign.objects.filter(pk=campaign.pk).update(seconds_tried=max(seconds, 0.1))
    campaign.refresh_from_db(fields=["seconds_tried"])


def _asks_otherwise(campaign: Campaign, columns: Mapping[str, Any], guidelines: str) -> bool:
    """Return whether a question is another one by these changes: how long the old one took says nothing of it."""
    if any(columns[name] != getattr(campaign, name) for name in ("kind", "settings", "show") if name in columns):
        return True
    newest = campaign.guidelines.order_by("-version").first()
    return bool(guidelines.strip()) and (newest is None or newest.text != guidelines)


def _settings_of_another_kind(columns: Mapping[str, Any], campaign: Campaign) -> dict[str, Any]:
    """Return empty settings where the kind changes without any: those of one kind say nothing to another."""
    kind = columns.get("kind", campaign.kind)
    if kind == campaign.kind or "settings" in columns:
        return {}
    if kind not in names():
        raise BadSpec([f"kind is {kind!r}, it should be one of {names()}"])
    if campaign.gold.exists():
        raise BadSpec([f"kind can't be changed: gold questions of {campaign} have answers of {campaign.kind}"])
    return {"settings": {}}


def _wrong_name(name: str, dataset: Dataset, *, besides: Campaign | None = None) -> list[str]:
    if not name.strip():
        return ["name is empty, it should be text"]
    same = Campaign.objects.filter(organization=dataset.organization_id, name=name)
    taken = same.exclude(pk=besides.pk) if besides else same
    return [f"name: {dataset.organization} has a campaign named {name!r} already"] if taken.exists() else []
