"""How far a campaign's workers agree on its ordinary items. PostgreSQL counts who said the same; the rest are sums.

Gold is left out: the whole crowd answers it, so it would outweigh the items that labels are for. So are answers that
were asked for because others differ: items that look easy after two answers would have no third one to differ.
"""

import math
from typing import Any

import numpy as np
import scipy

from apps.aggregation import online
from apps.aggregation.agreement import Coefficient, alpha, gwet, percent
from apps.aggregation.agreement.units import Units
from apps.aggregation.arrays import Floats
from apps.campaigns.models import Campaign
from apps.work import votes

AGREEMENT = (
    "percent_agreement", "percent_low", "percent_high", "alpha", "alpha_low", "alpha_high", "gwet", "gwet_low",
    "gwet_high",
)  # fmt: skip
FULL_EVERY = round(1 / online.FULL_SHARE)  # of the tasks' random order, one in so many is judged to the full
UNKNOWN = Coefficient(math.nan, math.nan, math.nan, 0)


def measure(campaign: Campaign, kind: Any, settings: Any) -> dict[str, float | None]:
    """Return each of AGREEMENT, None where the answers do not determine it.

    Percent agreement and Krippendorff's alpha by the kind's metric; Gwet's AC1, which one frequent answer does not
    collapse, where answers can be listed and have no order. Each with a 95 % interval over items.
    """
    found, values = _units(campaign, kind, settings)
    if not len(found.votes):
        return dict.fromkeys(AGREEMENT)
    nominal = kind.metric == "nominal"
    every = (
        percent(found),
        alpha(found, kind.metric, None if nominal else values),
        gwet(found) if nominal and kind.classes(settings) is not None else UNKNOWN,
    )
    numbers = [number for one in every for number in (one.value, one.low, one.high)]
    return {name: number if math.isfinite(number) else None for name, number in zip(AGREEMENT, numbers, strict=True)}


def _units(campaign: Campaign, kind: Any, settings: Any) -> tuple[Units, Floats]:
    """Return the counts of answers by item, and what each of their columns is worth."""
    column: dict[str, int] = {}
    answers: list[Any] = [*(kind.classes(settings) or ())]  # an answer that nobody gave is one that chance might
    column |= {repr(kind.write(answer)): n for n, answer in enumerate(answers)}
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    repeats: list[int] = []
    for pattern, items in votes.patterns(campaign, full_every=FULL_EVERY):
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
    return Units(table, np.asarray(table.sum(axis=1)).ravel(), np.array(repeats, dtype=float)), values
