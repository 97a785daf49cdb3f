"""How simulated workers come to their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from apps.kinds import of
from apps.kinds.character import Character


class Answerer(Protocol):
    """Answers for one worker what is asked about an item, known by the key of its content."""

    def answer(self, key: str, *, kind: str, settings: Mapping[str, Any]) -> Any:
        """Return a raw answer."""


@dataclass
class ByCharacter:
    """Guesses from the truth as the character does, with known error rates.

    Where no truth is known, one is invented from the item's content: the same for every worker of the crowd. Chance is
    drawn from `seed` and that content: the same worker gives an item the same answer, whenever it comes.
    """

    character: Character
    truth: Mapping[str, Any]
    seed: Sequence[int]

    def answer(self, key: str, *, kind: str, settings: Mapping[str, Any]) -> Any:
        asked = of(kind)
        read = asked.read_settings(settings)
        item = int(key[:16], 16)
        if key in self.truth:
            truth = asked.read(self.truth[key], read)
        else:
            truth = asked.invent(np.random.default_rng(item), read)
        return asked.write(asked.guess(truth, self.character, np.random.default_rng([*self.seed, item]), read))


@dataclass
class Replay:
    """Gives the answers that a real person once gave, by their place among those asked."""

    place: int
    answers: Mapping[str, Sequence[Any]]

    def answer(self, key: str, *, kind: str, settings: Mapping[str, Any]) -> Any:
        return self.answers[key][self.place]
