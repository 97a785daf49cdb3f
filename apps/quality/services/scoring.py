"""How good each worker is: a Beta posterior, with what gold says and what the consensus says kept apart.

Prior Beta(1, 1). Each gold answer counts as the score it got. Each other answer counts as the consensus' expectation
that it was right, and only in so far as others made that consensus and could tell: of v votes, ((v - 1) / v)², once
for the worker's own vote in it, once for how little the others know. So an answer that nobody else gave says nothing
about its worker, and with few votes the interval stays wide: at two to five votes without gold, it held the true share
of 90 to 100 % of simulated workers.

Who asks again where it is doubtful asks more of hard tasks, so of all answers too many are to those: workers would look
worse than they are, and who came late worst. An answer to a task of v votes was v times as likely to be asked for as
one of a task with a single vote, so it counts by 1 / v beside the others of its worker (the ratio estimator of Horvitz,
Thompson and Hájek), which makes each task count once. So weighted, W answers say as much as (Σ w)² / Σ w² of them do
(Kish). With as many votes for every task nothing changes.

How far others' word is off is seen where there is gold too, of share p right. By how much workers' shares by gold and
by agreement differ has a part that is the same for all, d: the consensus is surer than it should be, or errs as most
workers do. Before any gold d ~ N(0, CLAIMED_TOO_MUCH²); gold on G tasks tells its mean with the variance p (1 - p) / G,
for what is hard about a task is so for all who answer it. And a part of each worker's own, of spread s, beyond what
chance makes of so few answers (`habits.spread`). Agreement is moved by what is expected of d; of weight W, it has
the variances of d, which gold leaves, and s² besides its own, and so counts as W / (1 + W (var d + s²) / p (1 - p)).

Gold is the only evidence that a crowd which shares an error can't fool. Where there are enough gold answers of a
worker, they alone decide; and they do for everybody where most of the crowd is wrong on known answers too often. Where
gold does not bear the crowd out, the interval is as wide as that of gold alone: others may agree in what is wrong.

Horvitz, Thompson: A generalization of sampling without replacement from a finite universe. JASA 47, 1952.
Hájek: Comment on an essay by D. Basu. In: Foundations of statistical inference, 1971. Kish: Survey sampling, 1965.
DerSimonian, Laird: Meta-analysis in clinical trials. Controlled Clinical Trials 7, 1986 (a variance between studies,
which lets none of them count for more than it allows).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import scipy

from apps.aggregation import habits, online
from apps.aggregation.arrays import Flags, Floats, Ints, ratio
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.kinds.votes import Aggregate, Votes
from apps.work.votes import Tables
from apps.workforce import services as workforce
from apps.workforce.models import Skill

MOST_COMPARED = 100  # classes


def score_workers(
    campaign: Campaign, kind: Any, settings: Any, table: Tables, fitted: Aggregate, sure: Mapping[int, float]
) -> bool | None:
    """Keep the skill of everybody who judged, in the scope of this campaign; return whether the crowd shares an error.

    None where no gold tells.

    Args: sure: the confidence of labels by task, as audits correct it.
    """
    coded = Coded(kind, settings, table.votes, fitted)
    coded.sure = np.array([sure.get(task, claim) for task, claim in zip(table.tasks, coded.sure.tolist(), strict=True)])
    errs = shares_an_error(coded)
    workforce.estimate(estimates(coded, table.workers, errs=errs, scope=campaign.key))
    return errs


def estimates(coded: "Coded", workers: Sequence[UUID], *, errs: bool | None, scope: str) -> Iterator[Skill]:
    """Yield the skill of each worker, by gold alone where the crowd `errs`; nothing is stored.

    The interval holds that of gold alone, unless gold bears the crowd out (`errs` is False).
    """
    gold, others = _gold(coded), _agreement(coded)
    alone = (gold.answers >= online.HEARD) | (errs is True)
    off, trust = _trust(gold, others)
    counted = np.where(alone, 0.0, trust) * others.weight
    share = np.clip(ratio(others.right, others.weight, otherwise=0.0) + off, 0.0, 1.0)
    a = 1.0 + gold.right + counted * share
    b = 1.0 + gold.weight - gold.right + counted * (1 - share)
    low, high = _interval(a, b)
    if errs is not False:
        by_gold = _interval(1.0 + gold.right, 1.0 + gold.weight - gold.right)
        low, high = np.minimum(low, by_gold[0]), np.maximum(high, by_gold[1])
    now = clock.now()
    for n, worker in enumerate(workers):
        yield Skill(
            worker_id=worker,
            scope=scope,
            mean=float(a[n] / (a[n] + b[n])),
            low=float(low[n]),
            high=float(high[n]),
            gold_right=float(gold.right[n]),
            gold_answers=int(gold.answers[n]),
            agreed=float(others.right[n]),
            compared=int(others.answers[n]),
            weight=float(others.weight[n]),
            estimated_at=now,
        )


def _trust(gold: "_Evidence", others: "_Evidence") -> tuple[float, Floats]:
    """Return by what all agreement is off, as gold has it, and for how much each worker's counts beside its weight."""
    both = np.flatnonzero((gold.weight > 0) & (others.weight > 0))
    if not len(both):
        return 0.0, np.ones(len(gold.weight))
    share = float(gold.right.sum() + 1) / float(gold.weight.sum() + 2)
    spread, answers = share * (1 - share), gold.weight[both]
    apart = gold.right[both] / answers - others.right[both] / others.weight[both]
    left = 1 / (1 / online.CLAIMED_TOO_MUCH**2 + gold.tasks / spread)
    off = float(left * gold.tasks / spread * np.average(apart, weights=answers))
    own = habits.spread(apart - off, spread * (1 / answers + 1 / others.weight[both]))
    trust: Floats = 1 / (1 + others.weight * (left + own**2) / spread)
    return off, trust


