"""Finance sees who earned what, and nothing of what was asked, shown or answered: on every page of the admin, and at
every address of the API.
"""

import re

import pytest
from django.urls import reverse

from apps.campaigns.models import Campaign, GoldQuestion
from apps.members import trail
from apps.members.models import Role, Trail
from apps.pipeline import flow, operations
from apps.pipeline.models import Operation
from apps.work.models import Judgment
from apps.workforce import services as workforce
from tests.api.machine import machine
from tests.api.rooms import address, methods, rooms, routes
from tests.console.house import House, addresses, client_of, house, page, read
from tests.factories import member

pytestmark = pytest.mark.django_db
SECRETS = re.compile(
    r"zebra|manticore|unicorn|griffin|phoenix|basilisk|kraken|What is item-|Which animal is it|Look closely",
    re.IGNORECASE,
)


def told(mine: House) -> House:
    """Return the house; what is asked, answered and said about it there are words that no page of ours has."""
    mine.campaign.dataset.items.update(data={"text": "zebra", "guess": "manticore"})
    Campaign.objects.update(
        settings={"question": "Which animal is it?", "options": ["unicorn", "dog", "manticore"]}, show=["text"],
        suggestion_field="guess", suggested_to="workers",
    )  # fmt: skip
    Judgment.objects.update(answer="unicorn")
    GoldQuestion.objects.update(answers=["unicorn"])
    reviewer = member(mine.organization, Role.REVIEWER)
    flow.decide(mine.rows["quality.Review"], verdict="reject", reason="That is a griffin.", by=reviewer)
    worker = mine.rows["workforce.Worker"]
    workforce.restrict(worker, reason="Called each basilisk a dog.", by=reviewer)
    trail.record(mine.organization, verb="notify", subject=mine.campaign.key, actor=reviewer, reason="On the kraken")
    trail.record(mine.organization, verb="adjudicate", subject="task:1", before="phoenix", after="dog")
    return mine


def test_no_page_tells_finance_what_is_in_a_task():
    mine = told(house())
    browser = client_of(mine.organization, Role.FINANCE)

    pages = {address: read(browser, address) for address in addresses(mine)}

    opened = [address for address, (status, _text) in pages.items() if status == 200]
    assert len(opened) > 40, opened
    assert {address: SECRETS.findall(text) for address, (_, text) in pages.items() if SECRETS.search(text)} == {}


def test_no_address_of_the_api_tells_finance_what_is_in_a_task():
    mine, found = rooms()
    told(mine)
    (operations.folder_of(Operation.objects.get(pk=found["operation_id"])) / "labels.csv").write_text("1,zebra")
    finance, everybody = machine(mine.organization, Role.FINANCE), machine(mine.organization, Role.ADMIN)
    asked = {name: address(pattern, found) for name, pattern in routes().items() if "GET" in methods(pattern)}

    answers = {name: read(finance, where) for name, where in asked.items()}
    lines = read(everybody, asked["trail"])[1]

    assert len([name for name, (status, _text) in answers.items() if status == 200]) > 25, answers
    assert {name: SECRETS.findall(text) for name, (_, text) in answers.items() if SECRETS.search(text)} == {}
    assert {word.lower() for word in SECRETS.findall(lines)} >= {"griffin", "basilisk", "kraken", "phoenix"}


def test_the_words_are_there_for_who_may_read_them():
    mine = told(house())
    browser = client_of(mine.organization, Role.ADMIN)
    review, trails = page(mine.rows["quality.Review"], "change"), page(Trail)
    line = page(Trail.objects.get(verb="adjudicate"), "change")

    shown = " ".join(read(browser, address)[1] for address in (review, trails, line))

    assert {word.lower() for word in SECRETS.findall(shown)} >= {
        "zebra", "manticore", "unicorn", "griffin", "phoenix", "basilisk", "kraken",
    }  # fmt: skip


def test_the_trail_is_not_searched_for_words_that_are_not_shown():
    mine = told(house())
    browser = client_of(mine.organization, Role.FINANCE)

    found = browser.get(reverse("admin:members_trail_changelist"), {"q": "griffin"}).context["cl"].result_list

    assert list(found) == []


def test_what_the_trail_says_of_a_workers_pay_is_for_finance():
    mine = told(house())
    worker = mine.rows["workforce.Worker"]
    trail.record(mine.organization, verb="bonus", subject=f"worker:{worker.pk}", reason="ten pages more")

    shown = client_of(mine.organization, Role.FINANCE).get(page(Trail)).content.decode()

    by_api = read(machine(mine.organization, Role.FINANCE), "/api/v1/trail")[1]

    assert "ten pages more" in shown
    assert "ten pages more" in by_api
