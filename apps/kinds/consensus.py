"""Hands a campaign's votes to `aggregation` and reads answers back out of its posteriors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from apps.aggregation import ordinal
from apps.aggregation.alone import Beside, agreement_beside, held, likeness_beside, where_alone
from apps.aggregation.methods import METHODS, Fit, fits
from apps.aggregation.result import Result
from apps.aggregation.result import decide as likeliest
from apps.aggregation.table import BLOCK, Table, are_wide
from apps.kinds.votes import Aggregate, Combined, Votes

NOTHING = Combined(None, 0.0, 0)
MOST_CANDIDATES = 50  # each is compared with each


def by_name(method: str) -> Fit:
    """Return the algorithm of that name."""
    if method not in METHODS:
        raise ValueError(f"{method!r} is not a method of aggregation; it should be one of {sorted(METHODS)}")
    return METHODS[method]


def fit(votes: Votes, labels: NDArray[np.int64], n_labels: int, known: dict[int, int], algorithm: Fit) -> Result:
    """Return aggregation's result for votes that were turned into label codes.

    A task's only answer is its label, whatever models make of it; but on a scale, whose points they move.
    """
    table = table_of(votes, labels, n_labels)
    result = algorithm(table, known=known)
    if algorithm is ordinal.fit or table.is_wide:  # in wide tables only votes are counted, which turn nothing
        return result
    posterior = held(result.posterior, table.task, table.label, table.clamp(known))
    return replace(result, posterior=posterior, label=likeliest(posterior))


def table_of(votes: Votes, labels: NDArray[np.int64], n_labels: int) -> Table:
    """Return votes that were turned into label codes as aggregation's table."""
    return Table(
        task=np.asarray(votes.tasks, dtype=np.int64),
        worker=np.asarray(votes.workers, dtype=np.int64),
        label=labels,
        n_tasks=votes.n_tasks,
        n_workers=votes.n_workers,
        n_labels=n_labels,
    )


def of_classes(
    votes: Votes, classes: Sequence[Any], costs: NDArray[np.float64], method: str, scores: NDArray[np.float64]
) -> Aggregate:
    """Return the consensus over answers that can be listed: the class of least expected cost (Bayes' decision).

    Args:
        costs: shape (K, K), the distance between classes; 1 off the diagonal makes the most probable class win.
        scores: shape (K, K), how right each class (column) is where another (row) is the truth.
    Of too many classes and workers for a method's confusion matrices, or too many tasks to weigh each class of each, it
    is the weighted vote.
    """
    is_wide = are_wide(votes.n_tasks, len(classes), len(votes.answers))
    method = method if fits(method, workers=votes.n_workers, labels=len(classes), is_wide=is_wide) else "weighted"
    return _of_classes(votes, classes, scores, by_name(method), method, lambda _, rows: decide(rows, costs))


def _of_classes(
    votes: Votes,
    classes: Sequence[Any],
    scores: NDArray[np.float64],
    algorithm: Fit,
    method: str,
    choose: Callable[[NDArray[Any], NDArray[np.float64]], NDArray[Any]],
) -> Aggregate:
    labels, known = _codes(votes, classes), _known(votes, classes)
    result = fit(votes, labels, len(classes), known, algorithm)
    chosen: NDArray[np.int64] = np.empty(votes.n_tasks, dtype=np.int64)
    expected = np.empty(votes.n_tasks)
    for tasks, rows in _rows(result.posterior):
        chosen[tasks] = choose(result.label[tasks], rows)
        expected[tasks] = (rows * scores[:, chosen[tasks]].T).sum(axis=1)
    consensus = [
        combined(classes[int(label)], sure, count) if count or task in known else NOTHING
        for task, (label, sure, count) in enumerate(zip(chosen, expected, votes.per_task(), strict=True))
    ]
    if result.sure is not None:
        task = np.asarray(votes.tasks, dtype=np.int64)
        consensus = doubted(
            votes, consensus, right=scores[chosen[task], labels], chance=float(scores.mean()),
            beside=lambda: agreement_beside(table_of(votes, labels, len(classes)).counts(), task, labels, scores),
        )  # fmt: skip
    return Aggregate(consensus, skill_of(votes, result), method)


