"""A simulated crowd: its mix, what it makes of an item, and a campaign that it completes over HTTP."""

from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.datasets.models import Media
from apps.kinds import of
from apps.kinds.character import CHARACTERS
from apps.ledger import queries as books
from apps.quality.models import Consensus
from apps.simulation import content, crowd
from apps.simulation.answering import ByCharacter, Replay
from apps.simulation.client import Browser, NoPage, NotTaken
from apps.work import services as work
from apps.work.models import Assignment, Judgment, Place
from tests import belt
from tests.factories import CHOICE, ItemFactory, draft
from tests.running import answered, running

OPTIONS = CHOICE["options"]


# Who they are


@pytest.mark.parametrize(
    ("n", "mix", "expected"),
    [
        (10, crowd.MIX, {"careful": 6, "hasty": 2, "biased": 1, "spamming": 1}),
        (4, {"careful": 1}, {"careful": 4}),
        (3, {"careful": 1, "spamming": 1, "hasty": 1}, {"careful": 1, "spamming": 1, "hasty": 1}),
        (4, {"careful": 30, "spamming": 10}, {"careful": 3, "spamming": 1}),
        (5, {"careful": 0, "hasty": 2}, {"hasty": 5}),
        (0, crowd.MIX, {}),
    ],
)
def test_a_mix_gives_each_character_its_share(n, mix, expected):
    assert Counter(crowd.characters(n, mix)) == expected
    assert crowd.characters(n, mix) == crowd.characters(n, mix)


@pytest.mark.parametrize(
    "mix",
    [{}, {"lazy": 1}, {"careful": -1, "hasty": 2}, {"careful": 0}, {"careful": float("nan")}, {"hasty": float("inf")}],
)
def test_a_mix_that_is_none_is_refused_with_the_names_that_there_are(mix):
    with pytest.raises(ValueError, match="careful"):
        crowd.characters(4, mix)


# How they answer


def guesses(seed: int, keys: list[str], *, character: str = "hasty") -> dict[str, str]:
    answerer = ByCharacter(CHARACTERS[character], {key: "cat" for key in keys}, (seed, 0))
    return {key: answerer.answer(key, kind="single_choice", settings=CHOICE) for key in keys}


def keys(n: int) -> list[str]:
    return [f"{number:016x}" for number in np.random.default_rng(0).integers(2**62, size=n)]


def test_the_same_seed_gives_the_same_answers_in_whatever_order_items_come():
    items = keys(200)

    assert guesses(1, items) == guesses(1, items[::-1])
    assert guesses(1, items) != guesses(2, items)


def test_a_characters_answers_err_as_often_as_its_matrix_says():
    kind = of("single_choice")
    settings = kind.read_settings(CHOICE)
    for name, character in CHARACTERS.items():
        given = Counter(guesses(7, keys(4000), character=name).values())

        shares = np.array([given[option] for option in OPTIONS]) / 4000

        assert np.abs(shares - kind.confusion(character, settings)[0]).max() < 0.03


def test_what_is_true_of_an_unknown_item_is_invented_the_same_for_all():
    careful = [ByCharacter(CHARACTERS["careful"], {}, (1, place)) for place in range(9)]

    agreed = [
        Counter(one.answer(key, kind="single_choice", settings=CHOICE) for one in careful).most_common(1)[0][1]
        for key in keys(50)
    ]

    assert min(agreed) >= 5
    assert np.mean(agreed) > 8


def test_a_replayed_person_gives_their_own_answers():
    assert Replay(1, {"a": [3, -2]}).answer("a", kind="number", settings={}) == -2


# What they see


@pytest.mark.django_db
def test_a_crowd_is_for_simulated_campaigns_only():
    campaign = draft(channel="internal")

    with pytest.raises(crowd.NotForACrowd, match="clone it with channel 'simulated'"):
        crowd.enlist(campaign, workers=3, truth={})

    assert not campaign.organization.workers.exists()


@pytest.mark.django_db
def test_a_crowd_enlisted_twice_is_the_same_people():
    campaign = draft(channel="simulated", groups=["pilots"], languages=["de"])

    first, again = (crowd.enlist(campaign, workers=4, truth={}) for _ in range(2))

    assert [one.worker for one in first] == [one.worker for one in again]
    assert {name for one in first for name in one.worker.groups.values_list("name", flat=True)} == {"pilots"}


