"""How good each worker is: a Beta posterior, with what gold says and what the consensus says kept apart.

Prior Beta(1, 1). Each gold answer counts as the score it got. Each other answer counts as the consensus' expectation
that it was right, and only in so far as others made that consensus and could tell: of v votes, ((v - 1) / v)², once
for the worker's own vote in it, once for how little the others know. So an answer that nobody else gave says nothing
about its worker, and with few votes the interval stays wide: at two to five votes without gold, it held the true share
of 90 to 100 % of simulated workers. Gold is the only evidence that a crowd which shares an error can't fool; where
there are enough gold answers, it alone decides.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds.votes import Aggregate
from apps.work.queries import Tables
from apps.workforce import services as workforce
from apps.workforce.models import Skill

ENOUGH_GOLD = 10  # from ten on, gold predicts a worker's accuracy better than any score without it


def score_workers(campaign: Campaign, kind: Any, settings: Any, table: Tables, fitted: Aggregate) -> None:
    """Keep the skill of everybody who judged, in the scope of this campaign."""
    workforce.estimate(estimates(kind, settings, table, fitted, scope=campaign.key))


def estimates(kind: Any, settings: Any, table: Tables, fitted: Aggregate, *, scope: str) -> Iterator[Skill]:
    """Yield the skill of each of the table's workers; nothing is stored."""
    gold = _gold(kind, settings, table)
    others = _agreement(kind, settings, table, fitted)
    alone = gold.answers >= ENOUGH_GOLD
    a = 1 + gold.right + np.where(alone, 0, others.right)
    b = 1 + gold.weight - gold.right + np.where(alone, 0, others.weight - others.right)
    now = clock.now()
    for n, worker in enumerate(table.workers):
        yield Skill(
            worker_id=worker,
            scope=scope,
            mean=float(a[n] / (a[n] + b[n])),
            low=float(scipy.special.betaincinv(a[n], b[n], 0.025)),
            high=float(scipy.special.betaincinv(a[n], b[n], 0.975)),
            gold_right=float(gold.right[n]),
            gold_answers=int(gold.answers[n]),
            agreed=float(others.right[n]),
            compared=int(others.answers[n]),
            estimated_at=now,
        )


class _Evidence:
    """Of each worker: how many answers speak for or against, what they weigh, and the weight of the right ones."""

    def __init__(self, workers: int) -> None:
        self.answers = np.zeros(workers, dtype=int)
        self.weight, self.right = np.zeros(workers), np.zeros(workers)

    def add(self, worker: int, *, score: float, weight: float = 1.0) -> None:
        self.answers[worker] += 1
        self.weight[worker] += weight
        self.right[worker] += weight * score


def _gold(kind: Any, settings: Any, table: Tables) -> _Evidence:
    known = table.votes.known
    evidence = _Evidence(table.votes.n_workers)
    for task, worker, answer in _answers(table):
        if task in known:
            evidence.add(worker, score=kind.score(answer, known[task], settings))
    return evidence


def _agreement(kind: Any, settings: Any, table: Tables, fitted: Aggregate) -> _Evidence:
    rivals = _rivals(kind, settings, table, fitted)
    evidence = _Evidence(table.votes.n_workers)
    for task, worker, answer in _answers(table):
        combined = fitted.consensus[task]
        if task in table.votes.known or combined.answer is None or combined.votes < 2:
            continue
        agrees, sure = kind.score(answer, [combined.answer], settings), min(1.0, max(0.0, combined.confidence))
        # Where the consensus is wrong, one of the answers that lost is right: each in proportion to its votes.
        losing = rivals[task]
        else_right = losing[_written(kind, answer)] / losing.total() if losing and agrees < 1 else 0.0
        score = agrees * sure + (1 - agrees) * (1 - sure) * else_right
        evidence.add(worker, score=score, weight=(1 - 1 / combined.votes) ** 2)
    return evidence


def _rivals(kind: Any, settings: Any, table: Tables, fitted: Aggregate) -> dict[int, Counter[str]]:
    """Return, for each task, the votes of the answers that the consensus is not."""
    found: dict[int, Counter[str]] = {}
    for task, _worker, answer in _answers(table):
        combined = fitted.consensus[task]
        losing = found.setdefault(task, Counter())
        if combined.answer is not None and kind.score(answer, [combined.answer], settings) < 1:
            losing[_written(kind, answer)] += 1
    return found


def _written(kind: Any, answer: Any) -> str:
    return repr(kind.write(answer))


def _answers(table: Tables) -> Iterator[tuple[int, int, Any]]:
    return zip(table.votes.tasks.tolist(), table.votes.workers.tolist(), table.votes.answers, strict=True)
