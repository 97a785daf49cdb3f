"""How accurate the labels are, judged by an expert on a random sample: which tasks to draw, and what they tell.

    Wilson           (p̂ + z² / 2n ± z √(p̂ (1 - p̂) / n + z² / 4n²)) / (1 + z² / n)              shortest in use
    Clopper-Pearson  Beta quantiles; never covers less than it says                               guaranteed
    stratified       from Σ W_h p̂_h down √(Σ W_h² f_h (p̂_h - l_h)²) and up √(Σ W_h² f_h (u_h - p̂_h)²)
                     W_h: share of tasks in band h of confidence; l_h, u_h: Clopper and Pearson's in the band, so that
                     one band has theirs; f_h = 1 - n_h / N_h, the share of its tasks that was not audited

Audits must be drawn at random, and never among tasks whose label was given to the model.

Wilson: Probable inference, the law of succession, and statistical inference. JASA 22, 1927.
Clopper, Pearson: The use of confidence or fiducial limits illustrated in the case of the binomial. Biometrika 26, 1934.
Zou, Donner: Construction of confidence limits about effect measures. Statistics in Medicine 27, 2008 (square roots).
Cochran: Sampling techniques, 3rd edition, 1977, chapter 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from .arrays import Floats, Ints

BAND = 8  # audits that a band of confidence needs at least


@dataclass(frozen=True)
class Share:
    """An estimated share with its interval."""

    value: float
    low: float
    high: float


def wilson(right: int, audits: int, level: float = 0.95) -> Share:
    """Return a share with Wilson's interval.

    >>> found = wilson(93, 100)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.93, 0.863, 0.966)
    """
    if audits == 0:
        return Share(np.nan, 0.0, 1.0)
    z = float(scipy.special.ndtri((1 + level) / 2))
    value = right / audits
    middle = value + z * z / (2 * audits)
    half = z * np.sqrt(value * (1 - value) / audits + z * z / (4 * audits * audits))
    scale = 1 + z * z / audits
    return Share(value, max(0.0, float(middle - half) / scale), min(1.0, float(middle + half) / scale))


def clopper_pearson(right: int, audits: int, level: float = 0.95) -> Share:
    """Return a share with Clopper and Pearson's interval.

    >>> clopper_pearson(10, 10).high
    1.0
    """
    if audits == 0:
        return Share(np.nan, 0.0, 1.0)
    tail = (1 - level) / 2
    low = float(scipy.special.betaincinv(right, audits - right + 1, tail)) if right else 0.0
    high = float(scipy.special.betaincinv(right + 1, audits - right, 1 - tail)) if right < audits else 1.0
    return Share(right / audits, low, high)


def stratified(right: Sequence[int], audits: Sequence[int], tasks: Sequence[int], level: float = 0.95) -> Share:
    """Return the accuracy over all tasks from audits in bands of confidence.

    Where a band has tasks but no audit, all audits are pooled. That is right only if they were drawn in proportion.

    >>> round(stratified([40, 30], [40, 40], [900, 100]).value, 6)
    0.975
    >>> round(stratified([47], [50], [10**9]).low, 6) == round(clopper_pearson(47, 50).low, 6)
    True
    """
    hits, drawn, size = (np.asarray(column, dtype=np.int64) for column in (right, audits, tasks))
    held = size > 0
    hits, drawn, size = hits[held], drawn[held], size[held]
    if not len(size) or (drawn == 0).any():
        return clopper_pearson(int(hits.sum()), int(drawn.sum()), level)
    ends = [clopper_pearson(int(one), int(of), level) for one, of in zip(hits, drawn, strict=True)]
    share = hits / drawn
    below, above = share - [end.low for end in ends], np.array([end.high for end in ends]) - share
    weight = size / size.sum() * np.sqrt(np.clip(1 - drawn / size, 0, 1))  # a band audited to the last task is known
    value = float((size / size.sum() * share).sum())
    low, high = value - float(np.hypot.reduce(weight * below)), value + float(np.hypot.reduce(weight * above))
    return Share(value, max(0.0, low), min(1.0, high))


def bands(confidence: Floats, count: int = 3) -> Ints:
    """Return each task's band, by terciles of confidence (or as many as `count`); equal confidences stay together."""
    edges = np.quantile(confidence, np.arange(1, count) / count) if len(confidence) else np.zeros(0)
    found: Ints = np.searchsorted(edges, confidence, side="left")
    return found


def allocate(confidence: Floats, band: Ints, audits: int) -> Ints:
    """Return how many audits each band gets: in proportion to its tasks × predicted spread, 8 at least (Neyman).

    Of fewer than 8 a band each has its part.

    >>> allocate(np.array([0.99] * 500 + [0.6] * 100), np.array([0] * 500 + [1] * 100), 60).tolist()
    [31, 29]
    """
    count = int(band.max(initial=0)) + 1
    size = np.bincount(band, minlength=count)
    mean = np.bincount(band, confidence, minlength=count) / np.maximum(size, 1)
    want = size * np.sqrt(np.clip(mean * (1 - mean), 0.01, None))
    floor = np.minimum(min(BAND, audits // count), size)
    rest = max(audits - int(floor.sum()), 0)
    given = np.minimum(floor + np.floor(rest * want / max(want.sum(), 1e-300)).astype(np.int64), size)
    for index in np.argsort(-want, kind="stable"):  # what rounding and full bands left over
        more = min(audits - int(given.sum()), int(size[index] - given[index]))
        given[index] += max(more, 0)
    return np.asarray(given)


def draw(band: Ints, allocation: Ints, rng: np.random.Generator) -> Ints:
    """Return task numbers to audit, drawn at random within each band."""
    picked = []
    for index, number in enumerate(allocation):
        rows = np.flatnonzero(band == index)
        picked.append(rng.choice(rows, size=min(int(number), len(rows)), replace=False))
    return np.sort(np.concatenate(picked)) if picked else np.zeros(0, dtype=np.int64)
