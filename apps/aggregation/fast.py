"""Compiled passes for large tables, where numba is installed (the extra `fast`); SciPy does the same work elsewhere.

One pass reads each judgment twice, E-step and counts together, with the number of labels known to the compiler.
Posteriors are products of probabilities, not sums of logs: no exp, no log but one a task. No probability is below
FLOOR = 1e-10, so the product of SHALLOW answers and a prior stays a normal number; tasks with more answers go by logs.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from math import exp, inf, log
from typing import Any, NamedTuple

import numpy as np

from .arrays import Code

LARGE = 500_000  # judgments; below, loading the compiler takes longer than a whole fit
SHALLOW = 28

Pass = Callable[..., Any]


class Passes(NamedTuple):
    sweep: Pass
    vote: Pass


def passes(n_judgments: int, n_labels: int) -> Passes | None:
    """Return the passes for so many labels, or None where the table is small or numba is missing."""
    return _compiled(n_labels) if n_judgments >= LARGE else None


def loaded(n_labels: int) -> Passes | None:
    """Return the passes if an earlier call loaded them: a single vote is over before a compiler has started."""
    return _ready.get(n_labels)


_ready: dict[int, Passes] = {}


def _compiled(n_labels: int) -> Passes | None:
    if n_labels not in _ready and importlib.util.find_spec("numba"):
        try:
            _ready[n_labels] = _warm(n_labels, cache=True)
        except RuntimeError:  # no folder to keep compiled code in
            _ready[n_labels] = _warm(n_labels, cache=False)
    return _ready.get(n_labels)


def _warm(n_labels: int, *, cache: bool) -> Passes:
    compiler = importlib.import_module("numba").njit(cache=cache, nogil=True, error_model="numpy")
    found = Passes(compiler(_sweep(n_labels)), compiler(_vote(n_labels)))
    codes, known = np.zeros(1, dtype=Code), np.zeros(0, dtype=Code)
    codes.flags.writeable = False
    floats, rows = np.zeros(n_labels), np.zeros((0, n_labels))
    found.sweep(codes, codes, codes, rows, rows, floats, known, rows, rows, floats)
    found.vote(codes, codes, codes, known, rows, known, floats, floats)
    return found


def _sweep(labels: int) -> Pass:  # noqa: C901 (one loop nest is what makes it fast)
    def sweep(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
        start, worker, label, theta, log_theta, pi, known, posterior, answers, truths
    ):
        """Fill in posterior, answers and truths (both given as zeros); return the log-likelihood."""
        log_likelihood = 0.0
        p = np.empty(labels)
        for t in range(len(start) - 1):
            shift = 0.0
            for k in range(labels):
                p[k] = pi[k] if known[t] < 0 or known[t] == k else 0.0
            if start[t + 1] - start[t] <= SHALLOW:
                for row in range(start[t], start[t + 1]):
                    given = worker[row] * labels + label[row]
                    for k in range(labels):
                        p[k] *= theta[given, k]
            else:
                for k in range(labels):
                    p[k] = log(p[k]) if p[k] > 0.0 else -inf
                for row in range(start[t], start[t + 1]):
                    given = worker[row] * labels + label[row]
                    for k in range(labels):
                        p[k] += log_theta[given, k]
                shift = p.max()
                for k in range(labels):
                    p[k] = exp(p[k] - shift)
            total = 0.0
            for k in range(labels):
                total += p[k]
            log_likelihood += log(total) + shift
            for k in range(labels):
                p[k] /= total
                posterior[t, k] = p[k]
                truths[k] += p[k]
            for row in range(start[t], start[t + 1]):
                given = worker[row] * labels + label[row]
                for k in range(labels):
                    answers[given, k] += p[k]
        return log_likelihood

    return sweep


def _vote(labels: int) -> Pass:
    def vote(start, worker, label, known, posterior, chosen, agreed, answered):  # type: ignore[no-untyped-def]
        """Fill in shares of votes, first maxima, and by worker the answers that equal them and all answers."""
        count = np.empty(labels)
        for t in range(len(start) - 1):
            votes = start[t + 1] - start[t]
            for k in range(labels):
                count[k] = 0.0 if votes else 1.0
            for row in range(start[t], start[t + 1]):
                count[label[row]] += 1.0
            best = 0
            for k in range(labels):
                if count[k] > count[best]:
                    best = k
                posterior[t, k] = count[k] / (votes if votes else labels)
            if known[t] >= 0:
                best = known[t]
                for k in range(labels):
                    posterior[t, k] = 1.0 if k == best else 0.0
            chosen[t] = best
            for row in range(start[t], start[t + 1]):
                answered[worker[row]] += 1
                agreed[worker[row]] += label[row] == best
        return

    return vote
