"""The laws that every kind of question keeps; a new kind is under them by being there."""

import contextlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples_at_most
from hypothesis import strategies as st
from posted_forms import Form

from apps import kinds
from apps.kinds import forms, rendering, viewer
from apps.kinds.base import CHARACTERS, BadAnswer, BadSettings, Kind, Votes

PLACE = "018f3c"
for_every_kind = pytest.mark.parametrize("name", kinds.names())
seeds = st.integers(0, 2**32 - 1)
methods = st.sampled_from(["dawid_skene", "majority", "ensemble"])
TOO_LARGE = (10**400, -(10**400))  # for a float: JSON's whole numbers have no end
numbers = st.integers() | st.floats() | st.sampled_from(TOO_LARGE)
junk = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20) | st.just("\ud800\x00"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def example(name: str) -> SimpleNamespace:
    kind: Kind[Any, Any] = kinds.of(name)
    settings = kind.read_settings(kind.examples.settings)
    good = [kind.read(raw, settings) for raw in kind.examples.good]
    return SimpleNamespace(kind=kind, settings=settings, good=good, examples=kind.examples)


def invented(it: SimpleNamespace, seed: int, count: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [it.kind.invent(rng, it.settings) for _ in range(count)]


def crowd(it: SimpleNamespace, seed: int, n_tasks: int = 12, n_workers: int = 5) -> Votes:
    """Return the votes of a mixed crowd, most of whom answer most tasks."""
    rng = np.random.default_rng(seed)
    characters = list(CHARACTERS.values())
    rows = [
        (task, worker, it.kind.guess(truth, characters[worker % len(characters)], rng, it.settings))
        for task, truth in enumerate(invented(it, seed, n_tasks))
        for worker in range(n_workers)
        if rng.random() < 0.8
    ]
    tasks, workers, answers = zip(*rows, strict=True) if rows else ((), (), ())
    return Votes(np.array(tasks, dtype=int), np.array(workers, dtype=int), answers, n_tasks, n_workers)


def with_one_too_large(raw: Any) -> Iterator[Any]:
    """Yield what was given with one of its numbers too large for a float, each number in turn."""
    if isinstance(raw, dict):
        yield from ({**raw, name: spoilt} for name, each in raw.items() for spoilt in with_one_too_large(each))
    elif isinstance(raw, list):
        yield from (
            [*raw[:place], spoilt, *raw[place + 1 :]]
            for place, each in enumerate(raw)
            for spoilt in with_one_too_large(each)
        )
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        yield from TOO_LARGE


@for_every_kind
def test_a_kind_is_named_and_explained(name: str) -> None:
    kind = kinds.of(name)

    assert kind.name == name
    assert kind.title
    assert kind.help.endswith(".")


@for_every_kind
def test_settings_written_are_read_back_the_same(name: str) -> None:
    it = example(name)

    written = json.loads(json.dumps(it.kind.write_settings(it.settings)))

    assert it.kind.read_settings(written) == it.settings


@for_every_kind
def test_a_kind_that_describes_its_settings_describes_all_of_them(name: str) -> None:
    it = example(name)

    described = [setting.name for setting in it.kind.described]

    assert not described or described == list(it.kind.write_settings(it.settings))


@for_every_kind
def test_bad_settings_are_refused_with_a_sentence(name: str) -> None:
    it = example(name)
    assert it.examples.bad_settings

    for bad in it.examples.bad_settings:
        with pytest.raises(BadSettings) as refused:
            it.kind.read_settings(bad["settings"])

        assert bad["because"] in str(refused.value)


@for_every_kind
@examples_at_most(max_examples=60, deadline=None)
@given(instead=junk, which=st.integers(0, 20))
def test_settings_of_any_json_are_read_or_refused(name: str, instead: Any, which: int) -> None:
    it = example(name)
    written = it.kind.write_settings(it.settings)
    spoilt = {**written, list(written)[which % len(written)]: instead}

    for raw in (instead, spoilt):
        with contextlib.suppress(BadSettings):
            settings = it.kind.read_settings(raw)

            assert it.kind.read_settings(it.kind.write_settings(settings)) == settings


@for_every_kind
def test_good_answers_written_are_read_back_the_same(name: str) -> None:
    it = example(name)
    assert it.good

    for answer in it.good:
        written = json.loads(json.dumps(it.kind.write(answer)))

        assert it.kind.read(written, it.settings) == answer


@for_every_kind
@examples_at_most(max_examples=40, deadline=None)
@given(seed=seeds)
def test_a_prediction_round_trips(name: str, seed: int) -> None:
    it = example(name)
    [answer] = invented(it, seed, 1)

    raw = json.loads(json.dumps(it.kind.write(answer)))

    assert it.kind.write(it.kind.read(raw, it.settings)) == raw


@for_every_kind
@examples_at_most(max_examples=40, deadline=None)
@given(seed=seeds)
def test_what_label_studio_is_given_of_an_answer_is_read_back_the_same(name: str, seed: int) -> None:
    it = example(name)
    [answer] = invented(it, seed, 1)

    if (result := it.kind.label_studio_result(answer, it.settings)) is not None:
        type_, value = json.loads(json.dumps(result))
        assert it.kind.read(it.kind.label_studio_answer(type_, value, it.settings), it.settings) == answer
        assert it.kind.label_studio_answer("another", value, it.settings) is None


@for_every_kind
def test_bad_answers_are_refused_with_a_sentence(name: str) -> None:
    it = example(name)
    assert it.examples.bad

    for bad in it.examples.bad:
        with pytest.raises(BadAnswer) as refused:
            it.kind.read(bad["answer"], it.settings)

        assert bad["because"] in str(refused.value)


@for_every_kind
@examples_at_most(max_examples=60, deadline=None)
@given(raw=junk)
def test_an_answer_of_any_json_is_read_or_refused(name: str, raw: Any) -> None:
    it = example(name)

    with contextlib.suppress(BadAnswer):
        answer = it.kind.read(raw, it.settings)

        assert it.kind.read(it.kind.write(answer), it.settings) == answer


@for_every_kind
def test_a_number_too_large_for_a_float_is_refused_with_a_sentence_in_answers_and_in_settings(name: str) -> None:
    it = example(name)
    spoilt = [each for raw in it.examples.good for each in with_one_too_large(raw)]

    for raw in [*spoilt, *TOO_LARGE]:
        with pytest.raises(BadAnswer, match="should be"):
            it.kind.read(raw, it.settings)
    for raw in with_one_too_large(it.kind.write_settings(it.settings)):
        with pytest.raises(BadSettings, match="should be"):
            it.kind.read_settings(raw)


@for_every_kind
@examples_at_most(max_examples=40, deadline=None)
@given(seed=seeds)
def test_distance_is_nothing_to_itself_symmetric_and_a_share(name: str, seed: int) -> None:
    it = example(name)

    for a in (drawn := [*it.good, *invented(it, seed, 2)]):
        assert it.kind.distance(a, a, it.settings) == 0
        for b in drawn:
            there, back = it.kind.distance(a, b, it.settings), it.kind.distance(b, a, it.settings)
            assert there == pytest.approx(back)
            assert 0 <= there <= 1


@for_every_kind
def test_an_accepted_answer_scores_one_and_scores_are_shares(name: str) -> None:
    it = example(name)

    for answer in it.good:
        assert it.kind.score(answer, [answer], it.settings) == 1
        assert it.kind.score(answer, it.good, it.settings) == 1
        assert it.kind.score(answer, [], it.settings) == 0
        assert all(0 <= it.kind.score(answer, [other], it.settings) <= 1 for other in it.good)


@for_every_kind
@pytest.mark.parametrize("method", ["dawid_skene", "majority"])
def test_unanimous_votes_win_with_certainty(name: str, method: Any) -> None:
    it = example(name)
    tasks = np.repeat(np.arange(len(it.good)), 4)
    workers = np.tile(np.arange(4), len(it.good))
    votes = Votes(tasks, workers, [it.good[task] for task in tasks], len(it.good), 4)

    combined = it.kind.aggregate(votes, it.settings, method)

    assert [one.answer for one in combined.consensus] == it.good
    assert all(one.confidence > 0.95 and one.votes == 4 for one in combined.consensus)


@for_every_kind
@examples_at_most(max_examples=15, deadline=None)
@given(seed=seeds, method=methods)
def test_the_order_of_workers_and_of_votes_changes_nothing(name: str, seed: int, method: Any) -> None:
    it = example(name)
    votes = crowd(it, seed)
    rng = np.random.default_rng(seed)
    rows, ids = rng.permutation(len(votes.answers)), rng.permutation(votes.n_workers)
    shuffled = Votes(
        votes.tasks[rows],
        ids[votes.workers[rows]],
        [votes.answers[row] for row in rows],
        votes.n_tasks,
        votes.n_workers,
    )

    before, after = (it.kind.aggregate(given, it.settings, method) for given in (votes, shuffled))

    assert [one.answer for one in before.consensus] == [one.answer for one in after.consensus]
    assert [one.confidence for one in before.consensus] == pytest.approx(
        [one.confidence for one in after.consensus], abs=1e-4
    )
    assert before.skill == pytest.approx(after.skill[ids], abs=1e-4, nan_ok=True)


@for_every_kind
@examples_at_most(max_examples=15, deadline=None)
@given(seed=seeds, method=methods)
def test_a_consensus_is_a_valid_answer_with_a_share_as_confidence(name: str, seed: int, method: Any) -> None:
    it = example(name)
    votes = crowd(it, seed)

    combined = it.kind.aggregate(votes, it.settings, method)

    assert len(combined.consensus) == votes.n_tasks
    assert combined.skill.shape == (votes.n_workers,)
    for one, count in zip(combined.consensus, votes.per_task(), strict=True):
        assert one.votes == count
        assert 0 <= one.confidence <= 1
        assert (one.answer is None) == (count == 0)
        if one.answer is not None:
            assert it.kind.read(it.kind.write(one.answer), it.settings) == one.answer


@for_every_kind
@pytest.mark.parametrize("method", ["dawid_skene", "majority"])
def test_nobody_having_voted_is_no_answer_and_no_error(name: str, method: Any) -> None:
    it = example(name)
    nothing = np.array([], dtype=int)

    combined = it.kind.aggregate(Votes(nothing, nothing, [], 2, 1), it.settings, method)

    assert [(one.answer, one.confidence, one.votes) for one in combined.consensus] == [(None, 0, 0)] * 2
    assert np.isnan(combined.skill).all()


@for_every_kind
@pytest.mark.parametrize("method", ["dawid_skene", "majority"])
def test_a_known_answer_stands_against_all_votes(name: str, method: Any) -> None:
    it = example(name)
    truth, wrong = it.good[0], it.good[1]
    votes = Votes(np.zeros(3, dtype=int), np.arange(3), [wrong] * 3, 1, 3, known={0: [truth]})

    [one] = it.kind.aggregate(votes, it.settings, method).consensus

    assert (one.answer, one.confidence) == (truth, 1)


@for_every_kind
@examples_at_most(max_examples=40, deadline=None)
@given(seed=seeds)
def test_an_exported_answer_is_imported_the_same(name: str, seed: int) -> None:
    it = example(name)

    for answer in [*it.good, *invented(it, seed, 2)]:
        flat = it.kind.export(answer, it.settings)

        assert list(flat) == it.kind.columns(it.settings)
        assert it.kind.import_(flat, it.settings) == answer
        assert it.kind.import_({name: str(value) for name, value in flat.items()}, it.settings) == answer


@for_every_kind
@examples_at_most(max_examples=40, deadline=None)
@given(seed=seeds, character=st.sampled_from(list(CHARACTERS.values())))
def test_a_guess_is_a_valid_answer(name: str, seed: int, character: Any) -> None:
    it = example(name)

    for truth in [*it.good, *invented(it, seed, 2)]:
        guess = it.kind.guess(truth, character, np.random.default_rng(seed), it.settings)

        assert it.kind.read(it.kind.write(guess), it.settings) == guess


@for_every_kind
def test_codes_are_equal_for_equal_answers_only(name: str) -> None:
    it = example(name)

    codes = it.kind.codes([*it.good, it.good[0]], it.settings)

    assert codes[0] == codes[-1]
    assert len(set(codes)) == len(it.good)


@for_every_kind
def test_a_form_without_scripts_holds_every_answer(name: str) -> None:
    it = example(name)
    item = viewer.parts(it.examples.item, media=lambda file: f"/media/{file}")

    for answer in it.good:
        html = rendering.widget(it.kind, it.settings, place=PLACE, item=item, answer=it.kind.write(answer))
        fields = forms.relative(Form(html).posted.items(), PLACE)

        assert it.kind.read(it.kind.read_form(fields, it.settings), it.settings) == answer


@for_every_kind
def test_a_form_left_alone_gives_no_answer(name: str) -> None:
    it = example(name)

    form = Form(rendering.widget(it.kind, it.settings, place=PLACE))

    assert it.kind.read_form(forms.relative(form.posted.items(), PLACE), it.settings) is None
    assert it.kind.read_form({}, it.settings) is None


@for_every_kind
def test_a_widget_is_named_by_its_question_and_says_what_is_wrong(name: str) -> None:
    it = example(name)

    html = rendering.widget(it.kind, it.settings, place=PLACE, error="'cow' is <no> answer")

    elements = Form(html).elements
    assert [tag for tag, _ in elements].count("legend") == 1
    assert it.kind.write_settings(it.settings)["question"] in html
    assert "&#x27;cow&#x27; is &lt;no&gt; answer" in html
    ids = [given["id"] for _, given in elements if "id" in given]
    described = [given["aria-describedby"] for _, given in elements if "aria-describedby" in given]
    assert len(ids) == len(set(ids))
    assert set(described) <= set(ids)


@for_every_kind
def test_a_widget_needs_no_inline_style_or_script(name: str) -> None:
    it = example(name)
    item = viewer.parts(it.examples.item, media=lambda file: f"/media/{file}")

    html = rendering.widget(it.kind, it.settings, place=PLACE, item=item)

    for tag, attributes in Form(html).elements:
        assert tag not in ("script", "style")
        assert not [attribute for attribute in attributes if attribute == "style" or attribute.startswith("on")]


@for_every_kind
def test_the_script_is_where_the_page_looks_for_it(name: str) -> None:
    kind = kinds.of(name)

    script = kind.folder / "static" / rendering.script(kind)

    assert "export function mount(" in script.read_text("utf-8")
