"""Rows as people read them: states as pills, amounts with their currency, items and answers of any kind."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Choices
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.campaigns.models import Campaign
from apps.core import markdown, money
from apps.datasets.models import Dataset, Item
from apps.files.addresses import addresses_for
from apps.kinds import of, rendering
from apps.kinds.errors import Bad
from apps.kinds.viewer import Part, parts
from apps.workforce.models import Worker

GOOD = {"running", "done", "approved", "approve", "sent", "completed", "closed"}
BAD = {"failed", "rejected", "reject"}
LOOKED_AT = 20  # items, to know their fields
UNDER_WAY = {"launching", "waiting", "sending", "stopping", "paused", "submitted", "planned"}


def pill(state: Choices) -> SafeString:
    """Return a state as a coloured word."""
    tone = next((tone for tone, names in TONES.items() if state.value in names), "")
    return format_html('<span class="console-pill {}">{}</span>', tone, state.label)


TONES = {"good": GOOD, "bad": BAD, "warning": UNDER_WAY}


def amount(minor: int, currency: str) -> SafeString:
    """Return an amount, its digits in columns."""
    return format_html('<span class="console-amount">{}</span>', money.show(minor, currency))


def link(address: str, text: str) -> SafeString:
    return format_html('<a class="console-link" href="{}">{}</a>', address, text)


def who(worker: Worker) -> str:
    """Return a worker's name, with the channel's own for them where that says more."""
    name = str(worker)
    return name if name == worker.external_id else f"{name} ({worker.external_id})"


def prose(text: str) -> SafeString:
    """Return Markdown as HTML below a page's headings."""
    return format_html('<div class="console-prose">{}</div>', markdown.render(text, below=3))


class Shower:
    """Shows items of one dataset; one query for the addresses of all their media."""

    def __init__(self, dataset_id: UUID, data: Iterable[Mapping[str, Any]]) -> None:
        self.addresses = addresses_for(dataset_id, data)

    def parts(self, data: Mapping[str, Any], *, without: Collection[str] = ()) -> list[Part]:
        return parts(data, lambda name: self.addresses.get(name, ""), without=without)

    def item(self, data: Mapping[str, Any], *, without: Collection[str] = ()) -> SafeString:
        return rendering.item(self.parts(data, without=without))


def field_names(dataset: Dataset) -> list[str]:
    """Return the names of the fields that a dataset's first items have, in their order."""
    first = Item.objects.filter(dataset=dataset).order_by("pk").values_list("data", flat=True)[:LOOKED_AT]
    return list(dict.fromkeys(name for data in first for name in data))


def answer(raw: Any, campaign: Campaign) -> str:
    """Return an answer as text, by the columns its kind exports; as it is where the settings no longer fit it."""
    kind = of(campaign.kind)
    try:
        settings = kind.read_settings(campaign.settings)
        flat = kind.export(kind.read(raw, settings), settings)
    except Bad:
        return json.dumps(raw, ensure_ascii=False)
    if len(flat) == 1:
        return str(next(iter(flat.values())))
    return ", ".join(f"{name}: {value}" for name, value in flat.items())


def score(raw: Any, known: Iterable[Any], campaign: Campaign) -> float:
    """Return how right an answer is by the accepted ones, as its kind means it; 0 where the settings fit none."""
    kind = of(campaign.kind)
    try:
        settings = kind.read_settings(campaign.settings)
        return kind.score(kind.read(raw, settings), [kind.read(one, settings) for one in known], settings)
    except Bad:
        return 0.0


def is_same(raw: Any, other: Any, campaign: Campaign) -> bool:
    """Return whether two answers are one to their kind, in whatever letters and order they were given."""
    kind = of(campaign.kind)
    try:
        settings = kind.read_settings(campaign.settings)
        return kind.distance(kind.read(raw, settings), kind.read(other, settings), settings) == 0
    except Bad:
        return bool(raw == other)
