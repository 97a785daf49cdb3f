"""The commands for campaigns, members and deposits: what they do, and one sentence for whatever is wrong."""

import json
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.campaigns import spec
from apps.campaigns.models import Campaign
from apps.ledger import queries as books
from apps.ledger.models import Budget
from apps.members import queries as members
from apps.members.models import Organization, Trail, User
from apps.workforce.models import Worker
from tests import belt
from tests.factories import DatasetFactory, ItemFactory, OrganizationFactory, UserFactory
from tests.running import handed_in

pytestmark = pytest.mark.django_db

SPEC = {
    "name": "Animals",
    "dataset": "Pictures",
    "kind": "single_choice",
    "settings": {"question": "Which animal is it?", "options": ["cat", "dog"]},
    "guidelines": "Look closely.",
    "redundancy": 1,
    "page_size": 2,
    "price": "0.10",
    "grace_seconds": 0,
    "budget": "1.00",
    "gold_share": 0,
    "early_gold": 0,
}


def said(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as problem:
        call_command(*arguments, stdout=StringIO())
    assert problem.value.returncode == 1
    return str(problem.value)


def written(folder: Path, **changes: object) -> str:
    file = folder / "campaign.yaml"
    file.write_text(yaml.safe_dump(SPEC | changes), encoding="utf-8")
    return str(file)


@pytest.fixture
def lab() -> Organization:
    """The only organization, with a dataset of four items and 5.00 USD."""
    dataset = DatasetFactory(name="Pictures", organization__slug="lab", organization__name="Lab")
    ItemFactory.create_batch(4, dataset=dataset)
    call_command("deposit", "5.00", "USD", "bank 1", stdout=StringIO())
    return dataset.organization


# campaign


@pytest.mark.usefixtures("lab")
def test_a_campaign_goes_from_its_file_to_its_end_by_commands(tmp_path):
    file = written(tmp_path)

    assert said("campaign", "create", file).split()[1:] == ["Animals", "draft"]
    assert "4 items, 0 of them gold; 4 places, at most 0.20 USD" in said("campaign", "check", file)
    assert said("campaign", "launch", file).split()[2] == "launching"
    belt.run()
    assert said("campaign", "pause", "Animals").split()[2] == "paused"
    assert said("campaign", "resume", str(Campaign.objects.get().pk)).split()[2] == "running"
    handed_in(Campaign.objects.get())
    belt.run()
    assert said("campaign", "status", file).splitlines()[1:] == [
        "judgments 2 of 4, labels 2 of 4",
        "spent 0.10 USD of 1.00 USD",
    ]
    assert said("campaign", "stop", file).split()[2] == "stopping"
    belt.run()
    assert said("campaign", "status", file).split()[2] == "stopped"


@pytest.mark.usefixtures("lab")
def test_a_campaign_is_cloned_and_exported_as_the_file_that_makes_it(tmp_path):
    said("campaign", "create", written(tmp_path))

    made = said("campaign", "clone", "Animals", name="Rehearsal", channel="simulated")
    exported = spec.from_yaml(said("campaign", "export", "Rehearsal"))
    as_json = json.loads(said("campaign", "export", "Rehearsal", json=True))

    assert "Rehearsal  draft" in made
    assert (exported.name, exported.channel, exported.price) == ("Rehearsal", "simulated", "0.10")
    assert spec.read(as_json) == spec.from_yaml(json.dumps(as_json)) == exported


@pytest.mark.usefixtures("lab")
def test_a_budget_is_topped_up_once_for_a_reference(tmp_path):
    said("campaign", "create", written(tmp_path))
    said("campaign", "launch", "Animals")

    for _ in range(2):
        said("campaign", "top-up", "Animals", amount="0.50", reference="more")

    assert Budget.objects.get().amount == Campaign.objects.get().budget == 150


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pirce": 1}, "'pirce' is not a field of a campaign; did you mean 'price'?"),
        ({"dataset": "Sounds"}, "Lab has no dataset named 'Sounds'"),
        ({"name": "x" * 151}, "it should have at most 150"),
        ({"languages": ["x" * 17]}, "it should have at most 16"),
        ({"guidelines": "a\x00b"}, "guidelines holds the character U+0000 at position 1"),
        ({"settings": {"question": "?"}}, "settings"),
        ({"price": "ten"}, "price: 'ten' is not an amount"),
        ({"gold": [{"item": "x", "answers": ["cat"]}]}, "gold question 'x': the dataset has no such item"),
        ({"gold": [{"item": "x", "answers": ["cow"]}]}, "gold question 'x': "),
        ({"reserved": {"x": "bob"}}, "it should be a mapping of external ids to lists of workers"),
        ({"reserved": {"x": [5]}}, "it should be a mapping of external ids to lists of workers"),
        ({"reserved": {1: ["bob"]}}, "reserved item '1': the dataset has no such item"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_is(tmp_path, changes, sentence):
    assert sentence in refused("campaign", "create", written(tmp_path, **changes))
    assert not Campaign.objects.exists()


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "is not text in UTF-8"), (b"a: [", "not YAML"), (b"- a", "a mapping"), (b"", "a mapping")],
)
@pytest.mark.parametrize("verb", ["create", "launch"])
def test_a_file_that_is_no_campaign_is_refused(tmp_path, content, sentence, verb):
    file = tmp_path / "campaign.yaml"
    file.write_bytes(content)

    told = refused("campaign", verb, str(file))

    assert sentence in told or "names no campaign" in told


