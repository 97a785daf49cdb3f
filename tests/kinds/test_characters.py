"""Simulated workers err exactly as often as their confusion matrices say."""

from typing import Any

import numpy as np
import pytest

from apps import kinds
from apps.kinds.base import BIASED, CAREFUL, CHARACTERS, HASTY, SPAMMING, Kind

SAMPLES = 1000


def classed() -> list[str]:
    return [name for name in kinds.names() if _settled(kinds.of(name))[1] is not None]


def _settled(kind: Kind[Any, Any]) -> tuple[Any, Any]:
    settings = kind.read_settings(kind.examples.settings)
    return settings, kind.classes(settings)


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=lambda character: character.name)
@pytest.mark.parametrize("name", classed())
def test_sampled_frequencies_match_the_confusion_matrix(name: str, character: Any) -> None:
    kind = kinds.of(name)
    settings, classes = _settled(kind)
    rng = np.random.default_rng(7)

    confusion = kind.confusion(character, settings)
    sampled = np.array(
        [
            np.bincount(
                [classes.index(kind.guess(truth, character, rng, settings)) for _ in range(SAMPLES)],
                minlength=len(classes),
            )
            / SAMPLES
            for truth in classes
        ]
    )

    assert confusion is not None
    assert confusion.sum(axis=1) == pytest.approx(np.ones(len(classes)))
    within = 5 * np.sqrt(confusion * (1 - confusion) / SAMPLES)
    assert (np.abs(sampled - confusion) <= within + 1e-12).all()


@pytest.mark.parametrize("name", kinds.names())
def test_careful_and_hasty_workers_are_right_as_often_as_they_claim(name: str) -> None:
    kind = kinds.of(name)
    settings, _ = _settled(kind)
    rng = np.random.default_rng(11)
    truth = kind.read(kind.examples.good[0], settings)

    for character, share in ((CAREFUL, 0.95), (HASTY, 0.80)):
        right = np.mean([kind.guess(truth, character, rng, settings) == truth for _ in range(4 * SAMPLES)])

        assert right == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / (4 * SAMPLES)))


@pytest.mark.parametrize("name", classed())
def test_a_spammer_is_right_by_chance(name: str) -> None:
    kind = kinds.of(name)
    settings, classes = _settled(kind)

    assert kind.confusion(SPAMMING, settings) == pytest.approx(np.full((len(classes),) * 2, 1 / len(classes)))


@pytest.mark.parametrize("name", kinds.names())
def test_a_spammer_answers_alike_whatever_is_true(name: str) -> None:
    kind = kinds.of(name)
    settings, _ = _settled(kind)
    truths = [kind.read(raw, settings) for raw in kind.examples.good]

    said = {
        tuple(repr(kind.guess(truth, SPAMMING, rng, settings)) for rng in [np.random.default_rng(3)] for _ in range(20))
        for truth in truths
    }

    assert len(said) == 1


def test_a_biased_worker_prefers_the_first_option_and_rates_too_high() -> None:
    choice, rating = kinds.of("single_choice"), kinds.of("rating")
    options, scale = _settled(choice)[0], _settled(rating)[0]

    chosen = choice.confusion(BIASED, options)
    rated = rating.confusion(BIASED, scale)

    assert chosen is not None
    assert rated is not None
    assert chosen[:, 0] == pytest.approx([0.65 * 0.90 + 0.35, 0.65 * 0.05 + 0.35, 0.65 * 0.05 + 0.35])
    points = np.arange(-4, 5)
    assert (rated[:-1] @ points > points[:-1]).all()