def _codes(votes: Votes, classes: Sequence[Any]) -> NDArray[np.int64]:
    code = {answer: n for n, answer in enumerate(classes)}
    return np.array([code[answer] for answer in votes.answers], dtype=np.int64)


def _known(votes: Votes, classes: Sequence[Any]) -> dict[int, int]:
    code = {answer: n for n, answer in enumerate(classes)}
    return {task: code[answer] for task, answer in votes.clamped().items()}


def _rows(posterior: Any) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield some tasks and the probabilities of all their labels; a wide table's don't all fit into memory."""
    for first in range(0, posterior.shape[0], BLOCK):
        tasks = slice(first, min(first + BLOCK, posterior.shape[0]))
        yield tasks, posterior[tasks].toarray() if scipy.sparse.issparse(posterior) else posterior[tasks]


def of_scale(votes: Votes, classes: Sequence[Any], scores: NDArray[np.float64]) -> Aggregate:
    """Return the consensus over the points of a scale, by a model of workers who see the truth shifted and blurred.

    Two numbers a worker instead of K²: a near miss speaks for the points around it. Args: as of `of_classes`.
    """
    if are_wide(votes.n_tasks, len(classes), len(votes.answers)):
        return of_classes(votes, classes, 1 - scores, "weighted", scores)
    return _of_classes(votes, classes, scores, ordinal.fit, "ordinal", lambda label, _: label)


def scale_model(votes: Votes, classes: Sequence[float]) -> NDArray[np.float64]:
    """Return where on the scale the model of `of_scale` expects each task's truth: (n_tasks,)."""
    found = fit(votes, _codes(votes, classes), len(classes), _known(votes, classes), ordinal.fit)
    expected: NDArray[np.float64] = found.posterior @ np.asarray(classes, dtype=np.float64)
    return expected


def of_distinct(
    votes: Votes,
    same: Callable[[Any], str],
    distance: Callable[[Any, Any], float],
    *,
    score: Callable[[Any, Any], float] | None = None,
) -> Aggregate:
    """Return the consensus over answers that cannot be listed: in each task the given answer nearest to the others.

    Each task has codes of its own, so `aggregation` sees as many labels as one task has distinct answers at most; a
    worker's habits can't be told from such codes, which is why the method is majority always.
    Args:
        same: what two answers have in common when they are one and the same.
        score: how right an answer is where another is the truth; by default as far as it is not away from it.
    """
    right = score or (lambda answer, truth: 1 - distance(answer, truth))
    keys = [same(answer) for answer in votes.answers]
    clamped = votes.clamped()
    spelt: list[dict[str, list[Any]]] = [{} for _ in range(votes.n_tasks)]
    for task, key, answer in zip(votes.tasks, keys, votes.answers, strict=True):
        spelt[task].setdefault(key, []).append(answer)
    for task, answer in clamped.items():
        spelt[task][same(answer)] = [answer]
    codes = [{key: n for n, key in enumerate(sorted(spellings))} for spellings in spelt]
    for task, answer in clamped.items():  # a whole crowd may have answered it: all that is not right is one code
        codes[task] = {key: int(key != same(answer)) for key in spelt[task]}
    labels = np.array([codes[task][key] for task, key in zip(votes.tasks, keys, strict=True)], dtype=np.int64)
    known = {task: codes[task][same(answer)] for task, answer in clamped.items()}
    most = max((len(set(of_task.values())) for of_task in codes), default=0) or 1
    result = fit(votes, labels, most, known, METHODS["majority"])
    consensus = [
        combined(clamped[task], 1.0, count)
        if task in clamped
        else _nearest([_most_common(spelt[task][key]) for key in codes[task]], row, distance, right, int(count))
        for task, (row, count) in enumerate(zip(_shares(result.posterior), votes.per_task(), strict=True))
    ]
    # By shares of votes the confidence is the mean score of a task's answers.
    like = [
        right(answer, clamped[task]) if task in clamped else consensus[task].confidence
        for task, answer in zip(votes.tasks, votes.answers, strict=True)
    ]

    def alike(one: int, other: int) -> float:
        if keys[one] == keys[other]:
            return 1.0
        first, second = votes.answers[one], votes.answers[other]
        return (right(first, second) + right(second, first)) / 2

    sure = doubted(votes, consensus, right=np.array(like), beside=lambda: beside_in(votes, alike))
    return Aggregate(sure, skill_of(votes, result), "majority")