def _interval(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of each Beta(a, b)."""
    return scipy.special.betaincinv(a, b, 0.025), scipy.special.betaincinv(a, b, 0.975)


class Coded:
    """Answers as codes, so that the kind is asked once for each two that meet, and not for each judgment.

    Args: label: (rows,) the code of each answer. combined: (n_tasks,) that of each consensus, -1 where there is none.
    """

    def __init__(self, kind: Any, settings: Any, votes: Votes, fitted: Aggregate) -> None:
        self.kind, self.settings, self.votes = kind, settings, votes
        self.answers: list[Any] = []
        self._codes: dict[str, int] = {}
        self.task, self.worker = (np.asarray(column, dtype=np.int64) for column in (votes.tasks, votes.workers))
        self.label = np.fromiter(map(self.code, votes.answers), np.int64, len(votes.answers))
        found = fitted.consensus
        self.combined = np.fromiter((-1 if one.answer is None else self.code(one.answer) for one in found), np.int64)
        self.sure = np.clip([one.confidence for one in found], 0.0, 1.0)
        self.given = np.array([one.votes for one in found], dtype=np.int64)
        self.known = np.zeros(votes.n_tasks, dtype=bool)
        self.known[list(votes.known)] = True

    def code(self, answer: Any) -> int:
        written = repr(self.kind.write(answer))
        if written not in self._codes:
            self._codes[written] = len(self.answers)
            self.answers.append(answer)
        return self._codes[written]

    def scores(self, label: Ints, other: Ints, accepted: Callable[[int], Sequence[Any]]) -> Floats:
        """Return how right each answer is against what `accepted` says of its `other`."""
        (labels, others), row, _ = _pairs(label, other)
        score, both = self.kind.score, zip(labels.tolist(), others.tolist(), strict=True)
        return np.array([score(self.answers[a], accepted(b), self.settings) for a, b in both], dtype=np.float64)[row]


class _Evidence:
    """Of each worker: how many answers speak for or against, what they weigh, and the weight of the right ones.

    Args: weight: what each answer tells. stands: for how many answers it stands, in proportion.
    """

    tasks = 0.0  # of gold: how many tasks, all answered equally often, would tell as much of the crowd

    def __init__(self, workers: int, worker: Ints, score: Floats, weight: Floats, stands: Floats) -> None:
        def of_each(values: Floats) -> Floats:
            return np.bincount(worker, values, minlength=workers).astype(np.float64)

        all_, right = of_each(weight * stands), of_each(weight * stands * score)
        self.answers = np.bincount(worker, minlength=workers)
        self.weight: Floats = ratio(all_**2, of_each(weight * stands**2), otherwise=0.0)
        self.right: Floats = self.weight * ratio(right, all_, otherwise=0.0)


def _gold(coded: Coded) -> _Evidence:
    rows = np.flatnonzero(coded.known[coded.task])
    score = coded.scores(coded.label[rows], coded.task[rows], coded.votes.known.__getitem__)
    once = np.ones(len(rows))
    found = _Evidence(coded.votes.n_workers, coded.worker[rows], score, once, once)
    given = np.bincount(coded.task[rows])
    found.tasks = float(ratio(given.sum() ** 2, (given.astype(np.float64) ** 2).sum(), otherwise=0.0))
    return found


def _agreement(coded: Coded) -> _Evidence:
    compared = ~coded.known & (coded.combined >= 0) & (coded.given >= 2)
    rows = np.flatnonzero(compared[coded.task])
    task, label = coded.task[rows], coded.label[rows]
    agrees = coded.scores(label, coded.combined[task], lambda code: [coded.answers[code]])
    sure = coded.sure[task]
    # Where the consensus is wrong, one of the answers that lost is right: each in proportion to its votes.
    else_right = _shares(task, label, agrees < 1, coded.votes.n_tasks)
    score = agrees * sure + (1 - agrees) * (1 - sure) * else_right
    votes = coded.given[task]
    return _Evidence(coded.votes.n_workers, coded.worker[rows], score, (1 - 1 / votes) ** 2, 1 / votes)


def _shares(task: Ints, label: Ints, lost: Flags, tasks: int) -> Floats:
    """Return the share of each lost answer in those that its task lost; 0 of an answer that did not lose."""
    _, row, times = _pairs(task[lost], label[lost])
    found = np.zeros(len(task))
    found[lost] = times[row] / np.bincount(task[lost], minlength=tasks)[task[lost]]
    return found


def shares_an_error(coded: Coded) -> bool | None:
    """Tell whether what most workers say is wrong on gold too often, as the kind scores it; None if none can tell."""
    if coded.kind.classes(coded.settings) is None:
        return None
    said = _most_said(coded)
    several = np.bincount(coded.task, minlength=coded.votes.n_tasks) >= 2
    golds = np.flatnonzero(several & coded.known)
    hits = coded.scores(said[golds], golds, coded.votes.known.__getitem__) >= 1
    labelled = np.flatnonzero(several & ~coded.known & (coded.combined >= 0))
    same = coded.scores(said[labelled], coded.combined[labelled], lambda code: [coded.answers[code]]) >= 1
    claimed = float(np.where(same, coded.sure[labelled], 0.0).mean()) if len(labelled) else np.nan
    by_guessing = chance(coded.kind, coded.settings)
    return online.shares_an_error(int(hits.sum()), len(golds), claimed=claimed, chance=by_guessing)


def chance(kind: Any, settings: Any) -> float:
    """Return how right a guess is on average, by the kind's own score; 0 where answers can't be listed."""
    classes = kind.classes(settings)
    if classes is None:
        return 0.0
    if len(classes) > MOST_COMPARED:
        return 1 / len(classes)
    return float(np.mean([kind.score(guess, [truth], settings) for guess in classes for truth in classes]))


def _most_said(coded: Coded) -> Ints:
    """Return the answer that most gave to each task, of equally many the lowest code; -1 without any."""
    (task, label), _, times = _pairs(coded.task, coded.label)
    order = np.lexsort((-label, times, task))  # a task's last row is the one that counts
    found = np.full(coded.votes.n_tasks, -1)
    found[task[order]] = label[order]
    return found


def _pairs(one: Ints, other: Ints) -> tuple[tuple[Ints, Ints], Ints, Ints]:
    """Return the distinct pairs of codes, which of them each row has, and how many rows have each."""
    span = int(other.max(initial=0)) + 1
    pairs, row, times = np.unique(one * span + other, return_inverse=True, return_counts=True)
    return (pairs // span, pairs % span), row, times
