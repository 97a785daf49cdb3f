"""What must hold on real crowds. They are not part of the project: LABELCROWD_CROWD_DATA names their folder."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "infra" / "bench"))

from bench_accuracy import entities, paired
from real_crowds import categorical, folder, sets

from apps.aggregation.methods import DEFAULT, METHODS

pytestmark = pytest.mark.skipif(
    folder() is None, reason="NOT CHECKED ON REAL CROWDS: LABELCROWD_CROWD_DATA names no folder"
)


@pytest.mark.parametrize("name", sets("categorical"))
def test_the_default_method_is_on_no_set_a_point_worse_than_the_majority(name):
    table, truth = categorical(name)
    judged = truth != -1

    ours, votes = ((METHODS[method](table).label == truth)[judged] for method in (DEFAULT, "majority"))

    _, high, _ = paired(ours, votes)
    assert high > -0.01


def test_the_default_method_beats_the_majority_on_the_whole():
    gains = []
    for name in sets("categorical"):
        table, truth = categorical(name)
        ours, votes = ((METHODS[method](table).label == truth)[truth != -1] for method in (DEFAULT, "majority"))
        gains.append(ours.mean() - votes.mean())

    assert np.mean(gains) > 0.01


@pytest.mark.parametrize("name", sets("spans"))
def test_spans_by_token_beat_votes_on_tokens(name):
    scores = entities(name)

    assert scores["dawid_skene"] > scores["majority"] + 0.03
