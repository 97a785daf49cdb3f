"""Labelled spans of tokens: Dawid-Skene on every token's tag, then the likeliest sequence of tags that makes sense.

Each worker's spans become one tag a token: O outside, B at the first token of a span of a type, I at its others. Every
token is a task. The posteriors of tags are decoded by Viterbi under the one rule of BIO: I of a type follows B or I of
the same type only.

    best tags = argmax Π over tokens of p(tag),  over legal sequences

Nguyen, Wallace, Li, Nenkova, Lease: Aggregating and predicting sequence labels from crowd annotations. ACL 2017 (token
Dawid-Skene as baseline); Viterbi: Error bounds for convolutional codes. IEEE Trans. Information Theory 13, 1967.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy

from . import dawid_skene
from .alone import likeness_beside, where_alone
from .answers import Answers
from .arrays import Code, Floats, Ints
from .methods import Fit
from .table import BadTable, Table

OUTSIDE = 0


class Span(NamedTuple):
    """Tokens start to end, the end not included."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, eq=False)
class Spans:
    """Args:
    spans: one tuple a task, in order of start.
    confidence: for each of them the mean posterior of its tokens' tags; where they are shares of votes, of a lone
        answer the F1 to expect of it, see `alone`.
    document: (n_tasks,) mean posterior of all tokens' tags, or the same; nan without answers or tokens.
    skill: (n_workers,) expected accuracy on tokens.
    """

    spans: tuple[tuple[Span, ...], ...]
    confidence: tuple[tuple[float, ...], ...]
    document: Floats
    skill: Floats


def fit(
    answers: Answers[Sequence[Span]],
    lengths: Ints,
    known: Mapping[int, Sequence[Span]] | None = None,
    *,
    method: Fit = dawid_skene.fit,
) -> Spans:
    """Return the consensus spans.

    Args:
        answers: spans of each worker; of spans that overlap, the first and longest counts.
        lengths: (n_tasks,) tokens of each document.

    >>> given = [[Span(0, 2, "PER")], [Span(0, 2, "PER")], [Span(1, 2, "PER")]]
    >>> fit(Answers([0, 0, 0], [0, 1, 2], given, n_tasks=1, n_workers=3), np.array([4])).spans
    ((Span(start=0, end=2, type='PER'),),)
    """
    lengths = np.asarray(lengths)
    types = sorted({span.type for given in (*answers.answer, *(known or {}).values()) for span in given})
    first = np.concatenate([[0], np.cumsum(lengths)])
    clamped = np.full(first[-1], -1, dtype=Code)
    for task, truth in (known or {}).items():
        clamped[first[task] : first[task + 1]] = tags(truth, int(lengths[task]), types)
    result = method(_tokens(answers, lengths, first, types), clamped)
    found, confidence, document = [], [], np.full(answers.n_tasks, np.nan)
    for task in range(answers.n_tasks):
        posterior: Any = result.posterior[first[task] : first[task + 1]]
        if scipy.sparse.issparse(posterior):
            posterior = posterior.toarray()
        if task not in (known or {}) and answers.start[task] == answers.start[task + 1]:
            posterior = posterior[:0]
        best = viterbi(posterior)
        sure = posterior[np.arange(len(best)), best]
        found.append(read(best, types))
        confidence.append(tuple(float(sure[span.start : span.end].mean()) for span in found[-1]))
        document[task] = sure.mean() if len(sure) else np.nan
    if result.sure is not None:
        like = [f1(given, found[task]) for task, given in zip(answers.task, answers.answer, strict=True)]
        is_known = np.isin(np.arange(answers.n_tasks), list(known or {}))
        document = where_alone(
            document, answers.task, is_known, right=np.array(like, dtype=np.float64),
            beside=lambda: likeness_beside(
                answers.task, is_known, lambda one, other: f1(answers.answer[one], answers.answer[other])
            ),
        )  # fmt: skip
        confidence = [
            (sure,) * len(of) if votes == 1 and not told else of
            for of, sure, votes, told in zip(confidence, document, np.diff(answers.start), is_known, strict=True)
        ]
    return Spans(tuple(found), tuple(confidence), document, result.skill)


def f1(first: Sequence[Span], second: Sequence[Span]) -> float:
    """Return F1 of two sets of spans, equal in both ends and type; 1 when both are empty.

    >>> f1([Span(0, 2, "a"), Span(3, 4, "b")], [Span(0, 2, "a")])
    0.6666666666666666
    """
    one, other = set(first), set(second)
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def tags(spans: Sequence[Span], length: int, types: Sequence[str]) -> Ints:
    """Return a tag for each token: 0 outside, 1 + 2 i where a span of types[i] begins, 2 + 2 i inside it.

    >>> tags([Span(1, 3, "b")], 4, ["a", "b"]).tolist()
    [0, 3, 4, 0]
    """
    tagged = np.full(length, OUTSIDE, dtype=Code)
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.type)):
        if not 0 <= span.start < span.end <= length:
            raise BadTable(f"span {span.start} to {span.end} does not lie in a document of {length} tokens")
        if (tagged[span.start : span.end] == OUTSIDE).all():
            tagged[span.start : span.end] = 2 + 2 * types.index(span.type)
            tagged[span.start] -= 1
    return tagged


def read(tagged: Ints, types: Sequence[str]) -> tuple[Span, ...]:
    """Return the spans of a legal sequence of tags.

    >>> read(np.array([0, 1, 2, 1, 0]), ["a"])
    (Span(start=1, end=3, type='a'), Span(start=3, end=4, type='a'))
    """
    spans = []
    for begin in np.flatnonzero(tagged % 2 == 1):
        inside = tagged[begin + 1 :] == tagged[begin] + 1
        after = begin + 1 + (len(inside) if inside.all() else int(inside.argmin()))
        spans.append(Span(int(begin), int(after), types[tagged[begin] // 2]))
    return tuple(spans)


def viterbi(posterior: Floats) -> Ints:
    """Return the likeliest legal sequence of tags, shape (tokens,), of posteriors (tokens, tags)."""
    tokens, kinds = posterior.shape
    if tokens == 0:
        return np.zeros(0, dtype=Code)
    tag = np.arange(kinds)
    inside = (tag % 2 == 0) & (tag != OUTSIDE)
    legal = ~inside[None, :] | (tag[:, None] == tag) | (tag[:, None] == tag - 1)  # from, to
    step = np.where(legal, 0.0, -np.inf)
    log = np.log(np.maximum(posterior, 1e-300))
    score = np.where(inside, -np.inf, log[0])
    back = np.zeros((tokens, kinds), dtype=Code)
    for token in range(1, tokens):
        reached = score[:, None] + step
        back[token] = reached.argmax(axis=0)
        score = reached.max(axis=0) + log[token]
    best = np.empty(tokens, dtype=Code)
    best[-1] = score.argmax()
    for token in range(tokens - 1, 0, -1):
        best[token - 1] = back[token, best[token]]
    return best


def _tokens(answers: Answers[Sequence[Span]], lengths: Ints, first: Ints, types: Sequence[str]) -> Table:
    """Return the tags of all answers as one table of tokens."""
    each = lengths[answers.task]
    given = [tags(spans, int(length), types) for spans, length in zip(answers.answer, each, strict=True)]
    within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    return Table(
        np.repeat(first[answers.task], each) + within,
        np.repeat(answers.worker, each),
        np.concatenate([*given, np.zeros(0, dtype=Code)]),
        int(first[-1]),
        answers.n_workers,
        1 + 2 * len(types),
    )