def test_a_gold_question_given_twice_is_refused(lab, tmp_path):
    item = lab.datasets.get().items.first().external_id
    gold = [{"item": item, "answers": ["cat"]}, {"item": item, "answers": ["dog"]}]

    assert f"gold question {item!r} is given 2 times" in refused("campaign", "create", written(tmp_path, gold=gold))


@pytest.mark.usefixtures("lab")
def test_the_same_file_again_is_refused(tmp_path):
    said("campaign", "create", written(tmp_path))

    assert "has a campaign named 'Animals' already" in refused("campaign", "create", written(tmp_path))


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["status", "nothing"], "there is no campaign with the id or name 'nothing'"),
        (["status", "01936f7e-0000-7000-8000-000000000000"], "there is no campaign with the id"),
        (["status", "a-name-of-36-signs-with-four-hyphens"], "there is no campaign with the id or name"),
        (["create", "gone.yaml"], "there is no file 'gone.yaml'"),
        (["create", "gone.yaml", "--organization", "nobody"], "there is no organization 'nobody': there are 'lab'"),
        (["pause", "Animals"], "is 'draft', so it can't become paused"),
        (["resume", "Animals"], "only a paused one can be resumed"),
        (["stop", "Animals"], "is 'draft', so it can't become stopping"),
        (["top-up", "Animals"], "top-up needs --amount and --reference"),
        (["top-up", "Animals", "--amount", "5", "--reference", "r"], "is 'draft', so its budget can't be added to"),
        (["top-up", "Animals", "--amount=-5", "--reference", "r"], "it should be above 0"),
        (["top-up", "Animals", "--amount", "0.001", "--reference", "r"], "more decimals than USD"),
        (["clone", "Animals", "--name", "Animals"], "has a campaign named 'Animals' already"),
        (["clone", "Animals", "--channel", "pigeon"], "channel is 'pigeon'"),
    ],
)
def test_what_cannot_be_done_with_a_campaign_is_said_in_a_sentence(tmp_path, arguments, sentence):
    said("campaign", "create", written(tmp_path))

    assert sentence in refused("campaign", *arguments)


@pytest.mark.usefixtures("lab")
def test_a_top_up_under_a_reference_that_was_used_for_another_amount_is_refused(tmp_path):
    said("campaign", "create", written(tmp_path))
    said("campaign", "launch", "Animals")
    said("campaign", "top-up", "Animals", amount="0.50", reference="more")

    assert "is in the books already" in refused(
        "campaign", "top-up", "Animals", "--amount", "0.60", "--reference", "more"
    )
    assert "deposit first" in refused("campaign", "top-up", "Animals", "--amount", "900", "--reference", "much")


@pytest.mark.usefixtures("lab")
def test_a_launch_that_is_not_ready_says_all_that_is_missing(tmp_path):
    said("campaign", "create", written(tmp_path, budget="0.10", guidelines="", gold_share=0.5))

    told = refused("campaign", "launch", "Animals")

    assert all(part in told for part in ("no guidelines", "the budget is 0.10 USD", "no gold questions"))
    assert "✗ there are no guidelines" in said("campaign", "check", "Animals")


