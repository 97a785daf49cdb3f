"""Hands a campaign's votes to `aggregation` and reads answers back out of its posteriors."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.aggregation import dawid_skene, majority
from apps.aggregation.table import Table
from apps.kinds.votes import Aggregate, Combined, Method, Votes

_FITS = {"dawid_skene": dawid_skene.fit, "majority": majority.fit}


def fit(votes: Votes, labels: NDArray[np.int64], n_labels: int, known: dict[int, int], method: Method) -> Any:
    """Return aggregation's result for votes that were turned into label codes."""
    if method not in _FITS:
        raise ValueError(f"{method!r} is not a method of aggregation; it should be one of {sorted(_FITS)}")
    table = Table(
        task=np.asarray(votes.tasks, dtype=np.int64),
        worker=np.asarray(votes.workers, dtype=np.int64),
        label=labels,
        n_tasks=votes.n_tasks,
        n_workers=votes.n_workers,
        n_labels=n_labels,
    )
    return _FITS[method](table, known=known)


def of_classes(votes: Votes, classes: Sequence[Any], costs: NDArray[np.float64], method: Method) -> Aggregate:
    """Return the consensus over answers that can be listed: the class of least expected cost (Bayes' decision).

    Args: costs: shape (K, K), the distance between classes; 1 off the diagonal makes the most probable class win.
    """
    code = {answer: n for n, answer in enumerate(classes)}
    labels = np.array([code[answer] for answer in votes.answers], dtype=np.int64)
    known = {task: code[answer] for task, answer in votes.clamped().items()}
    result = fit(votes, labels, len(classes), known, method)
    expected = np.asarray(result.posterior) @ costs
    chosen = decide(np.asarray(result.posterior), costs)
    consensus = [
        _combined(classes[label], 1 - expected[task, label], count, task in known)
        for task, (label, count) in enumerate(zip(chosen, votes.per_task(), strict=True))
    ]
    return Aggregate(consensus, skill_of(votes, result), method)


def of_distinct(votes: Votes, same: Callable[[Any], str], distance: Callable[[Any, Any], float]) -> Aggregate:
    """Return the consensus over answers that cannot be listed: in each task the given answer nearest to the others.

    Each task has codes of its own, so `aggregation` sees as many labels as one task has distinct answers at most; a
    worker's habits can't be told from such codes, which is why the method is majority always.
    Args: same: what two answers have in common when they are one and the same.
    """
    given: list[dict[str, list[Any]]] = [{} for _ in range(votes.n_tasks)]
    for task, answer in zip(votes.tasks, votes.answers, strict=True):
        given[task].setdefault(same(answer), []).append(answer)
    clamped = votes.clamped()
    for task, answer in clamped.items():
        given[task].setdefault(same(answer), []).append(answer)
    codes = [{key: n for n, key in enumerate(sorted(answers))} for answers in given]
    labels = np.array(
        [codes[task][same(answer)] for task, answer in zip(votes.tasks, votes.answers, strict=True)], dtype=np.int64
    )
    known = {task: codes[task][same(answer)] for task, answer in clamped.items()}
    result = fit(votes, labels, max((len(code) for code in codes), default=0) or 1, known, "majority")
    consensus = []
    for task, count in enumerate(votes.per_task()):
        candidates = [clamped.get(task, _most_common(given[task][key])) for key in codes[task]]
        costs = np.array([[distance(a, b) for b in candidates] for a in candidates]).reshape(len(candidates), -1)
        posterior = np.asarray(result.posterior)[task : task + 1, : len(candidates)]
        if not candidates:
            consensus.append(Combined(None, 0.0, 0))
            continue
        label = decide(posterior, costs)[0]
        consensus.append(
            _combined(candidates[label], 1 - float(posterior[0] @ costs[:, label]), count, task in clamped)
        )
    return Aggregate(consensus, skill_of(votes, result), "majority")


def decide(posterior: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the label of least expected cost for each row of the posterior; ties go to the lowest code.

    Among labels of equal expected cost the one of least expected squared cost wins first, so that of two votes for 2
    and 4 on a scale the middle is taken. Rounding keeps the order of summation from deciding a tie.
    """
    risk = posterior @ (costs + 1e-6 * costs**2)
    chosen: NDArray[np.int64] = np.argmin(np.round(risk, 10), axis=1)
    return chosen


def skill_of(votes: Votes, result: Any) -> NDArray[np.float64]:
    """Return each worker's expected accuracy, nan for workers without a vote."""
    return np.where(votes.per_worker() > 0, np.asarray(result.skill, dtype=np.float64), np.nan)


def _combined(answer: Any, confidence: float, votes: int, known: bool) -> Combined:
    if not votes and not known:
        return Combined(None, 0.0, 0)
    return Combined(answer, float(np.clip(confidence, 0.0, 1.0)), int(votes))


def _most_common(answers: Sequence[Any]) -> Any:
    return min(set(answers), key=lambda answer: (-answers.count(answer), repr(answer)))
