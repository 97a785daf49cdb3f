"""What a model suggests: read out of an item by the rules of the question, whatever form it came in."""

import json
from typing import Any

import pytest

from apps.campaigns import services, spec
from apps.campaigns.models import Campaign
from apps.campaigns.spec import BadSpec, Gold
from apps.campaigns.suggestions import BadSuggestion, Suggestions
from apps.datasets import services as datasets
from apps.pipeline import steps
from tests.factories import CHOICE, ItemFactory, draft
from tests.running import running

CONFIG = """<View><Text name="t" value="$text"/>
<Choices name="animal" toName="t"><Choice value="cat"/><Choice value="dog"/></Choices></View>"""
SEVERAL = {"question": "Which animals?", "options": ["cat", "dog", "cow"]}


def reader(**values: Any) -> Suggestions:
    asked = {"kind": "single_choice", "settings": dict(CHOICE), "suggestion_field": "guess", **values}
    found = Suggestions.of(Campaign(suggested_to=asked.pop("suggested_to", "reviewers"), **asked))
    assert found
    return found


def predicted(*predictions: dict[str, Any]) -> dict[str, Any]:
    return {"text": "It meows", "label_studio": json.dumps({"id": 7, "predictions": list(predictions)})}


def by(version: str, choice: str, name: str = "animal") -> dict[str, Any]:
    one = {"from_name": name, "to_name": "t", "type": "choices", "value": {"choices": [choice]}}
    return {"model_version": version, "score": 0.9, "result": [one]}


@pytest.mark.parametrize(
    ("kind", "settings", "held", "suggested"),
    [
        ("single_choice", CHOICE, "dog", "dog"),
        ("single_choice", CHOICE, {"text": "dog", "lang": "en"}, "dog"),
        ("single_choice", CHOICE, " ", None),
        ("single_choice", CHOICE, None, None),
        ("multiple_choice", SEVERAL, '["cow", "cat"]', ["cat", "cow"]),
        ("number", {"question": "How many?", "least": 0, "most": 9}, "7", 7),
        ("number", {"question": "How many?", "least": 0, "most": 9}, 7, 7),
        ("rating", {"question": "How good?", "lowest": 1, "highest": 5}, "4", 4),
        ("free_text", {"question": "What does it say?"}, "12", "12"),
    ],
)
def test_a_field_is_read_as_an_answer_to_the_question(kind, settings, held, suggested):
    found = reader(kind=kind, settings=settings).read({"guess": held})

    assert found == suggested


@pytest.mark.parametrize(
    ("kind", "settings", "held", "why"),
    [
        ("single_choice", CHOICE, "bird", "'bird'"),
        ("multiple_choice", SEVERAL, '["cat", "bird"]', "'bird'"),
        ("number", {"question": "How many?", "least": 0, "most": 9}, "12", "from 0 to 9"),
    ],
)
def test_what_is_no_answer_is_told_and_never_shown(kind, settings, held, why):
    asked = reader(kind=kind, settings=settings)

    with pytest.raises(BadSuggestion, match=why):
        asked.read({"guess": held})
    assert asked.usable({"guess": held}) is None


def test_predictions_of_label_studio_are_read_of_the_model_that_is_named():
    task = predicted(by("v1", "cat"), by("v2", "dog"), by("v3", "cat"))

    assert reader(suggestion_field="label_studio", suggestion_model="v2").read(task) == "dog"
    assert reader(suggestion_field="label_studio").read(task) == "cat"  # the newest
    with pytest.raises(BadSuggestion, match="none is of 'v9'"):
        reader(suggestion_field="label_studio", suggestion_model="v9").read(task)


def test_a_prediction_without_a_version_is_a_named_models_only_where_none_has_one():
    named = reader(suggestion_field="label_studio", suggestion_model="m-1")

    assert named.read(predicted(by("m-1", "cat"), by("", "dog"))) == "cat"
    assert named.read(predicted(by("", "cat"), by("", "dog"))) == "dog"
    with pytest.raises(BadSuggestion, match="none is of 'm-1'"):
        named.read(predicted(by("m-2", "cat"), by("", "dog")))


def test_of_a_prediction_with_several_answers_the_one_to_this_question_is_read():
    task = predicted({"result": [*by("", "dog", name="owner")["result"], *by("", "cat")["result"]]})

    assert reader(suggestion_field="label_studio", label_studio=CONFIG).read(task) == "cat"
    with pytest.raises(BadSuggestion, match="no answer to this question, 'animal'"):
        reader(suggestion_field="label_studio", label_studio=CONFIG).read(predicted(by("", "cat", name="owner")))


