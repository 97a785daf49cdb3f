import numpy as np
import pytest
from crowds import crowd

from apps.aggregation import Table, dawid_skene, em, fast, majority
from apps.aggregation.result import Result

pytestmark = pytest.mark.skipif(fast.passes(fast.LARGE, 3) is None, reason="numba, the extra `fast`, is not installed")


def test_small_tables_do_without_the_compiler():
    assert fast.passes(fast.LARGE - 1, 3) is None


@pytest.mark.parametrize("votes", [5, fast.SHALLOW, fast.SHALLOW + 12])
def test_compiled_and_plain_passes_agree(votes):
    table, _ = crowd(n_tasks=200, n_workers=45, votes=votes)
    known = table.clamp({0: 0, 1: 2})
    theta = dawid_skene.normalise(np.random.default_rng(0).random((45, 3, 3)) ** 8).reshape(-1, 3)
    pi = np.array([0.2, 0.7, 0.1])
    posterior, plain_posterior = np.empty((2, 200, 3))
    answers, truths = np.zeros((135, 3)), np.zeros(3)

    plain = em._sweep(table, np.log(theta), np.log(pi), known, plain_posterior)
    rows = (table.start, table.worker, table.label)
    log_likelihood = fast.passes(fast.LARGE, 3).sweep(
        *rows, theta, np.log(theta), pi, known, posterior, answers, truths
    )

    assert log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert posterior == pytest.approx(plain_posterior, abs=1e-12)
    assert answers == pytest.approx(plain.answers.reshape(135, 3), abs=1e-10)
    assert truths == pytest.approx(plain.truths, abs=1e-10)


def test_contradicting_certainties_do_not_underflow():
    """Forty workers who are never wrong say one thing, then forty the other."""
    table = Table(np.zeros(80, int), np.arange(80), np.repeat([0, 1], 40), 1, 80, 2)
    theta = np.full((80, 2, 2), em.FLOOR)
    theta[:, [0, 1], [0, 1]] = 1 - em.FLOOR
    theta, posterior = theta.reshape(-1, 2), np.empty((1, 2))

    fast.passes(fast.LARGE, 2).sweep(
        *(table.start, table.worker, table.label),
        *(theta, np.log(theta), np.array([0.5, 0.5]), table.clamp(None), posterior, np.zeros((160, 2)), np.zeros(2)),
    )

    assert posterior[0] == pytest.approx([0.5, 0.5])


def test_compiled_votes_are_bit_for_bit_the_plain_ones():
    fast.passes(fast.LARGE, 4)
    table, _ = crowd(n_tasks=500, n_labels=4, votes=4)
    known = {3: 1, 7: 0}

    compiled = majority.fit(table, known)
    plain = _plain(table, known)

    assert (compiled.posterior == plain.posterior).all()
    assert (compiled.label == plain.label).all()
    assert (compiled.skill == plain.skill).all()


def _plain(table: Table, known: dict[int, int]) -> Result:
    posterior = majority.shares(table.counts(), table.clamp(known))
    label = majority.decide(posterior)
    return Result(posterior, label, majority.agreement_with(label, table), majority.Diagnostics("plain"))
