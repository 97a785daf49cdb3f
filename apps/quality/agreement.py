"""How far a campaign's workers agree on its ordinary items. PostgreSQL counts who said the same; the rest are sums.

Gold is left out: the whole crowd answers it, so it would outweigh the items that labels are for. So are answers that
were asked for because others differ: items that look easy after two answers would have no third one to differ.
"""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import scipy

from apps.aggregation import online
from apps.aggregation.agreement import Coefficient, alpha, alpha_by_distance, gwet, percent
from apps.aggregation.agreement.units import Units
from apps.aggregation.answers import Answers
from apps.aggregation.arrays import Floats
from apps.campaigns.models import Campaign
from apps.work import votes

AGREEMENT = (
    "percent_agreement", "percent_low", "percent_high", "alpha", "alpha_low", "alpha_high", "gwet", "gwet_low",
    "gwet_high",
)  # fmt: skip
FULL_EVERY = round(1 / online.FULL_SHARE)  # of the tasks' random order, one in so many is judged to the full
SIDES = ("left", "right")  # the first classes of a kind that compares: which one an item is shown on says nothing
UNKNOWN = Coefficient(math.nan, math.nan, math.nan, 0)
ITEMS, PAIRS = 1_000, 5_000  # that distances are measured of: of long texts each takes a millisecond or more

Pattern = tuple[list[tuple[Any, int]], int]  # answers beside the number of those who gave each; items that got them


def measure(campaign: Campaign, kind: Any, settings: Any) -> dict[str, float | None]:
    """Return each of AGREEMENT, None where the answers do not determine it.

    Percent agreement and Krippendorff's alpha by the kind's metric, or by its distance where answers without an order
    cannot be listed, as texts and sets of options: there what is nearly the same nearly agrees. Gwet's AC1, which one
    frequent answer does not collapse, where they can be. Each with a 95 % interval over items.
    """
    patterns = list(votes.patterns(campaign, full_every=FULL_EVERY))
    found, values = _units(patterns, kind, settings)
    if not len(found.votes):
        return dict.fromkeys(AGREEMENT)
    nominal = kind.metric == "nominal"
    listed = kind.classes(settings) is not None
    every = (
        percent(found),
        alpha(found, kind.metric, None if nominal else values)
        if listed or not nominal
        else _by_distance(patterns, kind, settings),
        gwet(found) if nominal and listed else UNKNOWN,
    )
    numbers = [number for one in every for number in (one.value, one.low, one.high)]
    return {name: number if math.isfinite(number) else None for name, number in zip(AGREEMENT, numbers, strict=True)}


def _by_distance(patterns: Sequence[Pattern], kind: Any, settings: Any) -> Coefficient:
    """Return alpha by the kind's distance, of ITEMS items drawn at random where more have several answers."""
    several = sorted((one for one in patterns if sum(times for _, times in one[0]) > 1), key=json.dumps)
    of = np.repeat(np.arange(len(several)), [items for _, items in several])
    if len(of) > ITEMS:
        of = np.sort(np.random.default_rng(0).choice(of, ITEMS, replace=False))
    given = [[json.dumps(answer) for answer, times in several[n][0] for _ in range(times)] for n in of]
    size = [len(answers) for answers in given]
    read = lru_cache(None)(lambda written: kind.read(json.loads(written), settings))

    @lru_cache(None)
    def apart(one: str, other: str) -> float:
        return float(kind.distance(read(one), read(other), settings))

    said = [answer for answers in given for answer in answers]
    place = np.concatenate([np.arange(votes) for votes in size]) if size else np.zeros(0, dtype=int)
    answers = Answers(np.repeat(np.arange(len(size)), size), place, said, len(size), max(size, default=0))
    return alpha_by_distance(answers, lambda x, y: apart(min(x, y), max(x, y)), most=PAIRS)


def _units(patterns: Sequence[Pattern], kind: Any, settings: Any) -> tuple[Units, Floats]:
    """Return the counts of answers by item, and what each of their columns is worth."""
    column: dict[str, int] = {}
    answers: list[Any] = [*(kind.classes(settings) or ())]  # an answer that nobody gave is one that chance might
    column |= {repr(kind.write(answer)): n for n, answer in enumerate(answers)}
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    repeats: list[int] = []
    for pattern, items in patterns:
        for written, times in pattern:
            answer = kind.read(written, settings)
            at = column.setdefault(repr(kind.write(answer)), len(answers))
            if at == len(answers):
                answers.append(answer)
            rows.append(len(repeats))
            columns.append(at)
            counts.append(times)
        repeats.append(items)
    values, label = np.unique(kind.codes(answers, settings), return_inverse=True)
    shape = (len(repeats), len(values))
    places = (np.array(rows, dtype=int), label[np.array(columns, dtype=int)])
    table = scipy.sparse.csr_matrix((np.array(counts, dtype=float), places), shape=shape)  # sums what is alike
    alike = len(SIDES) if kind.compared(settings) else 0
    return Units(table, np.asarray(table.sum(axis=1)).ravel(), np.array(repeats, dtype=float), alike), values
