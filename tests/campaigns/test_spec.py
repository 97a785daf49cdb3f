"""A campaign as a file: read, written, and refused with a sentence for everything that is wrong."""

import pytest
import yaml

from apps.campaigns import services
from apps.campaigns.models import Campaign, GoldQuestion, Guidelines, Reservation
from apps.campaigns.spec import BadSpec, from_yaml, read, to_yaml, written
from tests.factories import DatasetFactory, ItemFactory, WorkerFactory

SPEC = {
    "name": "Animals",
    "dataset": "Pictures",
    "kind": "single_choice",
    "settings": {"question": "Which animal is it?", "options": ["cat", "dog"]},
    "guidelines": "Look closely.",
    "price": "0.05",
    "budget": 12,
    "gold": [{"item": "one", "answers": ["cat"], "reason": "whiskers"}],
}


def problems(**changes: object) -> str:
    with pytest.raises(BadSpec) as refused:
        read(SPEC | changes)
    return "\n".join(refused.value.problems)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pirce": "1"}, "'pirce' is not a field of a campaign; did you mean 'price'?"),
        ({"name": ""}, "the field 'name' is missing"),
        ({"kind": "telepathy"}, "kind is 'telepathy', it should be one of"),
        ({"redundancy": 0}, "redundancy is 0, it should be from 1 to 1000"),
        ({"redundancy": "three"}, "redundancy is 'three', it should be a whole number"),
        ({"redundancy": True}, "redundancy is True, it should be a whole number"),
        ({"gold_share": 1.5}, "gold_share is 1.5, it should be from 0 to 0.99"),
        ({"price": "0.005"}, "price: 0.005 has more decimals than USD, which has 2"),
        ({"price": "-1"}, "price is -1, it should not be negative"),
        ({"pay_tiers": "more"}, "pay_tiers is 'more', it should be a list of {skill, price}"),
        ({"pay_tiers": [{"skill": 0.9}]}, "each should be a mapping with 'skill' and 'price'"),
        ({"pay_tiers": [{"skill": 90, "price": "1"}]}, "a skill of 90, it should be above 0 and at most 1"),
        ({"pay_tiers": [{"skill": 0.9, "price": "0.05"}]}, "from a skill of 0.9, it should be more than the price"),
        ({"pay_tiers": [{"skill": 0.9, "price": "1"}, {"skill": 0.95, "price": "1"}]}, "more than the 1 of 0.9"),
        ({"pay_tiers": [{"skill": 0.9, "price": "1"}, {"skill": 0.9, "price": "2"}]}, "two tiers from a skill of 0.9"),
        ({"pay_tiers": [{"skill": 0.9, "price": "0.123"}]}, "pay_tiers: 0.123 has more decimals than USD"),
        ({"currency": "dollars"}, "'dollars' is not a currency"),
        ({"currency": "ZZZ"}, "'ZZZ' is not a currency that there is"),
        ({"channel": "pigeon"}, "channel is 'pigeon', it should be one of"),
        ({"language": "Arabic"}, "language is 'Arabic', it should be a language tag such as 'en'"),
        ({"languages": ["en", 5]}, "languages is ['en', 5], it should be a list of texts"),
        ({"settings": {"question": "?"}}, "settings"),
        ({"gold": ["one"]}, "gold question 'one' should be a mapping"),
        ({"gold": [{"item": "one", "answers": ["cow"]}]}, "gold question 'one': "),
        ({"gold": [{"item": "one", "answers": []}]}, "gold question 'one' has no answers"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(changes, sentence):
    assert sentence in problems(**changes)


@pytest.mark.parametrize(
    ("changes", "least", "gold"),
    [
        ({}, 3, 0.1),
        ({"redundancy_max": 5}, 1, 0.03),
        ({"redundancy_max": 5, "pilot_least_agreement": 0.5}, 2, 0.03),
        ({"redundancy_max": 5, "kind": "rating", "settings": {"question": "?", "lowest": 1, "highest": 5}}, 2, 0.03),
        ({"redundancy_max": 5, "kind": "free_text", "settings": {"question": "What?"}}, 2, 0.03),
        ({"redundancy_max": 5, "redundancy": 3, "gold_share": 0.2}, 3, 0.2),
    ],
    ids=["all alike", "by doubt", "agreement is to be told", "a scale", "text", "as was said"],
)
def test_a_campaign_that_asks_again_begins_with_the_policy_that_saves_unless_something_else_is_said(
    changes, least, gold
):
    spec = read({name: value for name, value in SPEC.items() if name != "gold"} | changes)

    assert (spec.redundancy, spec.gold_share) == (least, gold)


def test_all_problems_are_told_at_once():
    assert len(problems(redundancy=0, page_size=0, gold_share=2).splitlines()) == 3


def test_text_that_is_not_yaml_is_refused_with_its_line():
    with pytest.raises(BadSpec, match="not YAML at line 2"):
        from_yaml("name: x\n  - : [")


def test_yaml_that_would_make_objects_is_refused():
    with pytest.raises(BadSpec, match="not YAML"):
        from_yaml("name: !!python/object/apply:os.system ['true']")


def test_a_list_is_not_a_campaign():
    with pytest.raises(BadSpec, match="a campaign is a mapping"):
        from_yaml("- a")


@pytest.mark.django_db
def test_a_campaign_written_as_yaml_makes_the_same_campaign_again():
    dataset = DatasetFactory(name="Pictures")
    items = [ItemFactory(dataset=dataset, external_id=name) for name in ("one", "two")]
    WorkerFactory(organization=dataset.organization, external_id="anna")
    made = services.create(
        dataset.organization, spec=SPEC | {"reserved": {"two": ["anna"]}, "languages": ["en"], "review": "person"}
    )

    again = services.create(
        dataset.organization, spec=yaml.safe_load(to_yaml(made).replace("name: Animals", "name: Again"))
    )

    assert written(again) | {"name": "Animals"} == written(made)
    assert (again.price, again.budget, again.review) == (5, 1200, "person")
    assert GoldQuestion.objects.get(campaign=again).item == items[0]
    assert Reservation.objects.get(campaign=again).item == items[1]
    assert Guidelines.objects.get(campaign=again).version == 1


@pytest.mark.django_db
def test_a_campaign_over_rows_that_are_not_there_is_refused_and_leaves_nothing():
    dataset = DatasetFactory(name="Pictures")

    with pytest.raises(BadSpec, match="has no such item"):
        services.create(dataset.organization, spec=SPEC)
    with pytest.raises(BadSpec, match="no dataset named"):
        services.create(dataset.organization, spec=SPEC | {"dataset": "Sounds"})

    assert not Campaign.objects.exists()


@pytest.mark.django_db
def test_guidelines_get_a_new_version_only_when_they_change():
    dataset = DatasetFactory(name="Pictures")
    ItemFactory(dataset=dataset, external_id="one")
    campaign = services.create(dataset.organization, spec=SPEC)

    services.publish_guidelines(campaign, text="Look closely.")
    services.publish_guidelines(campaign, text="Look twice.")

    assert list(campaign.guidelines.values_list("version", "text")) == [(2, "Look twice."), (1, "Look closely.")]


@pytest.mark.django_db
def test_a_clone_is_a_new_draft_that_asks_the_same():
    dataset = DatasetFactory(name="Pictures")
    ItemFactory(dataset=dataset, external_id="one")
    campaign = services.create(dataset.organization, spec=SPEC)

    clone = services.clone(campaign, name="Rehearsal", channel="simulated")

    assert (clone.state, clone.channel, clone.settings) == ("draft", "simulated", campaign.settings)


@pytest.mark.django_db
def test_texts_of_several_lines_are_written_line_by_line_as_they_were_typed():
    dataset = DatasetFactory(name="Pictures")
    for name in ("one", "two"):
        ItemFactory(dataset=dataset, external_id=name)
    made = services.create(dataset.organization, spec=SPEC | {"guidelines": "Look.\r\n\r\n- ✓ a cat\r\n- ✗ a dog"})

    text = to_yaml(made)

    assert "guidelines: |-\n  Look.\n\n  - ✓ a cat\n  - ✗ a dog\n" in text
    assert yaml.safe_load(text)["guidelines"] == "Look.\n\n- ✓ a cat\n- ✗ a dog"
