"""Text by vote: align all transcriptions word by word, then let every word be voted on.

    v[s, x] = Σ of w[i] over texts i that have x in slot s                       x: a word, or silence;  W = Σ w[i]
    D[s, j] = min(D[s-1, j-1] + 1 - v[s, x[j]] / W,  D[s-1, j] + 1 - v[s, silence] / W,  D[s, j-1] + 1)
    outcome: in each slot the x of greatest v;   confidence = mean over slots of v[s, x] / W
    w[i] = typical[i] · r[u]                          typical[i] = mean over the task's other texts j of like(i, j)
    r[u] = (Σ over u's texts of like(text, first outcome) + the crowd's mean) / (texts of u + 1)

ROVER builds a network of slots by aligning one text after another, the most typical first: D is the least cost of its
first j words along the first s slots, and its three ways are to say a slot's word, to be silent there, and to open a
new slot. W is the weight of the texts that are in it by then. like is 1 less the share of words to be edited (`edits`),
r[u] the reliability of worker u, and the first outcome is that of w[i] = typical[i].

Where words cannot be voted on (fewer than three texts, texts too long to be aligned, or texts that on average share
less than half of their words with the outcome: free compositions, not transcriptions), the text nearest to all others
is taken as it is, the medoid: of greatest Σ_j w[j] · like(i, j) / W, which is its confidence.

Fiscus: A post-processing system to yield reduced word error rates: Recognizer Output Voting Error Reduction. ASRU 1997.
Marge, Banerjee, Rudnicky: Using the Amazon Mechanical Turk for transcription of spoken language. ICASSP 2010.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from .alone import COMPARED, where_alone
from .answers import Answers
from .arrays import Floats, Ints
from .edits import likeness
from .em import Progress
from .steps import Steps
from .words import Word, join, split

SILENCE = ""
LIKE_ENOUGH = 0.5
MOST_CELLS = 20_000_000  # of the tables in which a task's texts are aligned: about a minute
Words = tuple[Word, ...]
K = TypeVar("K")
Slot = dict[str, float]  # key of a word, or SILENCE -> weight of the texts that have it there


@dataclass(frozen=True, eq=False)
class Texts:
    """Args:
    text: one a task, None without answers.
    confidence: (n_tasks,) mean share of the weight behind each word; for a medoid its mean likeness to the texts; for
        a text that is the only one see `alone`.
    skill: (n_workers,) mean likeness of the worker's texts to the consensus; nan without answers.
    voted: (n_tasks,) whether the words were voted on; else the text is a medoid.
    """

    text: tuple[str | None, ...]
    confidence: Floats
    skill: Floats
    voted: Ints


def fit(answers: Answers[str], known: Mapping[int, str] | None = None, *, progress: Progress | None = None) -> Texts:
    """Return the consensus texts, those in `known` as given, which also tell who is reliable.

    >>> texts = ["the cat sat on a mat", "The cat sat on the mat.", "the bat sat on the mat"]
    >>> fit(Answers([0, 0, 0], [0, 1, 2], texts, n_tasks=1, n_workers=3)).text
    ('the cat sat on the mat',)
    """
    texts = [split(text) for text in answers.answer]
    steps = Steps(progress, 3 * answers.n_tasks)
    typical = typicality(answers, texts, known or {}, steps)
    fixed = {task: split(text) for task, text in (known or {}).items()}
    first = _combine(answers, texts, typical, fixed, steps)
    like = likeness_to_consensus(answers, texts, first)
    reliability = shrunk(answers.worker, like, answers.n_workers)
    final = _combine(answers, texts, typical * reliability[answers.worker], fixed, steps)
    like = likeness_to_consensus(answers, texts, final)
    given = np.bincount(answers.worker, minlength=answers.n_workers)
    skill = np.bincount(answers.worker, like, minlength=answers.n_workers) / np.where(given, given, np.nan)
    confidence = np.array([np.nan if one is None else one.confidence for one in final])
    is_known = np.isin(np.arange(answers.n_tasks), list(fixed))
    return Texts(
        tuple(None if one is None else join(one.words) for one in final),
        where_alone(confidence, answers.task, is_known, right=like, beside=lambda: typical),
        skill,
        np.array([one is not None and one.voted for one in final]),
    )


@dataclass(frozen=True)
class _Text:
    words: Words
    confidence: float
    voted: bool


def typicality(answers: Answers[str], texts: Sequence[Words], known: Collection[int], steps: Steps) -> Floats:
    """Return each text's mean likeness to the other texts of its task; 1 for the only one, and where the text is known.

    Of many others some stand for all.
    """
    typical = np.ones(len(texts))
    for task, (start, after) in steps.over(enumerate(zip(answers.start[:-1], answers.start[1:], strict=True))):
        if after - start > 1 and task not in known:
            keys = [[word.key for word in texts[row]] for row in range(start, after)]
            some = range(0, len(keys), -(-len(keys) // COMPARED))
            alike = np.array([[likeness(one, keys[other]) for other in some] for one in keys])
            itself = np.isin(np.arange(len(keys)), some)
            typical[start:after] = (alike.sum(axis=1) - itself) / np.maximum(len(some) - itself, 1)
    return typical


def likeness_to_consensus(answers: Answers[str], texts: Sequence[Words], found: Sequence[_Text | None]) -> Floats:
    """Return each text's likeness to its task's consensus."""
    consensus = [[word.key for word in one.words] if one else [] for one in found]
    pairs = zip(answers.task, texts, strict=True)
    return np.array([likeness(consensus[task], [word.key for word in text]) for task, text in pairs])


def shrunk(worker: Ints, like: Floats, n_workers: int) -> Floats:
    """Return each worker's mean, one answer of the crowd's mean counted in: (n_workers,)."""
    crowd = like.mean() if len(like) else 1.0
    sums = np.bincount(worker, like, minlength=n_workers)
    means: Floats = (sums + crowd) / (np.bincount(worker, minlength=n_workers) + 1)
    return means


def _combine(
    answers: Answers[str], texts: Sequence[Words], weight: Floats, fixed: Mapping[int, Words], steps: Steps
) -> list[_Text | None]:
    found: list[_Text | None] = []
    for task, (start, after) in steps.over(enumerate(zip(answers.start[:-1], answers.start[1:], strict=True))):
        if task in fixed:
            found.append(_Text(fixed[task], 1.0, voted=False))
        elif start == after:
            found.append(None)
        else:
            # The heaviest first; equal ones in order of their words, so that names of workers decide nothing.
            rows = sorted(range(start, after), key=lambda row: (-round(float(weight[row]), 9), texts[row]))
            found.append(combine([texts[row] for row in rows], [max(float(weight[row]), 1e-9) for row in rows]))
    return found


def combine(texts: Sequence[Words], weights: Sequence[float]) -> _Text:
    """Return the consensus of one task's texts, given in order of falling weight."""
    keys = [[word.key for word in text] for text in texts]
    share = np.array(weights) / sum(weights)
    if len(texts) > 2 and cells([len(text) for text in texts]) <= MOST_CELLS:
        words, confidence = vote(texts, weights)
        outcome = [word.key for word in words]
        if np.mean([likeness(outcome, key) for key in keys]) >= LIKE_ENOUGH:
            return _Text(words, confidence, voted=True)
    share, keys = share[:COMPARED] / share[:COMPARED].sum(), keys[:COMPARED]
    central = [sum(s * likeness(one, other) for s, other in zip(share, keys, strict=True)) for one in keys]
    best = int(np.argmax(np.round(central, 9)))
    return _Text(texts[best], float(central[best]), voted=False)


