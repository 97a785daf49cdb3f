"""How good each worker is: a Beta posterior, with what gold says and what the consensus says kept apart.

Prior Beta(1, 1). Each gold answer counts as the score it got; each other answer counts as the model's expectation that
it was right. Gold is the only evidence that a crowd which shares an error can't fool; where there are enough gold
answers, it alone decides.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.stats import beta

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
    right, golds = _gold(kind, settings, table)
    ordinary = np.bincount(table.votes.workers, minlength=table.votes.n_workers) - golds
    expected = np.nan_to_num(np.asarray(fitted.skill, dtype=float), nan=0.5)
    agreed = np.clip(expected, 0, 1) * ordinary
    alone = golds >= ENOUGH_GOLD
    a = 1 + right + np.where(alone, 0, agreed)
    b = 1 + (golds - right) + np.where(alone, 0, ordinary - agreed)
    now = clock.now()
    for n, worker in enumerate(table.workers):
        yield Skill(
            worker_id=worker,
            scope=scope,
            mean=float(a[n] / (a[n] + b[n])),
            low=float(beta.ppf(0.025, a[n], b[n])),
            high=float(beta.ppf(0.975, a[n], b[n])),
            gold_right=float(right[n]),
            gold_answers=int(golds[n]),
            agreed=float(agreed[n]),
            compared=int(ordinary[n]),
            estimated_at=now,
        )


def _gold(kind: Any, settings: Any, table: Tables) -> tuple[Any, Any]:
    """Return each worker's sum of scores on gold, and number of gold answers."""
    right = np.zeros(table.votes.n_workers)
    golds = np.zeros(table.votes.n_workers, dtype=int)
    for task, worker, answer in zip(table.votes.tasks, table.votes.workers, table.votes.answers, strict=True):
        if task in table.votes.known:
            right[worker] += kind.score(answer, table.votes.known[task], settings)
            golds[worker] += 1
    return right, golds
