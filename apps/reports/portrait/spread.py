"""How a campaign's labels and answers are spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, Value
from django.db.models.functions import Floor, Least

from apps.campaigns.models import Campaign
from apps.quality.models import Consensus
from apps.reports.portrait.answers import Answers, named
from apps.work.models import Judgment, Task

BINS = 20
MOST_LABELS = 12
MOMENTS = 60


@dataclass(frozen=True)
class Growth:
    """How many answers there were at MOMENTS equal steps between the first and the last."""

    totals: Sequence[int]
    first: datetime
    last: datetime


def votes_per_item(campaign: Campaign) -> list[tuple[str, int]]:
    """Return how many items got how many answers."""
    rows = Task.objects.filter(campaign=campaign, gold=False).values_list("judged").annotate(n=Count("pk"))
    return [(str(votes), n) for votes, n in rows.order_by("judged")]


def confidences(campaign: Campaign) -> list[tuple[str, int]]:
    """Return how many labels are of which confidence, in twentieths, from the first that occurs."""
    binned = Consensus.objects.filter(campaign=campaign).annotate(
        bin=Least(Floor(F("confidence") * BINS + 1e-9), Value(BINS - 1.0))
    )
    counts = {int(bin_): n for bin_, n in binned.values_list("bin").annotate(n=Count("pk")).order_by()}
    return [(f"{n * 100 // BINS}%", counts.get(n, 0)) for n in range(min(counts, default=BINS), BINS)]


def labels(campaign: Campaign, answers: Answers) -> list[tuple[str, int]]:
    """Return how often each class is the label, or the commonest labels where classes can't be listed."""
    rows = Consensus.objects.filter(campaign=campaign).values_list("answer").annotate(n=Count("pk"))
    if answers.classes:
        counts = {named(answer): n for answer, n in rows.order_by()}
        return [(name, counts.get(name, 0)) for name in answers.classes]
    common = [(named(answer), n) for answer, n in rows.order_by("-n", "answer")[:MOST_LABELS]]
    return common if common and common[0][1] > 1 else []  # all labels differ: nothing to count


def growth(campaign: Campaign) -> Growth | None:
    """Return how the answers came in; None for fewer than two moments."""
    rows = Judgment.objects.filter(campaign=campaign, task__gold=False)
    ends = rows.aggregate(first=Min("created_at"), last=Max("created_at"))
    if not ends["first"] or ends["first"] == ends["last"]:
        return None
    step = (ends["last"] - ends["first"]) / (MOMENTS - 1)
    counts = [0] * MOMENTS
    for at, n in rows.values_list("created_at").annotate(n=Count("pk")).order_by().iterator():
        counts[min(MOMENTS - 1, -(-(at - ends["first"]) // max(step, timedelta(microseconds=1))))] += n
    totals, total = [], 0
    for n in counts:
        total += n
        totals.append(total)
    return Growth(totals, ends["first"], ends["last"])