def cells(lengths: Sequence[int]) -> int:
    """Return about how many cells are filled when texts of so many words are aligned, each to the longest."""
    return sum(lengths) * max(lengths, default=0)


def vote(texts: Sequence[Words], weights: Sequence[float]) -> tuple[Words, float]:
    """Return the heaviest word of each slot, and the mean share of weight behind them."""
    network: list[Slot] = []
    said: list[dict[str, dict[Word, float]]] = []  # by slot and key, the weight of each way to write it
    total = 0.0
    for text, weight in zip(texts, weights, strict=True):
        slots, written = [], []
        for slot, word in align(network, text, total):
            before, ways = (network[slot], said[slot]) if slot is not None else ({SILENCE: total} if total else {}, {})
            key = word.key if word else SILENCE
            before[key] = before.get(key, 0.0) + weight
            if word:
                surfaces = ways.setdefault(key, {})
                surfaces[word] = surfaces.get(word, 0.0) + weight
            slots.append(before)
            written.append(ways)
        network, said, total = slots, written, total + weight
    words, shares = [], []
    for votes, ways in zip(network, said, strict=True):
        key = heaviest(votes)
        shares.append(votes[key] / total)
        if key != SILENCE:
            words.append(heaviest(ways[key]))
    return tuple(words), float(np.mean(shares)) if shares else 1.0


def heaviest(weights: Mapping[K, float]) -> K:
    """Return the key of the greatest weight, the first of equal ones."""
    return max(weights, key=lambda key: round(weights[key], 9))


def align(network: Sequence[Slot], text: Words, total: float) -> list[tuple[int | None, Word | None]]:
    """Return the cheapest pairing of slots and words, in order; None is a new slot, or a skipped one."""
    skip = [1 - slot.get(SILENCE, 0.0) / total for slot in network]
    cost = [[0.0] * (len(text) + 1) for _ in range(len(network) + 1)]
    for j in range(len(text)):
        cost[0][j + 1] = j + 1.0
    for i, slot in enumerate(network):
        above, row = cost[i], cost[i + 1]
        row[0] = above[0] + skip[i]
        for j, word in enumerate(text):
            say = above[j] + 1 - slot.get(word.key, 0.0) / total
            row[j + 1] = min(say, above[j + 1] + skip[i], row[j] + 1)
    pairs: list[tuple[int | None, Word | None]] = []
    i, j = len(network), len(text)
    while i or j:
        here = cost[i][j] - 1e-9
        if i and j and cost[i - 1][j - 1] + 1 - network[i - 1].get(text[j - 1].key, 0.0) / total <= here + 2e-9:
            i, j = i - 1, j - 1
            pairs.append((i, text[j]))
        elif i and cost[i - 1][j] + skip[i - 1] <= here + 2e-9:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, text[j]))
    return pairs[::-1]
