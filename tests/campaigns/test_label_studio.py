"""Label Studio's configurations become campaigns and come back; what can't be kept is refused by its name."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.campaigns import label_studio, services, spec
from apps.campaigns.suggestions import Suggestions
from apps.datasets import label_studio as tasks
from apps.datasets import objects
from apps.datasets import services as datasets
from apps.datasets.entries import Bad
from apps.kinds import label_studio as configs
from apps.kinds import names, of
from apps.kinds.label_studio import BadConfig, Tag
from apps.quality import services as quality
from apps.reports.formats import NotForThis
from apps.reports.labels import write
from tests.datasets.makers import imported, picture, zipped
from tests.factories import DatasetFactory, ItemFactory, OrganizationFactory, draft
from tests.running import handed_in, running

SHOWN = '<Header value="What is it?"/><Text name="words" value="$text"/>'
ASKED = {
    "single_choice": '<Choices name="animal" toName="words"><Choice value="cat"/><Choice value="Dog" alias="dog" '
    'hotkey="d" hint="puppies too"/></Choices>',
    "multiple_choice": '<Choices name="c" toName="words" choice="multiple"><Choice value="a"/><Choice value="b"/>'
    "</Choices>",
    "rating": '<Rating name="stars" toName="words" maxRating="7"/>',
    "number": '<Number name="n" toName="words" min="0" max="10" step="0.1"/>',
    "free_text": '<TextArea name="t" toName="words" rows="4" maxSubmissions="1"/>',
}  # fmt: skip
PAIR = (
    '<View><Header value="Which is better?"/><Text name="a" value="$left"/><Text name="b" value="$right"/>'
    '<Pairwise name="better" toName="a,b"/></View>'
)
CONFIGS = {kind: f"<View>{SHOWN}{asked}</View>" for kind, asked in ASKED.items()} | {"pairwise": PAIR}


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_configuration_becomes_the_kind_that_asks_the_same(kind):
    made = label_studio.spec_of(CONFIGS[kind], name="x", dataset="y")

    assert made["kind"] == kind
    assert made["show"] == (["left", "right"] if kind == "pairwise" else ["text"])
    assert made["settings"]["question"] in ("What is it?", "Which is better?")


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_a_kind_writes_is_read_as_the_same_settings(kind):
    made = label_studio.spec_of(CONFIGS[kind], name="x", dataset="y")
    settings = of(kind).read_settings(made["settings"])

    tag = of(kind).to_label_studio(settings)
    named = Tag(tag.name, {"name": "q", "toName": "words"} | dict(tag.attributes), tag.children)
    shown = [Tag("Text", {"name": name, "value": f"${name}"}) for name in ("words", *made["show"])]
    again = configs.write(named, question=made["settings"]["question"], shown=shown)

    assert label_studio.spec_of(again, name="x", dataset="y")["settings"] == made["settings"]


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="|"), min_size=1, max_size=20)


@given(
    options=st.lists(WORDS.filter(str.strip), min_size=2, max_size=6, unique_by=str.strip),
    question=WORDS.filter(str.strip),
)
def test_any_options_survive_the_way_to_a_configuration_and_back(options, question):
    kind = of("single_choice")
    settings = kind.read_settings({"question": question, "options": options})

    tag = kind.to_label_studio(settings)
    named = Tag(tag.name, {"name": "q", "toName": "t"} | dict(tag.attributes), tag.children)
    again = configs.write(named, question=question, shown=[Tag("Text", {"name": "t", "value": "$t"})])

    read = configs.read(again)
    assert kind.read_settings(kind.from_label_studio(read)) == kind.read_settings(kind.write_settings(settings))


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        (
            f'<View>{SHOWN}<RectangleLabels name="r" toName="words"/></View>',
            "the tag 'RectangleLabels' is not known here",
        ),
        (f'<View>{SHOWN}<HyperText name="h" value="$h"/></View>', "the tag 'HyperText' is not known here"),
        (f"<View>{SHOWN}</View>", "the configuration has 0 (none)"),
        (
            f"<View>{SHOWN}{ASKED['rating']}{ASKED['number']}</View>",
            "has 2 (Rating 'stars', Number 'n'): make one of each",
        ),
        (f'<View>{SHOWN}<Choices name="c" toName="nobody"><Choice value="a"/></Choices></View>', "which nothing shows"),
        (f'<View>{SHOWN}<Number name="n" toName="words"/></View>', "Number 'n' should have a min and a max"),
        (f'<View>{SHOWN}<Rating name="r" toName="words" defaultValue="3"/></View>', "has the attribute 'defaultValue'"),
        (
            f'<View>{SHOWN}<Choices name="c" toName="words"><Choice value="a"/></Choices></View>',
            "can't be asked: options",
        ),
        (
            f'<View>{SHOWN}<Choices name="c" toName="words"><Choice value="a"><Choice value="b"/></Choice></Choices>'
            "</View>",
            "options are a plain list of Choice",
        ),
        (
            f'<View>{SHOWN}<Rating name="r" toName="words" perRegion="true"/></View>',
            "Rating 'r' has the attribute 'perRegion', which can't be kept",
        ),
        (
            f'<View>{SHOWN}<Choices name="c" toName="words" whenTagName="d"><Choice value="a"/><Choice value="b"/>'
            "</Choices></View>",
            "Choices 'c' has the attribute 'whenTagName', which can't be kept",
        ),
        (
            f'<View>{SHOWN}<View visibleWhen="choice-selected">{ASKED["rating"]}</View></View>',
            "View has the attribute 'visibleWhen', which can't be kept",
        ),
        (
            f'<View>{ASKED["rating"]}<Text name="words" value="$text" encoding="base64"/></View>',
            "Text 'words' has the attribute 'encoding', which can't be kept",
        ),
        ('<View><Text name="t" value="words"/></View>', "should show a field of the item"),
        ("<Form/>", "a labeling configuration is a View, this is 'Form'"),
        ("<View>", "this is not a labeling configuration"),
        ('<!DOCTYPE v [<!ENTITY a "b">]><View>&a;</View>', "this is not a labeling configuration"),
    ],
)
def test_what_can_not_be_kept_is_refused_by_its_name(xml, sentence):
    with pytest.raises(BadConfig) as refused:
        label_studio.spec_of(xml, name="x", dataset="y")

    assert sentence in str(refused.value)


@pytest.mark.django_db
def test_a_campaign_gives_back_the_configuration_it_came_from_to_the_letter():
    item = ItemFactory(data={"text": "It meows"})
    asked = label_studio.spec_of(CONFIGS["single_choice"], name="Animals", dataset=item.dataset.name)
    campaign = services.create(item.dataset.organization, spec=asked)

    assert label_studio.config_of(campaign) == CONFIGS["single_choice"]
    assert spec.read(spec.written(campaign)).label_studio == CONFIGS["single_choice"]


@pytest.mark.django_db
def test_a_campaign_that_asks_something_else_by_now_is_written_anew():
    item = ItemFactory(data={"text": "It meows"})
    asked = label_studio.spec_of(CONFIGS["rating"], name="Stars", dataset=item.dataset.name)
    campaign = services.create(item.dataset.organization, spec=asked)

    services.amend(campaign, values={"settings": {**campaign.settings, "question": "How good is it?"}})

    again = label_studio.config_of(campaign)
    assert again != CONFIGS["rating"]
    assert label_studio.spec_of(again, name="x", dataset="y")["settings"] == campaign.settings


@pytest.mark.django_db
@pytest.mark.parametrize("kept", ['perRegion="true" ', "<"])
def test_a_configuration_that_was_taken_before_its_like_was_refused_is_written_anew(kept):
    item = ItemFactory(data={"text": "It meows"})
    asked = label_studio.spec_of(CONFIGS["rating"], name="Stars", dataset=item.dataset.name)
    old = CONFIGS["rating"].replace("maxRating", f"{kept}maxRating")
    campaign = services.create(item.dataset.organization, spec={**asked, "label_studio": old, **PREDICTED})

    again = label_studio.config_of(campaign)

    assert label_studio.spec_of(again, name="x", dataset="y")["settings"] == campaign.settings
    assert Suggestions.held_by(campaign).control == ("" if kept == "<" else "stars")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [name for name in names() if name not in CONFIGS])
def test_a_kind_without_a_counterpart_says_so(kind):
    campaign = draft(kind=kind, settings=dict(of(kind).examples.settings))

    assert label_studio.config_of(campaign) is None


PREDICTED = {"suggestion_field": "label_studio", "suggestion_model": "m-1", "suggested_to": "reviewers"}
TASKS = [
    {"id": 7, "data": {"text": "It meows", "source": "zoo"}, "meta": {"from": "zoo"},
     "annotations": [{"id": 1, "result": [], "completed_by": 2}], "predictions": []},
    {"id": 8, "data": {"text": "It barks", "id": "own"}, "annotations": None},
    {"data": {"text": "It moos", "external_id": 12.5}},
]  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_a_row_and_a_row_the_same_task(task):
    row = tasks.row_of(task)
    name = row.pop("external_id") if "external_id" in row else row.pop("id")

    assert tasks.is_task(task)
    assert tasks.task_of(str(name), row) == task


FIELDS = st.one_of(st.sampled_from(["id", "external_id", "data", "named_by", "name", "label_studio"]), WORDS)
VALUES = st.one_of(st.sampled_from(["", "a b", "{}", "[]", "{"]), st.integers(), st.booleans(), st.none())
DATA = st.dictionaries(FIELDS, VALUES, max_size=6)
BESIDES = st.fixed_dictionaries({}, optional={"id": st.integers() | WORDS, "meta": DATA, "predictions": st.just([])})


@given(data=DATA, besides=BESIDES)
def test_a_task_is_refused_with_a_sentence_or_comes_back_with_all_that_it_had(data, besides):
    task = {**besides, "data": data}
    row = objects.row(json.loads(json.dumps(task)), line=1, size=1)

    if isinstance(row, Bad):
        assert "label_studio" in data
        assert "has a field 'label_studio' among its data" in row.reason
    else:
        name = row.data.pop("external_id" if "external_id" in row.data else "id", None)
        assert tasks.task_of(str(name), row.data) == task


@given(data=DATA.filter(lambda data: data.get("label_studio") != "{}"))
def test_the_fields_of_a_row_that_was_no_task_all_come_back(data):
    assert tasks.task_of("x", data)["data"] == {"external_id": "x", **data}


def test_a_row_that_is_no_task_is_left_alone():
    assert not tasks.is_task({"data": "text", "id": 1})
    assert not tasks.is_task({"data": {}, "price": 3})


@pytest.mark.django_db
def test_tasks_are_imported_labelled_and_exported_with_all_they_had(tmp_path):
    of_ = OrganizationFactory()
    dataset = datasets.open_dataset(of_, name="Zoo")
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps(TASKS[:2]))
    done = datasets.run_import(datasets.start_import(dataset, path=file).pk)
    assert (done.state, done.rows_added) == ("done", 2), done.problem
    campaign = running(
        dataset=dataset, items=0, redundancy=1, page_size=2, **{
            name: value
            for name, value in label_studio.spec_of(CONFIGS["single_choice"], name="Animals", dataset="Zoo").items()
            if name != "dataset"
        }
    )  # fmt: skip
    handed_in(campaign)
    out = tmp_path / "out.json"

    write(campaign, format="label_studio", to=out)

    written = {task["id"]: task for task in json.loads(out.read_text())}
    assert written[7]["data"] == TASKS[0]["data"]
    assert written[7]["meta"] == TASKS[0]["meta"]
    assert written[7]["annotations"][0] == TASKS[0]["annotations"][0]
    assert written[8]["data"] == TASKS[1]["data"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
CAT = st.sampled_from(["cat.png", "zoo/cat.png", "https://example.org/cat.png", "/data/upload/1/cat.png"])
PLAIN = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | WORDS
NAMED = st.sampled_from(["text", "source", "photo", "name", "named_by", "objects", "media"])
TASK = st.fixed_dictionaries(
    {"data": st.builds(
        dict.__or__,
        st.fixed_dictionaries({}, optional={"image": CAT, "Photo 2": CAT, "sound": WORDS}),
        st.dictionaries(NAMED, PLAIN, min_size=1, max_size=4),
    )},
    optional={
        "annotations": st.none() | st.lists(st.dictionaries(WORDS, JSON, max_size=3), max_size=2),
        "predictions": st.none() | st.lists(st.dictionaries(WORDS, JSON, max_size=3), max_size=2),
        "meta": JSON, "drafts": JSON, "total_annotations": st.integers(0, 9), "created_at": WORDS, "project": JSON,
    },
)  # fmt: skip


@pytest.mark.django_db(transaction=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_=st.lists(TASK, min_size=1, max_size=8))
def test_random_tasks_are_imported_and_exported_again_without_loss(tmp_path, given_):
    given_ = [{**task, "id": n} for n, task in enumerate(given_, start=1)]
    dataset = DatasetFactory()
    both = {"cat.png": picture(), "zoo/cat.png": picture(color=2), "items.json": json.dumps(given_)}
    done = imported(zipped(tmp_path, both), dataset)
    assert (done.state, done.rows_bad) == ("done", 0), list(done.bad_rows.values_list("line", "reason"))
    campaign = running(dataset=dataset, items=0, redundancy=1, page_size=1, gold_share=0, early_gold=0)
    out = tmp_path / "out.json"

    write(campaign, format="label_studio", to=out)

    back = sorted(json.loads(out.read_text()), key=lambda task: task["id"])
    for task in given_:
        task["annotations"] = task.get("annotations") or []
    assert back == given_


@pytest.mark.django_db
def test_media_stand_in_tasks_as_text_and_what_is_said_of_them_beside_them(tmp_path):
    campaign = draft(items=0)
    ItemFactory(
        dataset=campaign.dataset,
        external_id="a",
        data={"image": {"media": "cat.png", "alt": "A cat"}, "text": "Which?"},
    )

    task = tasks.task_of("a", campaign.dataset.items.get().data)

    assert task["data"] == {"external_id": "a", "image": "cat.png", "text": "Which?"}
    assert task["meta"] == {"labelcrowd": {"image": {"alt": "A cat"}}}


@pytest.mark.parametrize("value", [3, "many", {"a": 1}, True])
@pytest.mark.parametrize("name", ["annotations", "predictions"])
def test_a_task_whose_annotations_are_no_list_is_refused_with_a_sentence(name, value):
    refused = objects.row({"id": 1, "data": {"text": "It meows"}, name: value}, line=4, size=1)

    assert isinstance(refused, Bad)
    assert f"has {name} that are" in refused.reason
    assert "should be a list" in refused.reason


@pytest.mark.django_db
def test_an_item_that_came_with_a_number_for_annotations_is_exported_all_the_same(tmp_path):
    campaign = running(items=1, redundancy=1, page_size=1)
    kept = {"text": "It meows", "label_studio": json.dumps({"id": 7, "annotations": 3})}
    campaign.dataset.items.update(data=kept)
    handed_in(campaign)
    out = tmp_path / "out.json"

    write(campaign, format="label_studio", to=out)

    [task] = json.loads(out.read_text())
    assert task["data"] == {"text": "It meows"}
    assert isinstance(task["annotations"], list)


@pytest.mark.django_db
def test_labels_stand_under_the_names_of_the_configuration(tmp_path):
    campaign = running(items=1, redundancy=1, page_size=1)
    handed_in(campaign, answer="dog")

    quality.combine(campaign)
    out = tmp_path / "out.json"

    write(campaign, format="label_studio", to=out, with_votes=True)

    label, vote = json.loads(out.read_text())[0]["annotations"]
    assert label["result"] == [
        {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["dog"]}}
    ]
    assert (label["labelcrowd"]["votes"], vote["result"]) == (1, label["result"])


@pytest.mark.django_db
def test_predictions_are_imported_suggested_and_exported_as_they_were_and_suggestions_as_predictions(tmp_path):
    of_ = OrganizationFactory()
    dataset = datasets.open_dataset(of_, name="Zoo")
    result = {"from_name": "animal", "to_name": "text", "type": "choices", "value": {"choices": ["dog"]}}
    predictions = [{"model_version": "m-1", "score": 0.7, "result": [result]}]
    rows = [{"id": 1, "data": {"text": "It barks"}, "predictions": predictions},
            {"id": 2, "data": {"text": "It meows", "guess": "cat"}},
            {"id": 3, "data": {"text": "It purrs", "guess": "cat"}, "predictions": []}]  # fmt: skip
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps(rows))
    assert datasets.run_import(datasets.start_import(dataset, path=file).pk).rows_added == 3
    shown = {"dataset": dataset, "items": 0, "redundancy": 1, "page_size": 2, "show": ["text"],
             "suggested_to": "reviewers"}  # fmt: skip
    by_prediction = running(suggestion_field="label_studio", suggestion_model="m-1", **shown)
    by_field = running(suggestion_field="guess", suggestion_model="m-2", **shown)

    reader = Suggestions.of(by_prediction)
    write(by_field, format="label_studio", to=tmp_path / "out.json", with_votes=True)

    assert [reader.read(item.data) for item in dataset.items.order_by("pk")] == ["dog", None, None]
    first, second, third = json.loads((tmp_path / "out.json").read_text())
    assert first["predictions"] == predictions
    assert second["predictions"] == third["predictions"] == [
        {"model_version": "m-2", "result": [
            {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["cat"]}}
        ]}
    ]  # fmt: skip


@pytest.mark.django_db
def test_labels_that_have_no_form_there_are_refused_with_a_sentence(tmp_path):
    campaign = running(
        items=1, kind="pairwise", settings={"question": "Which?", "left": "a", "right": "b", "tie": True}
    )

    with pytest.raises(NotForThis, match="Label Studio has no question like that"):
        write(campaign, format="label_studio", to=tmp_path / "out.json")
