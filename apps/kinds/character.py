"""Temperaments of simulated workers, with error rates that are known exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator


@dataclass(frozen=True)
class Character:
    """How a simulated worker answers.

    accuracy: the probability of a right answer when the worker looks and is not swayed.
    bias: the probability of being swayed towards one class or pole whatever the truth is.
    speed_seconds: the typical time for one answer.
    carelessness: the share of answers given without looking at the item at all.
    """

    name: str
    accuracy: float
    bias: float
    speed_seconds: float
    carelessness: float = 0.0


CAREFUL = Character("careful", accuracy=0.95, bias=0.0, speed_seconds=12.0)
HASTY = Character("hasty", accuracy=0.80, bias=0.0, speed_seconds=4.0)
BIASED = Character("biased", accuracy=0.90, bias=0.35, speed_seconds=8.0)
SPAMMING = Character("spamming", accuracy=0.0, bias=0.0, speed_seconds=1.5, carelessness=1.0)
CHARACTERS: Mapping[str, Character] = MappingProxyType({who.name: who for who in (CAREFUL, HASTY, BIASED, SPAMMING)})


@cache
def nominal_confusion(n: int, character: Character) -> NDArray[np.float64]:
    """Return the confusion matrix (row = truth) over n >= 2 unordered classes; rows sum to 1.

    Errors are spread evenly over the other classes. A swayed worker names the first class, a careless one any, evenly.
    """
    looked = np.full((n, n), (1 - character.accuracy) / (n - 1))
    np.fill_diagonal(looked, character.accuracy)
    swayed = np.zeros((n, n))
    swayed[:, 0] = 1
    return temper(looked, swayed, character)


def temper(looked: NDArray[np.float64], swayed: NDArray[np.float64], character: Character) -> NDArray[np.float64]:
    """Mix what a worker says after looking, when swayed, and without looking (any class, evenly) into one matrix."""
    attentive = (1 - character.bias) * looked + character.bias * swayed
    mixed = (1 - character.carelessness) * attentive + character.carelessness / len(looked)
    mixed.setflags(write=False)
    return mixed