def _shares(posterior: Any) -> Iterator[NDArray[np.float64]]:
    """Yield each task's shares of votes, of its own codes at least: all that it has were given."""
    if scipy.sparse.issparse(posterior):
        yield from np.split(posterior.data, posterior.indptr[1:-1])
    else:
        yield from posterior


def beside_in(votes: Votes, alike: Callable[[int, int], float]) -> NDArray[np.float64]:
    """Return each vote's mean likeness to the others of its task, as `doubted` asks for it."""
    return likeness_beside(np.asarray(votes.tasks, dtype=np.int64), _are_known(votes), alike)


def _are_known(votes: Votes) -> NDArray[np.bool_]:
    return np.isin(np.arange(votes.n_tasks), list(votes.clamped()))


def doubted(
    votes: Votes,
    consensus: Sequence[Combined],
    *,
    right: NDArray[np.float64],
    beside: Beside,
    chance: float = 0.0,
) -> list[Combined]:
    """Return the consensus by shares of votes, an answer that is the only one being as sure as others were right.

    Args: as of `where_alone`.
    """
    told = np.array([one.confidence for one in consensus])
    task = np.asarray(votes.tasks, dtype=np.int64)
    sure = where_alone(told, task, _are_known(votes), right=right, beside=beside, chance=chance)
    return [combined(one.answer, c, one.votes) for one, c in zip(consensus, sure, strict=True)]


def decide(posterior: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the label of least expected cost for each row of the posterior; ties go to the lowest code.

    Among labels of equal expected cost the one of least expected squared cost wins first, so that of two votes for 2
    and 4 on a scale the middle is taken. Rounding keeps the order of summation from deciding a tie.
    """
    risk = posterior @ (costs + 1e-6 * costs**2)
    chosen: NDArray[np.int64] = np.argmin(np.round(risk, 10), axis=1)
    return chosen


def skill_of(votes: Votes, result: Result) -> NDArray[np.float64]:
    """Return each worker's expected accuracy, nan for workers without a vote."""
    return np.where(votes.per_worker() > 0, result.skill, np.nan)


def combined(answer: Any, confidence: float, votes: int) -> Combined:
    """Return a consensus whose confidence rounding has not pushed out of [0, 1]."""
    return Combined(answer, min(1.0, max(0.0, float(confidence))), int(votes))


def _nearest(
    candidates: Sequence[Any],
    row: NDArray[np.float64],
    distance: Callable[[Any, Any], float],
    score: Callable[[Any, Any], float],
    votes: int,
) -> Combined:
    """Return the candidate of least expected distance; `row` is the posterior of each.

    Of very many those given most are compared, as if no others had been given.
    """
    if not candidates:
        return NOTHING
    kept = np.sort(np.argsort(-row[: len(candidates)], kind="stable")[:MOST_CANDIDATES])
    candidates, posterior = [candidates[n] for n in kept], row[np.newaxis, kept] / row[kept].sum()
    costs = np.zeros((len(candidates), len(candidates)))
    for one, other in combinations(range(len(candidates)), 2):
        costs[one, other] = costs[other, one] = distance(candidates[one], candidates[other])
    label = decide(posterior, costs)[0]
    scores = np.array([score(candidates[label], truth) for truth in candidates])
    return combined(candidates[label], float(posterior[0] @ scores), votes)


def _most_common(answers: Sequence[Any]) -> Any:
    return min(set(answers), key=lambda answer: (-answers.count(answer), repr(answer)))