ITEMS = [
    {"text": "a plain text"},
    {"text": "Grüße 🐈", "n": 3, "share": 0.25, "yes": True, "nothing": None},
    {"long": {"text": "in a language of its own", "lang": "fr"}, "list": [1, {"a": "é"}]},
    {"image": {"media": "cat.png", "alt": "a cat"}, "text": "and a caption"},
    {"file": {"media": "table.pdf"}},
    {"image": {"media": "gone.png"}},
]


@pytest.mark.django_db(transaction=True)
def test_an_item_has_the_same_key_over_http_as_in_the_dataset(live_server):
    campaign = running(channel="simulated", items=0, page_size=len(ITEMS))
    for data in ITEMS:
        ItemFactory(dataset=campaign.dataset, data=data)
    picture = Media.objects.create(
        dataset=campaign.dataset, name="cat.png", content_type="image/png", size=3, sha256=sha256(b"cat").hexdigest()
    )
    default_storage.save(picture.storage_name, ContentFile(b"cat"))
    while work.split(campaign):
        pass
    member = crowd.member(campaign, name="careful-01", answerer=Replay(0, {}))
    browser = Browser(live_server.url, member.session)

    page = browser.lease(campaign.pk)

    seen = [content.seen(place["parts"], browser.fetch) for place in page["places"]]
    browser.close()
    assert sorted(seen) == sorted(key for key, _ in content.known(campaign))
    assert len(set(seen)) == len(ITEMS)


# What they do


@pytest.mark.django_db(transaction=True)
def test_a_crowd_completes_a_campaign_through_the_real_workbench(live_server):
    campaign = running(
        channel="simulated", items=24, gold=4, gold_share=0.1, early_gold=1, page_size=5, redundancy=3, price=10
    )
    truth = {item.external_id: "cat" for item in campaign.dataset.items.all()}
    members = crowd.enlist(campaign, workers=5, mix={"careful": 1}, truth=truth, seed=3)
    told = []

    tally = crowd.run(campaign, members, base_url=live_server.url, tell=lambda so_far: told.append(so_far.pages))
    belt.run()

    campaign.refresh_from_db()
    assert campaign.state == "completed"
    assert tally.pages == Assignment.objects.filter(state="approved").count() == max(told)
    assert tally.answers == Judgment.objects.count()
    assert set(Consensus.objects.values_list("votes", flat=True)) == {3}
    assert Consensus.objects.filter(answer="cat").count() >= 19
    assert books.imbalances() == []


@pytest.mark.django_db(transaction=True)
def test_each_member_answers_an_item_alike_in_two_runs_with_one_seed(live_server):
    answers = []
    for name in ("first", "second"):
        campaign = running(name=name, channel="simulated", items=6, page_size=3, redundancy=2)
        for number, item in enumerate(campaign.dataset.items.all()):
            item.data = {"text": f"item {number}"}
            item.save()
        members = crowd.enlist(campaign, workers=2, mix={"spamming": 1}, truth={}, seed=5)
        crowd.run(campaign, members, base_url=live_server.url)
        rows = Judgment.objects.filter(campaign=campaign).values_list("worker__name", "task__item__data", "answer")
        answers.append({(worker, data["text"]): answer for worker, data, answer in rows})

    assert answers[0] == answers[1]
    assert len(answers[0]) == 12


@pytest.mark.django_db(transaction=True)
def test_a_crowd_goes_home_when_a_campaign_has_nothing_for_it(live_server):
    campaign = running(channel="simulated", items=2)
    campaign.move("paused")
    members = crowd.enlist(campaign, workers=3, truth={})

    tally = crowd.run(campaign, members, base_url=live_server.url)

    assert (tally.pages, tally.refusals) == (0, {"paused": 3})
    assert not Place.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_browser_is_told_why_it_gets_no_page_and_that_one_was_not_taken(live_server):
    campaign = running(channel="simulated", items=4, page_size=2, redundancy=1)
    member = crowd.member(campaign, name="careful-01", answerer=Replay(0, {}))
    browser = Browser(live_server.url, member.session)
    page = browser.lease(campaign.pk)
    answers = answered(Assignment.objects.get())
    work.give_back(Assignment.objects.get().pk, worker=member.worker)

    with pytest.raises(NotTaken, match="given back"):
        browser.submit(page, answers)
    campaign.move("paused")
    with pytest.raises(NoPage) as none:
        browser.lease(campaign.pk)
    browser.close()

    assert none.value.reason == "paused"
