"""The common ground of kinds whose possible answers can be listed."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from apps.kinds.base import Aggregate, Character, Kind, Rng, Votes
from apps.kinds.character import nominal_confusion
from apps.kinds.consensus import of_classes

S = TypeVar("S")
A = TypeVar("A")


class KindOfClasses(Kind[S, A]):
    """A kind with K >= 2 possible answers, unordered unless `costs`, `confusion` and `metric` say otherwise."""

    @abstractmethod
    def classes(self, settings: S) -> Sequence[A]: ...

    def costs(self, settings: S) -> NDArray[np.float64]:
        """Return the distance between every two classes, shape (K, K)."""
        return 1 - np.eye(len(self.classes(settings)))

    def scores(self, settings: S) -> NDArray[np.float64]:
        """Return how right each class (column) is where another (row) is the truth, shape (K, K)."""
        return 1 - self.costs(settings)

    def distance(self, a: A, b: A, settings: S) -> float:
        return float(a != b)

    def code(self, answer: A, settings: S) -> int | float | None:
        return self.classes(settings).index(answer)

    def aggregate(self, votes: Votes, settings: S, method: str = "dawid_skene") -> Aggregate:
        return of_classes(votes, self.classes(settings), self.costs(settings), method, self.scores(settings))

    def confusion(self, character: Character, settings: S) -> NDArray[np.float64]:
        return nominal_confusion(len(self.classes(settings)), character)

    def guess(self, truth: A, character: Character, rng: Rng, settings: S) -> A:
        classes = self.classes(settings)
        row = self.confusion(character, settings)[classes.index(truth)]
        return classes[int(rng.choice(len(classes), p=row))]

    def invent(self, rng: Rng, settings: S) -> A:
        classes = self.classes(settings)
        return classes[int(rng.integers(len(classes)))]
