"""Finance sees who earned what, and nothing of what was asked, shown or answered: on every page of the admin."""

import re

import pytest
from django.urls import reverse

from apps.campaigns.models import Campaign, GoldQuestion
from apps.members import trail
from apps.members.models import Role, Trail
from apps.pipeline import flow
from apps.work.models import Judgment
from tests.console.house import House, addresses, client_of, house, page, read
from tests.factories import member

pytestmark = pytest.mark.django_db
SECRETS = re.compile(r"zebra|unicorn|griffin|phoenix|What is item-|Which animal is it|Look closely", re.IGNORECASE)


def told() -> House:
    """Return a house in which what is asked, answered and said about it are words that no page of ours has."""
    mine = house()
    mine.campaign.dataset.items.update(data={"text": "zebra"})
    Campaign.objects.update(settings={"question": "Which animal is it?", "options": ["unicorn", "dog"]})
    Judgment.objects.update(answer="unicorn")
    GoldQuestion.objects.update(answers=["unicorn"])
    reviewer = member(mine.organization, Role.REVIEWER)
    flow.decide(mine.rows["quality.Review"], verdict="reject", reason="That is a griffin.", by=reviewer)
    trail.record(mine.organization, verb="adjudicate", subject="task:1", before="phoenix", after="dog")
    return mine


def test_no_page_tells_finance_what_is_in_a_task():
    mine = told()
    browser = client_of(mine.organization, Role.FINANCE)

    pages = {address: read(browser, address) for address in addresses(mine)}

    opened = [address for address, (status, _text) in pages.items() if status == 200]
    assert len(opened) > 40, opened
    assert {address: SECRETS.findall(text) for address, (_, text) in pages.items() if SECRETS.search(text)} == {}


def test_the_words_are_there_for_who_may_read_them():
    mine = told()
    browser = client_of(mine.organization, Role.ADMIN)
    review, trails = page(mine.rows["quality.Review"], "change"), page(Trail)
    line = page(Trail.objects.get(verb="adjudicate"), "change")

    shown = " ".join(read(browser, address)[1] for address in (review, trails, line))

    assert {word.lower() for word in SECRETS.findall(shown)} >= {"zebra", "unicorn", "griffin", "phoenix"}


def test_the_trail_is_not_searched_for_words_that_are_not_shown():
    mine = told()
    browser = client_of(mine.organization, Role.FINANCE)

    found = browser.get(reverse("admin:members_trail_changelist"), {"q": "griffin"}).context["cl"].result_list

    assert list(found) == []
