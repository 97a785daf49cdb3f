"""What a campaign goes through, and what its budget gets and gives back on the way."""

import pytest
from django.db import IntegrityError, transaction

from apps.campaigns import queries, services
from apps.campaigns.models import Campaign, GoldQuestion
from apps.campaigns.spec import BadSpec, Gold
from apps.core import clock
from apps.core.money import BadAmount
from apps.core.states import IllegalMove
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.ledger.models import Budget
from apps.members.models import Trail
from tests.factories import UserFactory, draft

pytestmark = pytest.mark.django_db
LAUNCHING, RUNNING, PAUSED, STOPPING = "launching", "running", "paused", "stopping"


def funded(**values) -> Campaign:
    campaign = draft(**{"budget": 100} | values)
    ledger.deposit(campaign.organization, amount=1000, currency="USD", reference="bank")
    return campaign


def in_state(state: str) -> Campaign:
    """Return a campaign that came to this state as campaigns do."""
    campaign = funded()
    for reached in {
        "draft": [], LAUNCHING: [LAUNCHING], RUNNING: [LAUNCHING, RUNNING], PAUSED: [LAUNCHING, RUNNING, PAUSED],
        STOPPING: [LAUNCHING, STOPPING], "stopped": [LAUNCHING, STOPPING, "end"],
        "completed": [LAUNCHING, RUNNING, "end"],
    }[state]:  # fmt: skip
        act = {
            LAUNCHING: services.launch, RUNNING: services.run, PAUSED: services.pause, STOPPING: services.stop,
            "end": services.end,
        }[reached]  # fmt: skip
        act(campaign)
    assert Campaign.objects.get().state == state
    return campaign


STATES = ["draft", LAUNCHING, RUNNING, PAUSED, STOPPING, "stopped", "completed"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        (services.launch, {"draft"}),
        (services.pause, {RUNNING}),
        (services.resume, {PAUSED}),
        (services.stop, {LAUNCHING, RUNNING, PAUSED}),
    ],
)
def test_what_a_person_may_do_depends_on_where_the_campaign_stands(state, verb, allowed):
    campaign = in_state(state)
    lines = Trail.objects.count()

    if state in allowed:
        verb(campaign, by=UserFactory())
        assert Trail.objects.filter(actor__isnull=False).count() == 1
    else:
        with pytest.raises(IllegalMove):
            verb(campaign)
        assert Campaign.objects.get().state == state
        assert Trail.objects.count() == lines


@pytest.mark.parametrize("state", STATES)
def test_only_a_campaign_whose_tasks_are_being_made_is_opened(state):
    campaign = in_state(state)

    assert services.run(campaign) == (state == LAUNCHING)
    assert Campaign.objects.get().state == (RUNNING if state == LAUNCHING else state)


@pytest.mark.parametrize("state", STATES)
def test_only_a_campaign_that_runs_or_stops_ends_and_gives_its_budget_back(state):
    campaign = in_state(state)
    ends = state in {RUNNING, STOPPING}

    assert services.end(campaign) == ends
    assert services.end(campaign) is False

    if ends:
        assert books.balance(campaign.organization, kind="funds", currency="USD") == 1000
        last = Trail.objects.first()
        assert (last.verb, last.data["given_back"]) == (Campaign.objects.get().state, 100)


@pytest.mark.parametrize("state", [state for state in STATES if state != "completed"])
def test_only_a_completed_campaign_is_opened_again(state):
    assert services.reopen(in_state(state)) is False


def test_a_launch_without_the_money_changes_nothing():
    campaign = funded(budget=1001)

    with pytest.raises(ledger.NotEnoughMoney, match="deposit first"):
        services.launch(campaign)

    assert Campaign.objects.get().state == "draft"
    assert not Trail.objects.filter(verb="launch").exists()
    assert not Budget.objects.exists()


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_top_up(amount):
    with pytest.raises(BadAmount, match="should be above 0"):
        services.top_up(in_state(RUNNING), amount=amount, reference="more")


def test_what_is_missing_of_a_budget_is_what_it_gave_back():
    campaign = in_state(RUNNING)
    assert queries.missing(campaign) == 0

    services.end(campaign)

    assert queries.missing(campaign) == 100
    assert queries.can_pay(campaign)


def test_an_ended_campaign_has_an_end_and_no_other_has_even_by_raw_sql():
    in_state(RUNNING)

    with pytest.raises(IntegrityError, match="ended_campaign_since"), transaction.atomic():
        Campaign.objects.update(ended_at=clock.now())
    with pytest.raises(IntegrityError, match="ended_campaign_since"), transaction.atomic():
        Campaign.objects.update(state="completed")


# Gold


def test_gold_is_kept_as_the_kind_writes_it_and_new_answers_replace_the_old():
    campaign = draft()
    name = campaign.dataset.items.first().external_id

    assert services.add_gold(campaign, rows=[Gold(name, ["cat"])]) == 1
    assert services.add_gold(campaign, rows=[Gold(name, ["dog", "cow"], "barks or moos")]) == 0

    assert GoldQuestion.objects.values_list("answers", "reason").get() == (["dog", "cow"], "barks or moos")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("first", ["unicorn"])], "'unicorn'"),
        ([("first", [])], "has no answers, it needs at least one"),
        ([("nowhere", ["cat"])], "gold question 'nowhere': the dataset has no such item"),
        ([("first", ["cat"]), ("first", ["dog"])], "is given 2 times"),
    ],
)
def test_gold_that_cannot_be_is_refused_and_none_of_it_is_kept(rows, sentence):
    campaign = draft()
    names = list(campaign.dataset.items.values_list("external_id", flat=True))
    good = Gold(names[1], ["cat"])

    with pytest.raises(BadSpec, match=sentence):
        services.add_gold(
            campaign, rows=[good, *(Gold(names[0] if name == "first" else name, answers) for name, answers in rows)]
        )

    assert not GoldQuestion.objects.exists()
