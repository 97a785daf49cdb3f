"""A draft grows step by step: each step is checked by itself, what is unfinished elsewhere is left alone."""

import pytest

from apps.campaigns import services
from apps.campaigns.spec import BadSpec
from tests.factories import CHOICE, DatasetFactory, draft

pytestmark = pytest.mark.django_db


def begun(**values):
    dataset = DatasetFactory()
    return services.begin(dataset, **{"name": "Animals", "kind": "single_choice", **values})


def test_a_draft_is_a_row_before_anything_is_asked():
    campaign = begun()

    assert (campaign.state, campaign.settings, campaign.organization) == ("draft", {}, campaign.dataset.organization)


@pytest.mark.parametrize(("name", "kind"), [("Animals", "nonsense"), ("  ", "single_choice")])
def test_a_draft_without_a_kind_or_a_name_is_refused(name, kind):
    with pytest.raises(BadSpec):
        begun(name=name, kind=kind)


def test_a_name_is_given_once_in_an_organization():
    first = begun()

    with pytest.raises(BadSpec, match="has a campaign named 'Animals' already"):
        services.begin(first.dataset, name="Animals", kind="rating")


def test_a_step_changes_its_own_fields_while_others_are_unfinished():
    campaign = begun()

    services.amend(campaign, values={"price": "0.25", "budget": "10.00", "redundancy": 5})
    services.amend(campaign, values={"settings": CHOICE, "guidelines": "Look closely."})

    assert (campaign.price, campaign.budget, campaign.redundancy) == (25, 1000, 5)
    assert [option["value"] for option in campaign.settings["options"]] == ["cat", "dog", "cow"]
    assert campaign.guidelines.get().text == "Look closely."


def test_all_that_is_wrong_in_a_step_is_told_and_nothing_is_changed():
    campaign = begun()

    with pytest.raises(BadSpec) as refused:
        services.amend(campaign, values={"redundancy": 0, "page_size": 500})

    campaign.refresh_from_db()
    assert len(refused.value.problems) == 2
    assert (campaign.redundancy, campaign.page_size) == (3, 5)


def test_an_amount_keeps_its_value_when_the_currency_changes():
    campaign = begun()
    services.amend(campaign, values={"price": "7", "budget": "500"})

    services.amend(campaign, values={"currency": "JPY"})

    assert (campaign.price, campaign.budget, campaign.currency) == (7, 500, "JPY")


def test_settings_that_known_answers_do_not_fit_are_refused():
    campaign = draft(gold=1)

    with pytest.raises(BadSpec, match="cat"):
        services.amend(campaign, values={"settings": {"question": "Which?", "options": ["owl", "hen"]}})


def test_another_kind_begins_without_settings():
    campaign = draft()

    services.amend(campaign, values={"kind": "rating"})

    assert (campaign.kind, campaign.settings) == ("rating", {})


def test_a_launched_campaign_is_not_amended():
    campaign = draft()
    campaign.move("launching", launched_at=campaign.created_at)

    with pytest.raises(services.NotADraft):
        services.amend(campaign, values={"name": "Another"})


def test_the_kind_stays_once_there_are_known_answers():
    campaign = draft(gold=1)

    with pytest.raises(BadSpec, match=r"gold questions of .* have answers of single_choice"):
        services.amend(campaign, values={"kind": "rating"})


@pytest.mark.parametrize(
    "change",
    [{"kind": "rating"}, {"settings": {**CHOICE, "question": "Which is it?"}}, {"show": ["text"]},
     {"guidelines": "Look twice."}],
)  # fmt: skip
def test_how_long_a_question_took_is_forgotten_once_another_is_asked(change):
    campaign = begun()
    services.amend(campaign, values={"settings": CHOICE, "guidelines": "Look closely."})
    services.note_trial(campaign, seconds=6)

    services.amend(campaign, values=change)

    assert campaign.seconds_tried is None


def test_how_long_a_question_took_stays_while_the_same_is_asked():
    campaign = begun()
    same = {"kind": "single_choice", "settings": CHOICE, "show": [], "guidelines": "Look closely."}
    services.amend(campaign, values=same)
    services.note_trial(campaign, seconds=6)

    services.amend(campaign, values={**same, "price": "0.25", "page_size": 3})

    assert campaign.seconds_tried == 6
