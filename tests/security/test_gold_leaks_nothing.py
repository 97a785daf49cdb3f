"""P13: by nothing that a page or an answer of the API shows is a question with a known answer to be told from another.

Every visible feature of a place (which of the worker's pages it is on, its position there, lengths, numbers drawn from
its token, the names of its keys, the size of its part of the page) is a score; its AUC for "is gold" must not differ
from a half by more than chance, with Bonferroni's correction over all features.
"""

import json
import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from scipy.stats import mannwhitneyu

from apps.members.models import Scope
from apps.work import services as work
from apps.work.models import Assignment, Place
from tests.api.machine import JSON, bearer, working
from tests.factories import UserFactory
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db
WORKERS, ITEMS, GOLD, PAGES = 8, 60, 20, 6
ALPHA = 0.001  # so seldom chance alone fails a test, whatever its number of features
FEATURES = (
    "page",
    "position",
    "of_page",
    "token",
    "token_end",
    "bits",
    "length",
    "keys",
    "parts",
    "html",
    "links",
    "tags",
)


def test_p13_no_visible_feature_tells_gold_from_the_rest():
    campaign = running(items=ITEMS, gold=GOLD, gold_share=0.3, early_gold=0, page_size=5, redundancy=WORKERS, price=1)

    rows = [row for number in range(WORKERS) for row in seen(campaign, number)]

    is_gold = np.array([gold for gold, _ in rows])
    values = np.array([features for _, features in rows], dtype=float)
    assert 30 < is_gold.sum() < len(is_gold) - 30, "too few of either to tell anything"
    found = {name: p_value(values[:, column], is_gold) for column, name in enumerate(FEATURES)}
    assert min(found.values()) > ALPHA / len(FEATURES), found


ANSWERED = ("statements", "seconds", "bytes", "id_late", "id_order", "id_bits", "expires")
HANDED_IN = ("submit_statements", "submit_seconds", "submit_bytes")
SINGLES, COMERS = 20, 3  # pages of one question, and by how many workers


def test_p13_neither_time_nor_ids_tell_a_page_that_asks_gold():
    """A page of one question is gold or not as a whole: what its answers take, hold and are called tells not."""
    campaign = running(
        items=2 * SINGLES, gold=SINGLES, gold_share=0.4, early_gold=0, page_size=1, redundancy=COMERS, price=1
    )

    rows = [row for _ in range(COMERS) for row in timed(campaign)]

    is_gold = np.array([gold for gold, _ in rows])
    values = np.array([features for _, features in rows], dtype=float)
    assert 10 < is_gold.sum() < len(is_gold) - 10, "too few of either to tell anything"
    names = ANSWERED + HANDED_IN
    found = {name: p_value(values[:, column], is_gold) for column, name in enumerate(names)}
    assert min(found.values()) > ALPHA / len(names), found
    for name in ("statements", "submit_statements", "submit_bytes"):  # no chance is in these
        column = values[:, names.index(name)]
        assert set(column[is_gold]) == set(column[~is_gold]), name


def test_p13_early_gold_tells_that_a_first_place_is_likelier_gold_and_nothing_of_which_or_of_later_ones():
    """What is meant to be seen, and no more: infra/docs/decisions/what-can-be-seen-of-gold.md."""
    campaign = running(items=90, gold=30, gold_share=0.2, early_gold=4, page_size=5, redundancy=WORKERS, price=1)

    by_page = {page: [] for page in range(PAGES)}
    for _ in range(WORKERS):
        worker = worker_of(campaign)
        for page in by_page:
            row = work.lease(campaign, worker=worker)
            by_page[page] += row.places.values_list("position", "task__gold")
            work.submit(row.pk, worker=worker, answers=answered(row))

    counted = {page: sum(gold for _, gold in places) / WORKERS for page, places in by_page.items()}
    assert [counted[page] for page in range(2)] == [2, 2]  # four of the first ten
    assert [counted[page] for page in range(2, PAGES)] == [1] * (PAGES - 2)  # and a fifth ever after, with no gap
    first, later = ([place for page in pages for place in by_page[page]] for pages in (range(2), range(2, PAGES)))
    for places in (first, later):
        values, golds = np.array(places, dtype=float).T
        assert p_value(values, golds.astype(bool)) > ALPHA / len(FEATURES)


