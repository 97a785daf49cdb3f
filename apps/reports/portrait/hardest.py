"""Items to look at: those the crowd was least sure of, and those where it was sure and wrong."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Count

from apps.campaigns.models import Campaign
from apps.datasets import queries as datasets
from apps.kinds import viewer
from apps.quality.models import Consensus
from apps.reports.portrait.answers import named
from apps.reports.truth import Compared, Truth
from apps.work import queries as work
from apps.work.models import Judgment

MOST = 8
LARGEST_PICTURE = 64 * 1024  # the page carries its pictures
LONGEST_TEXT = 160


@dataclass(frozen=True)
class Shown:
    """One item with its label; `votes` are its answers by how often they were given, `picture` a data address or ''."""

    item: str
    text: str
    picture: str
    label: str
    confidence: float
    votes: Sequence[tuple[str, int]]
    truth: str | None

    @property
    def sure(self) -> str:
        return f"{self.confidence:.1%}"


def hardest(campaign: Campaign, truth: Truth) -> list[Shown]:
    """Return the items whose labels are least sure."""
    labels = Consensus.objects.filter(campaign=campaign).order_by("confidence", "task")
    return _shown(campaign, labels.select_related("task__item")[:MOST], truth)


def sure_and_wrong(campaign: Campaign, wrong: Sequence[Compared], truth: Truth) -> list[Shown]:
    """Return the items of these comparisons, in their order."""
    labels = Consensus.objects.filter(
        campaign=campaign, task__item__external_id__in=[one.item for one in wrong]
    ).select_related("task__item")
    found = {shown.item: shown for shown in _shown(campaign, labels, truth)}
    return [found[one.item] for one in wrong]


def _shown(campaign: Campaign, labels: Iterable[Consensus], truth: Truth) -> list[Shown]:
    labels = list(labels)
    votes = _votes(label.task_id for label in labels)
    return [
        Shown(
            item=label.task.item.external_id,
            label=named(label.answer),
            confidence=label.confidence,
            votes=votes.get(label.task_id, []),
            truth=named(truth[label.task.item.external_id]) if label.task.item.external_id in truth else None,
            **_content(campaign, label.task.item.data),
        )
        for label in labels
    ]


def _votes(tasks: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    rows = (
        Judgment.objects.filter(task__in=list(tasks), counted=True)
        .values_list("task", "answer")
        .annotate(n=Count("pk"))
        .order_by("task", "-n", "answer")
    )
    votes: dict[int, list[tuple[str, int]]] = {}
    for task, answer, n in rows:
        votes.setdefault(task, []).append((named(answer), n))
    return votes


def _content(campaign: Campaign, data: Mapping[str, Any]) -> dict[str, str]:
    """Return the item's first picture, and its text."""
    data = work.shown(data, campaign)
    pictures = _pictures(campaign, data)
    parts = viewer.parts(data, lambda name: pictures.get(name, ""))
    texts = [part.text for part in parts if part.text]
    picture = next((part.url for part in parts if part.type == "image" and part.url), "")
    text = " · ".join(texts) or ", ".join(viewer.media_names(data))
    return {"picture": picture, "text": text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"}


def _pictures(campaign: Campaign, data: Mapping[str, Any]) -> dict[str, str]:
    """Return small pictures of an item as data addresses, by name."""
    found = datasets.media_of(campaign.dataset_id, viewer.media_names(data))
    small = {
        name: media
        for name, media in found.items()
        if media.content_type.startswith("image/") and media.size <= LARGEST_PICTURE
    }
    return {name: _address(media.content_type, media.storage_name) for name, media in small.items()}


def _address(content_type: str, stored: str) -> str:
    if not default_storage.exists(stored):
        return ""
    with default_storage.open(stored) as file:
        return f"data:{content_type};base64,{base64.b64encode(file.read()).decode()}"