def test_a_task_without_predictions_suggests_nothing():
    assert reader(suggestion_field="label_studio").read({"label_studio": json.dumps({"id": 7})}) is None
    assert reader(suggestion_field="label_studio").read({"text": "a row that was no task"}) is None


@pytest.mark.parametrize(
    ("kind", "settings", "answer", "suggestion", "same"),
    [
        ("single_choice", CHOICE, "dog", "dog", True),
        ("single_choice", CHOICE, "dog", "cat", False),
        ("free_text", {"question": "What does it say?"}, "no  Entry", "No entry", True),
        ("free_text", {"question": "What does it say?"}, "No exit", "No entry", False),
        ("number", {"question": "How long?", "least": 0, "most": 9, "decimals": 1, "tolerance": 0.5}, 3.2, 3, True),
        ("number", {"question": "How long?", "least": 0, "most": 9, "decimals": 1, "tolerance": 0.5}, 3.7, 3, False),
    ],
)
def test_an_answer_is_the_same_where_it_would_be_right_if_the_suggestion_were(kind, settings, answer, suggestion, same):
    assert reader(kind=kind, settings=settings).is_same(answer, suggestion) is same


@pytest.mark.django_db
def test_suggestions_are_off_by_default_and_go_through_the_file_of_a_campaign():
    campaign = draft()
    assert (campaign.suggested_to, Suggestions.of(campaign)) == ("nobody", None)

    values = {"suggestion_field": "guess", "suggestion_model": "m-1", "suggested_to": "workers",
              "suggestion_withheld": 0.3}  # fmt: skip
    services.amend(campaign, values=values)

    again = services.create(
        campaign.organization, spec=spec.from_yaml(spec.to_yaml(campaign).replace(campaign.name, "b"))
    )
    assert {name: getattr(again, name) for name in values} == values


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"suggested_to": "workers"}, "suggestion_field is empty"),
        ({"suggested_to": "everybody", "suggestion_field": "guess"}, "suggested_to is 'everybody'"),
        ({"suggestion_withheld": 1.0}, "suggestion_withheld is 1.0"),
    ],
)
def test_suggestions_that_can_not_be_are_refused_with_a_sentence(values, why):
    with pytest.raises(BadSpec, match=why):
        services.amend(draft(), values=values)


@pytest.mark.django_db
def test_gold_after_the_launch_needs_a_suggestion_where_workers_see_them():
    campaign = running(items=2, show=["text"], suggestion_field="guess", suggested_to="workers")
    ItemFactory(dataset=campaign.dataset, external_id="bare", data={"text": "It meows"})
    ItemFactory(dataset=campaign.dataset, external_id="bird", data={"text": "It sings", "guess": "bird"})
    ItemFactory(dataset=campaign.dataset, external_id="good", data={"text": "It barks", "guess": "dog"})

    with pytest.raises(BadSpec) as refused:
        services.add_gold(campaign, rows=[Gold(item, ["cat"]) for item in ("bare", "bird", "good")])

    said = str(refused.value)
    assert "gold question 'bare' has no suggestion in field 'guess' that can be shown" in said
    assert "gold question 'bird' has no suggestion" in said
    assert "'good'" not in said
    assert campaign.gold.count() == 0
    assert services.add_gold(campaign, rows=[Gold("good", ["cat"])]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["nobody", "reviewers"])
def test_gold_needs_no_suggestion_where_no_worker_sees_one(to):
    campaign = running(items=2, show=["text"], suggestion_field="guess", suggested_to=to)
    ItemFactory(dataset=campaign.dataset, external_id="bare", data={"text": "It meows"})

    assert services.add_gold(campaign, rows=[Gold("bare", ["cat"])]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("launched", [False, True])
def test_no_row_is_lost_to_others_by_what_a_model_suggests_to_one_campaign(tmp_path, settings, launched):
    settings.IMPORT_MEMORY_MIB = 0
    values = {"items": 1, "show": ["text"], "suggestion_field": "guess", "suggested_to": "workers"}
    campaign = running(**values) if launched else draft(**values)
    file = tmp_path / "more.csv"
    file.write_text("id,text,guess\na,It meows,cat\nb,It sings,bird\nc,It is quiet,\nd,It barks,dog\n")
    started = datasets.start_import(campaign.dataset, path=file)

    steps.bring_in(started.pk)

    started.refresh_from_db()
    assert (started.rows_added, started.rows_bad) == (4, 0)
