"""A campaign's labels and answers against what is known to be true."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count

from apps.campaigns.models import Campaign
from apps.kinds import of as kind_of
from apps.quality.models import Consensus
from apps.reports.intervals import Share, wilson
from apps.work.models import Judgment

Truth = Mapping[str, Any]  # raw answers by the items' external ids


@dataclass(frozen=True)
class Compared:
    """One answer beside the truth: `score` in [0, 1] is how right it is, `count` how often it was given."""

    item: str
    answer: Any
    truth: Any
    score: float
    confidence: float = 1.0
    count: int = 1


def labels_against(campaign: Campaign, truth: Truth) -> Iterator[Compared]:
    """Yield the campaign's labels of items whose truth is known, in the order of tasks.

    Gold is not among them: the model was told its answers, so they say nothing about it. Raises `BadAnswer` for a truth
    that is no answer to the campaign's question.
    """
    score = _scorer(campaign, truth)
    rows = Consensus.objects.filter(campaign=campaign, task__gold=False).order_by("task")
    for item, answer, confidence in rows.values_list("task__item__external_id", "answer", "confidence").iterator():
        if item in truth:
            yield Compared(item, answer, truth[item], score(item, answer), confidence)


def answers_against(campaign: Campaign, truth: Truth) -> Iterator[Compared]:
    """Yield what workers answered where the truth is known, equal answers to an item counted together; no gold."""
    score = _scorer(campaign, truth)
    rows = (
        Judgment.objects.filter(campaign=campaign, counted=True, task__gold=False)
        .values_list("task__item__external_id", "answer")
        .annotate(count=Count("pk"))
        .order_by("task", "answer")
    )
    for item, answer, count in rows.iterator():
        if item in truth:
            yield Compared(item, answer, truth[item], score(item, answer), count=count)


def share_right(compared: Iterable[Compared]) -> Share | None:
    """Return how much of what was compared is right; None of nothing."""
    right, total = 0.0, 0
    for one in compared:
        right += one.score * one.count
        total += one.count
    return wilson(right, total)


def _scorer(campaign: Campaign, truth: Truth) -> Callable[[str, Any], float]:
    kind = kind_of(campaign.kind)
    settings = kind.read_settings(campaign.settings)

    @lru_cache(4096)
    def known(item: str) -> Any:
        return kind.read(truth[item], settings)

    return lambda item, answer: kind.score(kind.read(answer, settings), [known(item)], settings)
