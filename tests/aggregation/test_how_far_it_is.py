"""What takes long tells how far it is, up to its end and never backwards."""

import numpy as np
import pytest

from apps.aggregation import boxes, masks, rover
from apps.aggregation.answers import Answers
from apps.aggregation.regions import Region


@pytest.mark.parametrize(
    ("fit", "given"),
    [
        (rover.fit, ["a cat sat", "the cat sat", "a cat"]),
        (boxes.fit, [[Region((0, 0, 4, 4))], [], [Region((0, 1, 4, 4))]]),
        (masks.fit, [np.array([[1, 1, 0]]), np.array([[1, 1, 1]]), np.array([[0, 1, 0]])]),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_steps_are_counted_to_their_end(fit, given, known):
    tasks, told = 300, []
    answers = Answers(
        np.repeat(np.arange(tasks), 3), np.tile(np.arange(3), tasks), given * tasks, n_tasks=tasks + 1, n_workers=3
    )

    fit(answers, {0: given[0]} if known else None, progress=lambda *far: told.append(far))

    done, most = np.transpose(told)
    assert (np.diff(done) > 0).all()
    assert done[-1] == most[-1]
    assert len(told) == 100
