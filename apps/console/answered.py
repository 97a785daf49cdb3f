"""What is on a page that was handed in, each answer beside gold, label and what others say."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.safestring import SafeString

from apps.campaigns.models import Campaign
from apps.campaigns.suggestions import Suggestions
from apps.console.showing import Shower, answer, score
from apps.quality.audits import HOLDS
from apps.quality.lessons import RIGHT
from apps.quality.models import Adjudication, Consensus
from apps.work.models import Assignment, Judgment, Place
from apps.work.queries import shown
from apps.work.suggested import is_seen


@dataclass(frozen=True)
class Answered:
    """One place of the page; `known` are the right answers where it asked gold, `score` how right it is by them.

    `label` is what became the item's label, "" for none yet; `settled` who said so, "" where it was combined; `others`
    what other workers answered, and how often. `suggestion` is what a model says, "" where nobody is to see that;
    `same` whether it says the same as the answer, and `seen` whether the worker had it before them.
    """

    position: int
    task: int
    item: SafeString
    state: str
    answer: str
    known: list[str]
    score: float
    label: str
    others: list[tuple[str, int]]
    note: str
    settled: str
    suggestion: str
    same: bool
    seen: bool

    @property
    def right(self) -> bool:
        return self.score >= HOLDS

    @property
    def partly(self) -> str:
        """How much of it is right, where that is a part, as the kind knows degrees; "" where it was missed."""
        return f"{self.score:.0%}" if RIGHT <= self.score < HOLDS else ""


def answers(page: Assignment) -> list[Answered]:
    """Return what is on a page with what was answered, and what others made of the same items; eight queries."""
    campaign = page.campaign
    places = list(page.places.select_related("task__item", "judgment").order_by("position"))
    tasks = [place.task_id for place in places]
    known = dict(
        campaign.gold.filter(item__in=[place.task.item_id for place in places]).values_list("item_id", "answers")
    )
    labels = dict(Consensus.objects.filter(task__in=tasks).values_list("task", "answer"))
    said = Adjudication.objects.filter(task__in=tasks).select_related("by")
    settled = {one.task_id: str(one.by) for one in said}
    others = _others(page, tasks)
    seen = [shown(place.task.item.data, campaign) for place in places]
    shower = Shower(campaign.dataset_id, seen)
    reader = Suggestions.held_by(campaign)  # also where nobody sees them by now: of who was asked with one it tells
    sees = campaign.suggested_to != Campaign.SuggestedTo.NOBODY
    suggested = [
        reader.usable(place.task.item.data) if reader and (sees or place.withheld is not None) else None
        for place in places
    ]
    rights = [known.get(place.task.item_id, []) if place.task.gold else [] for place in places]
    return [
        Answered(
            place.position,
            place.task_id,
            shower.item(data),
            place.get_state_display(),
            answer(place.judgment.answer, campaign) if hasattr(place, "judgment") else "",
            known=[answer(one, campaign) for one in right],
            score=score(place.judgment.answer, right, campaign) if hasattr(place, "judgment") else 0.0,
            label=answer(labels[place.task_id], campaign) if place.task_id in labels else "",
            others=others.get(place.task_id, []),
            note=place.note,
            settled=settled.get(place.task_id, ""),
            suggestion=in_words(raw, campaign),
            same=_is_same(place, raw, reader),
            seen=raw is not None and is_seen(place.token, withheld=place.withheld),
        )
        for place, data, raw, right in zip(places, seen, suggested, rights, strict=True)
    ]


def in_words(suggested: Any | None, campaign: Campaign) -> str:
    """Return what a model suggests as people read it; "" for nothing."""
    return "" if suggested is None else answer(suggested, campaign)


def _is_same(place: Place, suggested: Any | None, reader: Suggestions | None) -> bool:
    if reader is None or suggested is None or not hasattr(place, "judgment"):
        return False
    return reader.is_same(place.judgment.answer, suggested)


def _others(page: Assignment, tasks: list[int]) -> dict[int, list[tuple[str, int]]]:
    """Return by task how often other workers gave which answer."""
    rows = (
        Judgment.objects.filter(task__in=tasks, counted=True)
        .exclude(worker=page.worker_id)
        .values_list("task", "answer")
        .annotate(n=Count("pk"))
        .order_by("task", "-n", "answer")
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for task, given, n in rows:
        found.setdefault(task, []).append((answer(given, page.campaign), n))
    return found
