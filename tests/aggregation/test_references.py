"""Models of which nobody has a program with the same prior are what their formulas say, one answer at a time."""

import numpy as np
import pytest
import references
from crowds import crowd

from apps.aggregation import dawid_skene, mace, ordinal, pooled

SMALL = {"n_tasks": 25, "n_workers": 6, "votes": 4}
STEPS = {"iterations": 6, "tolerance": -1}


@pytest.mark.parametrize("n_labels", [2, 4])
@pytest.mark.parametrize("model", ["pooled", "mace", "ordinal"])
def test_the_posterior_is_that_of_the_formulas(model, n_labels):
    table, _ = crowd(n_labels=n_labels, seed=n_labels, **SMALL)
    fit = {"pooled": pooled.fit, "mace": mace.fit, "ordinal": ordinal.fit}[model]

    by_hand = getattr(references, model)(table, STEPS["iterations"])

    assert fit(table, **STEPS).posterior == pytest.approx(np.array(by_hand), abs=1e-9)


def test_dawid_skene_with_its_prior_is_what_its_formulas_say():
    table, _ = crowd(**SMALL)

    by_hand = references.dawid_skene(table, references.flat(3), STEPS["iterations"])

    assert dawid_skene.fit(table, **STEPS).posterior == pytest.approx(np.array(by_hand), abs=1e-9)
