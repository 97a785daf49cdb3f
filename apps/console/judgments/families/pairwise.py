"""Which of two items is preferred: the label is the preferred one's name or side, or a word for neither.

What is told of a pair is what most would say of it: by its own answers, and by a ranking of all items.

Where every task shows one pair, items meet across tasks and get one ranking. Where a task shows several pairs it is a
question of its own ("which is more like this?"), and items are ranked within each task.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from apps.aggregation import Table, bradley_terry, noisy_bradley_terry, preferences
from apps.aggregation.agreement import alpha, fleiss, gwet, percent
from apps.aggregation.agreement.units import Units, units
from apps.aggregation.arrays import Code, Ints
from apps.aggregation.audit import wilson
from apps.aggregation.comparisons import DRAWN, LEFT, RIGHT, Comparisons, Ranking
from apps.aggregation.em import Progress
from apps.console.judgments.columns import BadFile, Column
from apps.console.judgments.figures import Figure
from apps.console.judgments.files import Gold

from .base import Family, Outcome, amount, numbers, short

NEITHER = ("same", "equal", "tie", "both", "neither")
METHODS = {"noisy_bradley_terry": noisy_bradley_terry.fit, "bradley_terry": bradley_terry.fit}
ON = {"left": LEFT, "right": RIGHT}
SHOWN = 10


class Pairwise(Family):
    name = "pairwise"
    in_pairs = True
    labels = "the preferred of columns left and right"
    methods = tuple(METHODS)
    default = "noisy_bradley_terry"

    def prepare(self) -> None:
        asked = self.judgments
        if not asked.sides:
            raise BadFile(f"{asked.rows.path.name}: comparisons need the columns task, worker, left, right, label")
        names = pa.array(sorted({*asked.sides[0].names.to_pylist(), *asked.sides[1].names.to_pylist()}))
        self.left, self.right = (_codes(side, names) for side in asked.sides)
        itself = np.flatnonzero(self.left == self.right)
        if len(itself):
            raise asked.bad(int(itself[0]), "left and right are the same item")
        self.names = names
        self.names_no_side = not any(name.casefold() in ON for name in names.to_pylist())
        self.answer = self._answers(asked.label)
        task = asked.task.code.astype(np.int64)
        low, high = np.minimum(self.left, self.right), np.maximum(self.left, self.right)
        key = (task * len(names) + low) * len(names) + high
        _, self.first, self.pair = np.unique(key, return_index=True, return_inverse=True)
        self.low, self.high, self.pair_task = low[self.first], high[self.first], task[self.first]
        self.within = len(self.first) > len(asked.task.names)
        # What is ranked: a name, or a name within a task.
        thing = np.concatenate([task, task]) * self.within * len(names) + np.concatenate([self.left, self.right])
        self.things, code = np.unique(thing, return_inverse=True)
        self.left_thing, self.right_thing = np.split(code.astype(Code), 2)

    def _answers(self, label: Column) -> Ints:
        names = label.names.to_pylist()
        chosen = _codes(label, self.names)
        drawn = np.array([name.casefold() in NEITHER for name in names])[label.code]
        side = np.array([self._side(name) for name in names])[label.code]
        is_name = [chosen == self.left, chosen == self.right]
        answer = np.select([*is_name, side == LEFT, side == RIGHT, drawn], [LEFT, RIGHT, LEFT, RIGHT, DRAWN], -1)
        strange = np.flatnonzero(answer < 0)
        if len(strange):
            row = int(strange[0])
            pair = " nor ".join(short(self.names[int(side[row])].as_py()) for side in (self.left, self.right))
            told = f"label {short(names[label.code[row]])} is neither {pair}, nor one of {', '.join((*ON, *NEITHER))}"
            raise self.judgments.bad(row, told)
        return answer

    def _side(self, label: str) -> int:
        """Return the side that a label names, -1 where it names none: what an item is called is that item."""
        return ON.get(label.casefold(), -1) if self.names_no_side else -1

    def combine(self, method: str, progress: Progress | None = None) -> Outcome:
        asked = self.judgments
        drawn = self.answer == DRAWN
        ranking = METHODS[method](
            Comparisons(
                asked.worker.code,
                self.left_thing,
                self.right_thing,
                self.answer == LEFT,
                len(self.things),
                len(asked.worker.names),
                drawn,
            ),
            progress=progress,
        )
        found = self._preferences(ranking)
        best = np.choose(found.label, [self.low, self.high, len(self.names)])
        left, right = (side[self.first] for side in (self.left, self.right))
        columns = {
            "task": asked.task.names.take(pa.array(self.pair_task)),
            "left": self.names.take(pa.array(left)),
            "right": self.names.take(pa.array(right)),
            "label": pa.array([*self.names.to_pylist(), self._neither()]).take(pa.array(best)),
            "confidence": numbers(found.confidence),
        }
        return Outcome(columns, best, found.confidence, method, self._notes(ranking.order, int(drawn.sum())))

    def _preferences(self, ranking: Ranking) -> preferences.Preferences:
        """Return what most would say of each pair, an answer weighing as much as its worker's answers are meant."""
        offset = self.pair_task * self.within * len(self.names)
        low, high = (np.searchsorted(self.things, offset + side) for side in (self.low, self.high))
        care = np.where(np.isnan(ranking.skill), 1.0, ranking.skill)[self.judgments.worker.code]
        said = self.pair * 3 + self._said_of_low()
        answers = np.bincount(said, care, 3 * len(low)).astype(np.float64).reshape(-1, 3)
        return preferences.fit(ranking, low, high, answers)

    def _said_of_low(self) -> Ints:
        """Return the answers with the item whose name comes first as the left one."""
        swapped: Ints = np.where((self.left > self.right) & (self.answer != DRAWN), 1 - self.answer, self.answer)
        return swapped

    def _neither(self) -> str:
        """Return the word for neither that is used most often, the first in the alphabet of equals."""
        label = self.judgments.label
        words, times = np.unique(label.code[self.answer == DRAWN], return_counts=True)
        said = sorted(zip(-times, label.names.take(pa.array(words)).to_pylist(), strict=True))
        return said[0][1] if said else NEITHER[0]

    def _notes(self, order: Ints, drawn: int) -> tuple[str, ...]:
        notes = [f"half a win for each item, as they prefer neither: {amount(drawn, 'answer')}"] if drawn else []
        if self.within:
            notes.append("tasks show several pairs each, so items are ranked within their task")
        else:
            best = [self.names[int(self.things[thing])].as_py() for thing in order[:SHOWN]]
            notes.append(f"from best{' to worst' if len(order) <= SHOWN else ''}: {', '.join(best)}")
        return tuple(notes)

    def agreement(self, progress: Progress | None = None) -> list[Figure]:
        said = self._said()
        return [*self.glance(), Figure.of("Fleiss' kappa", fleiss(said)), Figure.of("Gwet's AC1", gwet(said))]

    def glance(self, progress: Progress | None = None) -> list[Figure]:
        said = self._said()
        return [
            Figure.of("percent agreement", percent(said), share=True),
            Figure.of("Krippendorff's alpha", alpha(said)),
        ]

    def _said(self) -> Units:
        """Return which item of each pair was preferred, or neither where anybody said so, as labels.

        Which item of a pair is called first says nothing, so by chance either is preferred as often. The more often
        preferred one is: not even an interval is to depend on names. Chance, as Gwet's AC1 has it, is shared among all
        labels there are: one that nobody gave would flatter.

        A worker who saw a pair twice, as both ways round, is one witness: of what they said most often, of both items
        as often that they prefer neither.
        """
        worker = self.judgments.worker
        key = self.pair * len(worker.names) + worker.code
        _, first, witness = np.unique(key, return_index=True, return_inverse=True)
        times = np.bincount(witness * 3 + self._said_of_low(), minlength=3 * len(first)).reshape(-1, 3)
        pair, is_one = self.pair[first], (times == times.max(axis=1, keepdims=True)).sum(axis=1) == 1
        label = np.where(is_one, times.argmax(axis=1), DRAWN)
        decided = label != DRAWN
        wins = np.bincount(pair[decided], 1 - 2.0 * label[decided], minlength=len(self.first))  # of the lower name
        label = np.where(decided & (wins < 0)[pair], 1 - label, label)
        labels = DRAWN + int((label == DRAWN).any())
        table = Table(pair, worker.code[first], label, len(self.first), len(worker.names), labels)
        return replace(units(table), alike=2)

    def accuracy(self, outcome: Outcome, gold: Gold) -> list[Figure]:
        at, truth = self._truth(gold)
        judged = at >= 0
        right = int((outcome.answers[at[judged]] == truth[judged]).sum())
        share = wilson(right, int(judged.sum()))
        return [Figure("accuracy", share.value, share.low, share.high, int(judged.sum()), share=True)]

    def doubts(self, gold: Gold) -> list[str]:
        at, truth = self._truth(gold)
        judged = at >= 0
        low, high = self.low[at], self.high[at]
        strange = np.flatnonzero(judged & (truth != low) & (truth != high) & (truth != len(self.names)))
        told = []
        if not judged.all():
            told.append(f"answers of gold to pairs that nobody compared: {(~judged).sum():,}")
        if len(strange):
            label = gold.label.names[int(gold.label.code[strange[0]])].as_py()
            told.append(f"labels of gold that are neither item of their pair: {len(strange):,}, such as {short(label)}")
        return told

    def _truth(self, gold: Gold) -> tuple[Ints, Ints]:
        """Return the pair that each answer of gold is about, -1 where nobody compared it, and the right item, or -1.

        Where neither is right, the item is the one after the last, unless the pair has an item of that name.

        Raises:
            BadFile: where gold does not say which pair, or which side, it speaks of.
        """
        if not gold.sides and self.within:
            raise BadFile(f"{gold.rows.path.name}: tasks show several pairs each, so gold needs columns left and right")
        if gold.sides:
            sides = zip(self.pair_task.tolist(), self.low.tolist(), self.high.tolist(), strict=True)
            pairs = {key: pair for pair, key in enumerate(sides)}
            left, right = (_codes(side, self.names) for side in gold.sides)
            keys = zip(
                gold.task.tolist(), np.minimum(left, right).tolist(), np.maximum(left, right).tolist(), strict=True
            )
            at = np.array([pairs.get(key, -1) for key in keys], dtype=np.int64)
        else:
            place = np.full(len(self.judgments.task.names), -1)
            place[self.pair_task] = np.arange(len(self.pair_task))
            at = place[gold.task]
            left, right = self.left[self.first[at]], self.right[self.first[at]]
        side = np.array([self._side(name) for name in gold.label.names.to_pylist()], dtype=int)[gold.label.code]
        if not gold.sides:
            both_ways = np.bincount(self.pair, self.left > self.right) % np.bincount(self.pair) > 0
            unclear = np.flatnonzero((side >= 0) & both_ways[at])
            if len(unclear):
                told = "this pair was shown both ways round, so gold needs columns left and right, or the item's name"
                raise gold.bad(int(unclear[0]), told)
        named = _codes(gold.label, self.names)
        drawn = np.array([name.casefold() in NEITHER for name in gold.label.names.to_pylist()])[gold.label.code]
        drawn &= (named != left) & (named != right)
        return at, np.select([side == LEFT, side == RIGHT, drawn], [left, right, len(self.names)], named)


def _codes(side: Column, names: pa.Array) -> Ints:
    return _codes_of(side.names, names)[side.code]


def _codes_of(values: pa.Array, names: pa.Array) -> Ints:
    codes: Ints = np.asarray(pc.fill_null(pc.index_in(values, value_set=names), -1)).astype(np.int64)
    return codes