def test_of_several_organizations_one_must_be_named(tmp_path):
    for slug in ("lab", "school"):
        DatasetFactory(name="Pictures", organization__slug=slug)

    assert "say which organization with --organization: there are 'lab', 'school'" in refused(
        "campaign", "create", written(tmp_path)
    )
    for slug in ("lab", "school"):
        said("campaign", "create", written(tmp_path), organization=slug)
    assert "several organizations have a campaign named 'Animals': give its id" in refused(
        "campaign", "status", "Animals"
    )


# enrol


def test_a_new_person_is_enrolled_and_told_a_password_that_works():
    told = said("enrol", "ada@example.org", organization="lab", role="requester")

    user = User.objects.get()
    assert told.splitlines()[1] == "ada@example.org is requester of lab"
    assert user.check_password(told.splitlines()[0].rpartition(": ")[2])
    assert members.roles(user, Organization.objects.get(slug="lab")) == {"requester"}
    assert Trail.objects.get().verb == "enrol"


def test_who_is_known_keeps_the_password_however_the_address_is_spelt():
    UserFactory(email="ada@example.org")

    told = said("enrol", "Ada@Example.org", organization="lab", role="finance")

    assert "password" not in told
    assert User.objects.count() == 1


def test_a_worker_is_taken_in_without_the_admins_door():
    said("enrol", "will@example.org", organization="lab", role="worker")

    worker = Worker.objects.get()
    assert (worker.user.email, worker.user.is_staff) == ("will@example.org", False)


@pytest.mark.parametrize(
    ("email", "organization", "sentence"),
    [
        ("ada", "lab", "'ada' is not an e-mail address"),
        ("ada@example.org", "My Lab", "'My Lab' is not a short name"),
        ("ada@example.org", "", "'' is not a short name"),
    ],
)
def test_who_cannot_be_enrolled_is_not_and_no_organization_is_founded(email, organization, sentence):
    assert sentence in refused("enrol", email, "--organization", organization, "--role", "admin")
    assert not User.objects.exists()
    assert not Organization.objects.exists()


# deposit


def test_a_deposit_is_booked_once_for_a_reference():
    lab = OrganizationFactory(slug="lab", name="Lab")

    for _ in range(2):
        told = said("deposit", "250.00", "USD", "bank 7")

    assert told.strip() == "Lab has 250.00 USD that no campaign has yet"
    assert books.balance(lab, kind="funds", currency="USD") == 25_000


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ten", "USD", "2"], "'ten' is not an amount"),
        (["10", "usd", "2"], "'usd' is not a currency"),
        (["0.001", "USD", "2"], "more decimals than USD"),
        (["0", "USD", "2"], "it should be above 0"),
        (["-5", "USD", "2"], "it should be above 0"),
        (["7.00", "USD", "bank 1"], "is in the books already, with other postings"),
        (["7.00", "USD", " "], "reference is empty"),
        (["7.00", "USD", "x" * 200], "which keep 120"),
        (["99999999999999999999", "USD", "2"], "not an amount that can be kept"),
        (["7.00", "USD", "2", "--organization", "school"], "there is no organization 'school'"),
    ],
)
def test_a_deposit_that_means_nothing_is_refused(arguments, sentence):
    assert sentence in refused("deposit", *arguments)
    assert books.balance(Organization.objects.get(), kind="funds", currency="USD") == 500


def test_without_any_organization_a_deposit_says_so():
    assert "there are none" in refused("deposit", "1", "USD", "1")


def test_a_campaign_is_created_from_a_labeling_configuration(tmp_path):
    item = ItemFactory(dataset__name="Zoo")
    config = tmp_path / "animals.xml"
    config.write_text(
        '<View><Header value="Which?"/><Text name="t" value="$text"/>'
        '<Choices name="c" toName="t"><Choice value="cat"/><Choice value="dog"/></Choices></View>'
    )

    assert "name a dataset with --dataset" in refused("campaign", "create", str(config))
    said("campaign", "create", str(config), "--dataset", "Zoo")

    made = Campaign.objects.get(dataset=item.dataset)
    assert (made.name, made.kind, made.settings["question"]) == ("animals", "single_choice", "Which?")
