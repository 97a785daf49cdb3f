"""Addresses of lists: they narrow by the filters and links that are there, and tell nothing of other columns."""

import re
from html import unescape

import pytest
from django.contrib import admin

from apps.channels.models import Claim
from apps.datasets.models import Item
from apps.members.models import Role, Trail
from apps.payments.models import Obligation
from tests.console.house import addresses, client_of, house, page, read, registered
from tests.console.test_finance_sees_no_tasks import told

pytestmark = pytest.mark.django_db
SAID = "This can't be asked for here"
LINKED = re.compile(r'href="([^"]+)"')
# What a guess is put to: a reason and data that finance is not told, answers of a market, settings behind a row.
GUESSES = [
    (Trail, "reason__startswith=That+is+a+g"),
    (Trail, "reason__icontains=griffin"),
    (Trail, "data__icontains=phoenix"),
    (Trail, 'data__before="phoenix"'),
    (Trail, "data__before__startswith=pho"),
    (Trail, "verb__startswith=rej"),
    (Claim, "answers__icontains=unicorn"),
    (Claim, "verdict__startswith=app"),
    (Obligation, "campaign__settings__icontains=unicorn"),
    (Obligation, "reason__icontains=unicorn"),
]


def lists() -> list[str]:
    return [page(model) for model in registered().values() if model is not Item]  # its list is its dataset's page


def test_no_list_is_narrowed_by_a_guess_at_what_it_does_not_show():
    mine = told(house())
    Claim.objects.update(answers={"token": {"answer": "unicorn"}}, digest="a" * 64)
    browser = client_of(mine.organization, Role.FINANCE)

    refused = {guess: browser.get(f"{page(model)}?{guess}") for model, guess in GUESSES}

    assert {guess: answer.status_code for guess, answer in refused.items()} == dict.fromkeys(refused, 400)
    assert all(SAID in answer.content.decode() for answer in refused.values())


@pytest.mark.parametrize("role", [Role.FINANCE, Role.REQUESTER, Role.ADMIN])
def test_every_link_that_narrows_a_list_leads_to_one(role):
    mine = house()
    browser = client_of(mine.organization, role)
    shown = {address: read(browser, address) for address in addresses(mine)}
    links = {
        address.partition("?")[0] + unescape(link) if link.startswith("?") else unescape(link)
        for address, (status, text) in shown.items()
        if status == 200
        for link in LINKED.findall(text)
        if "?" in link
    }
    links = {link for link in links if link.partition("?")[0] in lists()}

    answers = {link: browser.get(link).status_code for link in sorted(links)}

    assert len([link for link in answers if "__" in link]) > 20, sorted(answers)
    assert {link: status for link, status in answers.items() if status != 200} == {}


def test_what_no_column_can_hold_is_refused_by_every_filter_of_every_list():
    mine = house()
    browser = client_of(mine.organization, Role.ADMIN)
    asked = [
        f"{page(mine.campaign, 'framed')}?external_id=%00",
        f"{page(mine.campaign.dataset, 'browse')}?external_id=%00",
    ]
    for model, pages in admin.site._registry.items():
        for one in pages.list_filter:
            name = getattr(one, "parameter_name", None) or (one[0] if isinstance(one, tuple) else one)
            asked += [f"{page(model)}?{name}{end}=%00" for end in ("", "__exact", "__id__exact", "__isnull")]
        asked += [f"{page(model)}?{name}=%00" for name in pages.drilled]
        if pages.date_hierarchy:
            asked.append(f"{page(model)}?{pages.date_hierarchy}__year=%00")

    answers = {address: browser.get(address) for address in asked}

    assert len(answers) > 100
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code != 400} == {}
    assert all(SAID in answer.content.decode() for answer in answers.values())
