"""Labels and single answers against the truth, or against each other where no truth is known."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from apps.campaigns.models import Campaign
from apps.reports.charts import Bin, Matrix
from apps.reports.intervals import Share, wilson
from apps.reports.portrait.answers import Answers, named
from apps.reports.truth import Compared, Truth, answers_against, labels_against
from apps.work.models import Judgment

BINS = 10
MOST_WRONG = 6


@dataclass(frozen=True)
class Against:
    """`labels` and `answers` are right so often; `gap` is the mean distance of confidence from accuracy over `bins`."""

    labels: Share | None
    answers: Share | None
    bins: Sequence[Bin]
    gap: float
    confidence: float
    wrong: Sequence[Compared]
    matrix: Matrix | None
    single: Matrix | None


@dataclass
class _Heap:
    """Labels of about the same confidence while they are counted."""

    right: float = 0.0
    total: int = 0
    confidence: float = 0.0


@dataclass
class _Tally:
    """Counts what passes."""

    answers: Answers
    counts: list[list[int]] = field(init=False)
    right: float = 0.0
    total: int = 0

    def __post_init__(self) -> None:
        self.counts = self.answers.blank()
        self._index = self.answers.index()

    def add(self, one: Compared) -> None:
        self.right += one.score * one.count
        self.total += one.count
        row, column = self._index.get(named(one.truth)), self._index.get(named(one.answer))
        if row is not None and column is not None:
            self.counts[row][column] += one.count

    def matrix(self, columns: str) -> Matrix | None:
        return Matrix(self.answers.classes, self.counts, "truth", columns) if self.counts and self.total else None


def against(campaign: Campaign, answers: Answers, truth: Truth) -> Against:
    """Compare with the truth in two passes: over the labels, and over the single answers."""
    heaps = [_Heap() for _ in range(BINS)]
    wrong: list[tuple[float, int, Compared]] = []
    labels, single = _Tally(answers), _Tally(answers)
    for n, one in enumerate(labels_against(campaign, truth)):
        labels.add(one)
        heap = heaps[min(BINS - 1, int(one.confidence * BINS + 1e-9))]
        heap.right += one.score
        heap.total += 1
        heap.confidence += one.confidence
        if one.score < 0.5 <= one.confidence:
            heapq.heappush(wrong, (one.confidence, -n, one))
            if len(wrong) > MOST_WRONG:
                heapq.heappop(wrong)
    for one in answers_against(campaign, truth):
        single.add(one)
    bins = [
        Bin(heap.confidence / heap.total, share)
        for heap in heaps
        if (share := wilson(heap.right, heap.total)) is not None
    ]
    total = labels.total or 1
    return Against(
        labels=wilson(labels.right, labels.total),
        answers=wilson(single.right, single.total),
        bins=bins,
        gap=sum(abs(bin_.confidence - bin_.right.share) * bin_.right.total for bin_ in bins) / total,
        confidence=sum(heap.confidence for heap in heaps) / total,
        wrong=[one for _, _, one in sorted(wrong, key=lambda entry: entry[:2], reverse=True)],
        matrix=labels.matrix("label"),
        single=single.matrix("single answers"),
    )


def answers_by_label(campaign: Campaign, answers: Answers) -> Matrix | None:
    """Return what workers answered where the label is what; None where classes can't be listed."""
    counts, index = answers.blank(), answers.index()
    rows = (
        Judgment.objects.filter(campaign=campaign, counted=True, task__consensus__isnull=False)
        .values_list("task__consensus__answer", "answer")
        .annotate(n=Count("pk"))
        .order_by()
    )
    if not counts:
        return None
    for label, answer, n in rows:
        row, column = index.get(named(label)), index.get(named(answer))
        if row is not None and column is not None:
            counts[row][column] += n
    return Matrix(answers.classes, counts, "label", "single answers") if any(map(any, counts)) else None
