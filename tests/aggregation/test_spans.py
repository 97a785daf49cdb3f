import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.aggregation import BadTable, spans
from apps.aggregation.answers import Answers
from apps.aggregation.spans import Span

TYPES = ["LOC", "PER"]


def legal(tags):
    inside = [tag for tag in tags if tag and tag % 2 == 0]
    follows = all(b % 2 or not b or a in (b, b - 1) for a, b in itertools.pairwise(tags))
    return follows and (not inside or not (tags[0] and tags[0] % 2 == 0))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(0, 10**6))
def test_viterbi_finds_the_likeliest_of_all_legal_sequences(tokens, seed):
    posterior = np.random.default_rng(seed).dirichlet(np.ones(5) / 2, size=tokens)

    best = spans.viterbi(posterior)

    def likelihood(tags):
        return np.log(np.maximum(posterior[np.arange(tokens), list(tags)], 1e-300)).sum()

    every = [tags for tags in itertools.product(range(5), repeat=tokens) if legal(tags)]
    assert legal(best.tolist())
    assert likelihood(best) == pytest.approx(max(map(likelihood, every)))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.sampled_from(TYPES)), max_size=4))
def test_spans_that_do_not_overlap_survive_as_tags(drawn):
    given_spans, free = [], 0
    for gap, length, kind in drawn:
        given_spans.append(Span(free + gap, free + gap + length, kind))
        free += gap + length

    assert spans.read(spans.tags(given_spans, 60, TYPES), TYPES) == tuple(given_spans)


def test_of_overlapping_spans_the_first_and_longest_counts():
    tagged = spans.tags([Span(1, 2, "PER"), Span(0, 3, "LOC"), Span(2, 4, "PER")], 4, TYPES)

    assert spans.read(tagged, TYPES) == (Span(0, 3, "LOC"),)


def test_spans_outside_the_document_are_refused():
    with pytest.raises(BadTable, match="span 3 to 9 does not lie in a document of 5 tokens"):
        spans.tags([Span(3, 9, "PER")], 5, TYPES)


def crowd_of_readers(n_documents=30, seed=0):
    rng = np.random.default_rng(seed)
    truth, given, task, worker = [], [], [], []
    for document in range(n_documents):
        starts = np.sort(rng.choice(np.arange(0, 40, 5), 3, replace=False))
        truth.append([Span(int(s), int(s + rng.integers(1, 4)), str(rng.choice(TYPES))) for s in starts])
        for reader in range(5):
            task.append(document)
            worker.append(reader)
            missed = 0.1 if reader < 2 else 0.55
            given.append([span for span in truth[-1] if rng.random() > missed])
    return Answers(np.array(task), np.array(worker), given, n_documents, 5), np.full(n_documents, 44), truth


def test_readers_who_overlook_much_do_not_outvote_careful_ones():
    answers, lengths, truth = crowd_of_readers()

    found = spans.fit(answers, lengths)

    by_model = np.mean([spans.f1(*pair) for pair in zip(found.spans, truth, strict=True)])
    alone = np.mean([spans.f1(given, truth[task]) for task, given in zip(answers.task, answers.answer, strict=True)])
    assert by_model > 0.9
    assert by_model > alone + 0.15


def test_unanimous_spans_win_and_an_unread_document_has_none():
    same = [Span(1, 3, "PER")]
    answers = Answers([0, 0, 0], [0, 1, 2], [same] * 3, 2, 3)

    found = spans.fit(answers, np.array([5, 4]))

    assert found.spans == ((Span(1, 3, "PER"),), ())
    assert found.confidence[0][0] > 0.9
    assert np.isnan(found.document[1])


def test_known_spans_stay():
    answers = Answers([0, 0], [0, 1], [[Span(0, 1, "PER")]] * 2, 1, 2)

    assert spans.fit(answers, np.array([3]), known={0: [Span(1, 3, "LOC")]}).spans == ((Span(1, 3, "LOC"),),)


def test_documents_in_which_nobody_marks_anything_stay_empty():
    answers = Answers([0, 0], [0, 1], [[], []], 1, 2)

    assert spans.fit(answers, np.array([3])).spans == ((),)
