"""The admin's door and its policy."""

from collections import Counter

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from apps.members.models import Role
from tests.console.house import addresses, client_of, house, read
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def policy(response) -> dict[str, list[str]]:
    parts = response["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for words in (part.split() for part in parts) if words}


def test_a_stranger_is_sent_to_the_log_in_that_all_share_and_back():
    response = Client().get("/admin/campaigns/campaign/", follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2Fcampaigns%2Fcampaign%2F"


def test_a_foreign_address_after_the_log_in_is_not_followed(django_user_model):
    django_user_model.objects.create_user("a@example.org", "a long password")

    response = Client().post(
        "/accounts/login/?next=https://elsewhere.example/", {"login": "a@example.org", "password": "a long password"}
    )

    assert response["Location"] == reverse("home")


def test_the_admins_pages_may_evaluate_expressions_and_nothing_more_is_relaxed():
    response = client_of(OrganizationFactory(), Role.ADMIN).get("/admin/")

    found = policy(response)
    assert "'unsafe-eval'" in found["script-src"]
    assert "'unsafe-inline'" not in found["script-src"]
    assert found["frame-ancestors"] == ["'none'"]
    assert found["default-src"] == ["'none'"]


@pytest.mark.parametrize("address", ["/accounts/login/", "/no-such-page/", "/work/"])
def test_every_other_page_is_strict(address):
    response = Client().get(address)

    found = policy(response)
    assert "'unsafe-eval'" not in found["script-src"]
    assert "'unsafe-inline'" not in found["script-src"] + found["style-src"]


def test_a_page_of_the_admin_has_one_heading_above_all_others():
    mine = house()
    browser = client_of(mine.organization, Role.ADMIN)

    pages = {address: read(browser, address)[1] for address in addresses(mine)}

    whole = {address: text.count("<h1") for address, text in pages.items() if "</html>" in text}
    assert len(whole) > 60, sorted(whole)
    assert {address: headings for address, headings in whole.items() if headings != 1} == {}


def test_each_page_of_the_admin_has_a_name_of_its_own_so_that_each_button_leads_to_its_page():
    pages = admin.site._registry.values()

    names = Counter(pattern.name for page in pages for pattern in page.get_urls() if getattr(pattern, "name", None))

    assert len(names) > 200
    assert [name for name, n in names.items() if n > 1] == []


def test_pages_of_the_admin_are_not_kept_by_the_browser():
    response = client_of(OrganizationFactory(), Role.ADMIN).get("/admin/")

    assert "no-store" in response["Cache-Control"]


def test_the_overview_shows_each_role_its_own_numbers():
    of = OrganizationFactory()

    finance = client_of(of, Role.FINANCE).get("/admin/").content.decode()
    requester = client_of(of, Role.REQUESTER).get("/admin/").content.decode()

    assert "Owed, in no payout" in finance
    assert "The books" in finance
    assert "Campaigns under way" not in finance
    assert "Campaigns under way" in requester
    assert "Reviews waiting" in requester
    assert "Owed, in no payout" not in requester


def test_the_password_is_changed_where_all_change_it():
    response = client_of(OrganizationFactory(), Role.FINANCE).get("/admin/password_change/")

    assert response["Location"] == "/accounts/password/change/"
