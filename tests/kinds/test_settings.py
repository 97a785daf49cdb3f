"""What settings mean beyond being read and written."""

from typing import Any

import pytest

from apps import kinds
from apps.kinds.base import BadAnswer, BadSettings


def settled(name: str, **raw: Any) -> tuple[Any, Any]:
    kind = kinds.of(name)
    return kind, kind.read_settings({"question": "What?", **raw})


def keys_of(options: list[Any]) -> list[str]:
    kind, settings = settled("single_choice", options=options)
    return [option["key"] for option in kind.context(settings, None, [])["options"]]


def test_options_get_the_digits_in_order_as_keys() -> None:
    assert keys_of(["cat", "dog"]) == ["1", "2"]


def test_options_that_are_digits_are_their_own_keys() -> None:
    assert keys_of([str(digit) for digit in range(10)]) == [str(digit) for digit in range(10)]


def test_a_key_given_is_kept_and_given_to_no_other() -> None:
    assert keys_of([{"value": "cat", "key": "2"}, "dog", "fox"]) == ["2", "1", "3"]


def test_the_key_of_the_guidelines_is_given_to_no_option() -> None:
    keys = keys_of([f"option {n}" for n in range(100)])

    assert "h" not in keys
    assert len(set(keys) - {""}) == 35


def test_a_label_defaults_to_the_value() -> None:
    _, settings = settled("single_choice", options=[{"value": "cat"}, {"value": "dog", "label": "Dog!"}])

    assert [option.label for option in settings.options] == ["cat", "Dog!"]


def test_an_error_tells_where_it_is() -> None:
    with pytest.raises(BadSettings) as refused:
        settled("single_choice", options=["cat", {"value": "dog", "label": 3}])

    assert refused.value.where == "options[1].label"


def test_a_rating_in_halves_has_its_points_and_no_others() -> None:
    kind, settings = settled("rating", lowest=0, highest=2, step=0.5)

    assert list(kind.classes(settings)) == [0, 0.5, 1, 1.5, 2]
    assert kind.read(0.1 + 0.2 + 0.2, settings) == 0.5
    with pytest.raises(BadAnswer, match=r"the answer is 0\.6; it should be a point of the scale, such as 0\.5"):
        kind.read(0.6, settings)


def test_tenths_are_points_though_binary_fractions_miss_them() -> None:
    kind, settings = settled("rating", lowest=0, highest=1, step=0.1)

    assert list(kind.classes(settings)) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]


def test_one_step_off_is_right_on_a_long_scale_and_wrong_on_a_short_one() -> None:
    kind, long = settled("rating", lowest=1, highest=9)
    _, short = settled("rating", lowest=1, highest=4)

    assert kind.score(5, [6], long) == 1
    assert kind.score(5, [7], long) == 0
    assert kind.score(3, [4], short) == 0


def test_keys_of_a_scale_never_name_another_point() -> None:
    for scale in ({"lowest": 1, "highest": 5}, {"lowest": -4, "highest": 4}, {"lowest": 0, "highest": 100}):
        kind, settings = settled("rating", **scale)

        for point in kind.context(settings, None, [])["points"]:
            assert point["key"] == point["value"] or not point["key"].isdigit()


def test_a_number_is_right_within_its_tolerance() -> None:
    kind, settings = settled("number", least=0, most=10, decimals=1, tolerance=0.5)

    assert kind.score(3.5, [4], settings) == 1
    assert kind.score(3.4, [4], settings) == 0


def test_a_number_typed_as_text_goes_back_to_its_author_with_a_sentence() -> None:
    kind, settings = settled("number", least=0, most=10)

    raw = kind.read_form({"value": ["four"]}, settings)

    assert raw == "four"
    with pytest.raises(BadAnswer, match="the answer is 'four'; it should be a number"):
        kind.read(raw, settings)


def test_none_of_these_contradicts_an_option() -> None:
    kind, settings = settled("multiple_choice", options=["cat", "dog"])

    with pytest.raises(BadAnswer, match="one or the other"):
        kind.read_form({"value": ["cat"], "none": ["1"]}, settings)


def test_none_of_these_is_an_answer_and_leaving_all_alone_is_not() -> None:
    kind, settings = settled("multiple_choice", options=["cat", "dog"])

    assert kind.read(kind.read_form({"none": ["1"]}, settings), settings) == ()
    assert kind.read_form({}, settings) is None


def test_a_multiple_choice_counts_what_only_one_chose() -> None:
    kind, settings = settled("multiple_choice", options=["cat", "dog", "fox"])

    assert kind.distance(("cat", "dog"), ("cat", "fox"), settings) == pytest.approx(2 / 3)
    assert kind.distance((), (), settings) == 0


def test_the_same_text_composed_otherwise_is_the_same_answer() -> None:
    kind, settings = settled("free_text", longest=10)

    assert kind.read("cafe\u0301\r\n", settings) == kind.read("caf\u00e9", settings)


def test_an_unknown_kind_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(LookupError, match=r"'ranking' is not a kind of question; the kinds are .*'pairwise'"):
        kinds.of("ranking")