@pytest.mark.parametrize("wrong", [{"answer": "no such option"}, {"answer": 7}, {}])
def test_p13_what_is_wrong_with_an_answer_is_said_of_gold_as_of_the_rest(wrong):
    campaign = running(items=20, gold=10, gold_share=0.5, early_gold=0, page_size=10, redundancy=1, price=1)
    client = bearer(campaign.organization, Scope.WORK, worker=worker_of(campaign).pk)
    page = client.post(f"/api/v1/campaigns/{campaign.pk}/assignments", "{}", content_type="application/json").json()
    row = Assignment.objects.get(pk=page["id"])
    told = {True: set(), False: set()}

    for token, is_gold in row.places.values_list("token", "task__gold"):
        asked = {"answers": answered(row) | {token.hex: wrong}}
        answer = client.post(f"/api/v1/assignments/{row.pk}/submit", asked, content_type="application/json")
        said = re.sub(rf"{token.hex}|question \d+", "the place", answer.content.decode())
        told[is_gold].add((answer.status_code, said))

    assert told[True] == told[False]
    assert [status for status, _ in told[True]] == [422]


def test_a_feature_that_leaks_is_found():
    dice = np.random.default_rng(1)
    is_gold = dice.random(200) < 0.3
    leaking = dice.normal(size=200) + 0.9 * is_gold

    assert p_value(leaking, is_gold) < ALPHA / len(FEATURES)
    assert p_value(dice.normal(size=200), is_gold) > ALPHA / len(FEATURES)


def p_value(values: np.ndarray, is_gold: np.ndarray) -> float:
    """Return how likely chance alone puts the feature's AUC so far from a half (Mann-Whitney, ties counted)."""
    if len(np.unique(values)) == 1:
        return 1.0
    told = float(mannwhitneyu(values[is_gold], values[~is_gold]).pvalue)
    return 1.0 if math.isnan(told) else told


def seen(campaign, number: int) -> Iterator[tuple[bool, list[float]]]:
    """Yield for each place that a worker is given whether it is gold, and what can be seen of it."""
    user = UserFactory()
    worker = worker_of(campaign, user=user)
    client = bearer(campaign.organization, Scope.WORK, user=user)
    client.force_login(user)
    for number_of_page in range(PAGES):
        page = client.post(f"/api/v1/campaigns/{campaign.pk}/assignments", "{}", content_type="application/json").json()
        html = client.get(f"/work/pages/{page['id']}/").content.decode()
        gold = dict(Place.objects.filter(assignment=page["id"]).values_list("token", "task__gold"))
        known = {token.hex: value for token, value in gold.items()}
        for place in page["places"]:
            yield known[place["token"]], [number_of_page, *features_of(place, page, html)]
        row = Assignment.objects.get(pk=page["id"])
        work.submit(row.pk, worker=worker, answers=answered(row))


def timed(campaign) -> Iterator[tuple[bool, list[float]]]:
    """Yield for each page of one question whether it is gold, and what is seen of both its requests from outside."""
    client, _ = working(campaign)
    before = UUID(int=0)
    # Of the first one code is loaded, and the seat made.
    for number in range(SINGLES + 1):
        asked_at = time.time()
        with watched() as lease:
            answer = client.post(f"/api/v1/campaigns/{campaign.pk}/assignments", "{}", **JSON)
        page = answer.json()
        row, identity = Assignment.objects.get(pk=page["id"]), UUID(page["id"])
        is_gold = row.places.get().task.gold
        late = (identity.int >> 80) / 1000 - asked_at  # a UUID of version 7 begins with its milliseconds
        said = json.dumps({**page, "places": [{**page["places"][0], "parts": []}]})
        until = row.expires_at.timestamp() - row.leased_at.timestamp()
        shown = [len(said), late, float(identity > before), identity.int & 0xFFFF, until]
        with watched() as submit:
            done = client.post(f"/api/v1/assignments/{row.pk}/submit", {"answers": answered(row)}, **JSON)
        assert done.status_code == 200
        if number:
            yield is_gold, [*lease, *shown, *submit, float(len(done.content))]
        before = identity


@contextmanager
def watched() -> Iterator[list[float]]:
    """Note how many statements and how many seconds something takes."""
    noted: list[float] = []
    with CaptureQueriesContext(connection) as statements:
        began = time.perf_counter()
        yield noted
        seconds = time.perf_counter() - began
    noted += [float(len(statements)), seconds]


def features_of(place: dict, page: dict, html: str) -> list[float]:
    token = place["token"]
    sections = re.findall(r"<section.*?</section>", html, re.DOTALL)
    section = next(one for one in sections if token in one)
    for part in place["parts"]:
        section = section.replace(part.get("text", ""), "")  # what is asked is the requester's, whatever its length
    number = int(token, 16)
    return [
        place["position"],
        place["position"] / len(page["places"]),
        number >> 64,
        number & 0xFFFF,
        number.bit_count(),
        len(json.dumps(place)) - len(str(place["parts"])),
        sum(ord(char) for char in "".join(place)),
        len(place["parts"]),
        len(section),
        section.count("href"),
        section.count("<"),
    ]
