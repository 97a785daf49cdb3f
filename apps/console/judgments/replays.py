"""A real crowd's answers bought again under a policy, beside asking everybody the same number of times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from apps.aggregation import replay
from apps.aggregation.arrays import Flags, Floats, Ints
from apps.aggregation.methods import DEFAULT, METHODS
from apps.aggregation.online import Policy
from apps.aggregation.table import UNKNOWN, Table

from .figures import Figure, over

MODEL = "dawid_skene"  # what decides whether to ask again
BASELINE = "majority"
Buy = Callable[[int], replay.Outcome]  # by seed


@dataclass(frozen=True, eq=False)
class Plan:
    """A way to buy answers, and how it went, seed by seed.

    Args:
        right, judged: (n_tasks,) in how many seeds the task's label was right, and was measured.
        bills: paid answers of each seed, control questions included.
        tasks: tasks that got their labels for it.
        control: answers to control questions, each seed: the model learnt from them, and they are in the bill.
    """

    name: str
    buy: Buy
    right: Floats
    judged: Floats
    bills: list[float] = field(default_factory=list)
    control: list[int] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)

    def note(self, outcome: replay.Outcome, bill: float, labelled: Flags, truth: Ints) -> None:
        """Count a seed in, measured on the labelled tasks."""
        measured = labelled & (truth != UNKNOWN)
        right = measured & (outcome.result.label == truth)
        self.right[:] += right
        self.judged[:] += measured
        self.bills.append(bill)
        self.tasks.append(int(labelled.sum()))
        self.accuracies.append(float(right.sum() / measured.sum()) if measured.any() else np.nan)

    @property
    def per_task(self) -> Floats:
        """Paid answers a task, one value a seed."""
        answers: Floats = np.array(self.bills) / np.array(self.tasks)
        return answers

    def accuracy(self) -> Figure:
        """Return the accuracy over all seeds; the interval is of tasks, each of which was measured in several seeds."""
        measured = self.judged > 0
        return over("accuracy", self.right[measured], self.judged[measured], share=True, bounds=(0, 1))

    def gain(self, other: Plan) -> Figure:
        """Return how much more often right this plan is than the other on the same tasks, in the same seeds."""
        measured = self.judged > 0
        gained = (self.right - other.right)[measured]
        return over("gain", gained, self.judged[measured], share=True, bounds=(-1, 1))


def available(table: Table) -> int:
    """Return how many answers half of the tasks have at least."""
    return int(np.median(table.votes[table.votes > 0]))


def adaptive(table: Table, truth: Ints, policy: Policy, *, control: float, ks: Sequence[int]) -> list[Plan]:
    """Return the policy, and asking each of `ks` times with majority or the policy's own model."""
    # A gold label that nobody gave cannot be told to the model.
    told = np.where(truth < table.n_labels, truth, UNKNOWN)

    def buy(seed: int) -> replay.Outcome:
        return replay.adaptive(table, policy, truth=told, gold_share=control, method=METHODS[MODEL], seed=seed)

    fixed_plans = [_fixed(table, votes, name) for votes in ks for name in (BASELINE, MODEL)]
    return [_plan(table, f"adaptive, target {policy.target:g}", buy), *fixed_plans]


def fixed(table: Table, k: int) -> list[Plan]:
    """Return asking k times with the default method, and with majority and Dawid-Skene."""
    return [_fixed(table, k, name) for name in (DEFAULT, BASELINE, MODEL)]


def run(plans: Sequence[Plan], table: Table, truth: Ints, seeds: int) -> Iterable[int]:
    """Carry out all plans seed by seed, yielding the seeds done.

    All are measured on the tasks that the first plan labelled, its control questions set aside.
    """
    for seed in range(seeds):
        first, *others = plans
        outcome = first.buy(seed)
        labelled = outcome.judged
        first.note(outcome, outcome.bill, labelled, truth)
        first.control.append(outcome.control)
        for plan in others:
            found = plan.buy(seed)
            plan.note(found, found.bill * labelled.mean(), labelled, truth)
        yield seed + 1


def lines(plans: Sequence[Plan]) -> Iterable[str]:
    """Yield a table of the plans, and what the first saves against each other one."""
    yield f"  {'':<26}{'judgments':>16}{'a task':>16}   {'accuracy':<26}of one seed"
    for plan in plans:
        one = f"± {np.std(plan.accuracies) * 100:.1f} points"
        used = f"{_spread(plan.bills, 0):>16}{_spread(plan.per_task, 2):>16}"
        yield f"  {plan.name:<26}{used}   {plan.accuracy()!s:<26}{one}"
    ours, *others = plans
    if any(ours.control):
        yield f"  {'control questions':<26}{np.mean(ours.control):,.0f} answers, all in the bill"
    yield ""
    for other in others:
        saved = 1 - np.mean(ours.per_task) / np.mean(other.per_task)
        gain = ours.gain(other)
        points = f"{gain.value * 100:+.1f} points [{gain.low * 100:+.1f}, {gain.high * 100:+.1f}]"
        kept = (
            f"{saved:.1%} fewer answers" if saved > 0 else f"{-saved:.1%} more answers" if saved else "as many answers"
        )
        yield f"  {ours.name} against {other.name}: {kept}, accuracy {points}"


def _spread(values: Sequence[float] | Floats, digits: int) -> str:
    return f"{np.mean(values):,.{digits}f} ± {np.std(values):,.{digits}f}"


def _fixed(table: Table, votes: int, method: str) -> Plan:
    def buy(seed: int) -> replay.Outcome:
        return replay.fixed(table, votes, method=METHODS[method], seed=seed)

    return _plan(table, f"fixed k={votes}, {method}", buy)


def _plan(table: Table, name: str, buy: Buy) -> Plan:
    return Plan(name, buy, np.zeros(table.n_tasks), np.zeros(table.n_tasks))
