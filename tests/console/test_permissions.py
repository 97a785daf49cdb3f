"""Who may open what: every page of the admin with every role. Other organizations' pages: tests/security."""

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, reverse

from apps.members.models import Role
from tests.console.house import House, buttons, client, client_of, house, page, registered
from tests.factories import OrganizationFactory, UserFactory, member

pytestmark = pytest.mark.django_db

# Nothing in them belongs to anybody: only that something is done by the clock, and when.
OF_NOBODY = {"pipeline.Schedule"}


def own_pages_of_row(house: House, label: str) -> list[str]:
    """Return the addresses of all pages of a row: its form, history, deletion and every button's."""
    model = registered()[label]
    row = house.rows[label]
    names = {
        pattern.name
        for pattern in admin.site.get_model_admin(model).get_urls()
        if isinstance(pattern, URLPattern) and pattern.name and "object_id" in str(pattern.pattern)
    }
    return [reverse(f"admin:{name}", args=[row.pk]) for name in sorted(names)]


def test_the_house_has_a_row_of_every_registered_model():
    assert set(house().rows) == set(registered())


def test_lists_hold_only_rows_of_ones_own_organizations():
    mine, theirs = house(), house()
    request = RequestFactory().get("/")
    request.user = member(mine.organization, Role.ADMIN)

    for label in set(registered()) - OF_NOBODY:
        shown = admin.site.get_model_admin(registered()[label]).get_queryset(request)

        assert shown.filter(pk=mine.rows[label].pk).exists(), label
        assert not shown.filter(pk=theirs.rows[label].pk).exists(), label


def test_every_page_of_every_row_opens_for_an_admin_of_its_organization_and_so_does_every_button_that_is_offered():
    mine = house()
    request = RequestFactory().get("/")
    request.user = member(mine.organization, Role.ADMIN)
    browser = client(request.user)

    statuses = {}
    for address in (address for label in registered() for address in own_pages_of_row(mine, label)):
        response = browser.get(address)
        list(response)  # a report is a file, closed at its end
        statuses[address] = response.status_code

    offered = {
        page(row, verb)
        for label, row in mine.rows.items()
        for verb in buttons(label)
        if admin.site.get_model_admin(registered()[label]).offers(request, row, verb)
    }
    # What nobody deletes or changes has no such page, even for an admin. A button may lead to another page.
    assert {address for address, status in statuses.items() if status not in (200, 302, 403)} == set()
    assert {address for address in offered if statuses[address] == 403} == set()


def test_a_button_that_changes_something_is_refused_to_who_may_only_look():
    mine = house()
    browser = client_of(mine.organization, Role.REVIEWER)
    campaign = mine.rows["campaigns.Campaign"]

    for verb in ("pause", "stop", "top_up", "clone", "publish_guidelines", "add_gold", "labels", "to_yaml", "report"):
        response = browser.post(page(campaign, verb), {})

        assert response.status_code == 403, verb
    campaign.refresh_from_db()
    assert campaign.state == "running"


def test_someone_with_two_roles_in_two_organizations_has_each_only_where_it_is():
    here, there = house(), house()
    user = member(here.organization, Role.FINANCE)
    browser = client(user)
    user.memberships.create(organization=there.organization, role=Role.REQUESTER)

    assert browser.get(page(there.rows["campaigns.Campaign"], "change")).status_code == 200
    assert browser.get(page(here.rows["campaigns.Campaign"], "change")).status_code == 302
    assert browser.get(page(here.rows["payments.Payout"], "change")).status_code == 200
    assert browser.get(page(there.rows["payments.Payout"], "change")).status_code == 302


def test_a_superuser_without_a_membership_is_not_let_in():
    browser = client(UserFactory(is_staff=True, is_superuser=True))

    assert browser.get(reverse("admin:index"), follow=True).status_code == 403


def test_a_superuser_sees_no_more_than_the_role_lets():
    theirs = house()
    browser = client(member(OrganizationFactory(), Role.REQUESTER, is_superuser=True))

    assert browser.get(page(theirs.rows["datasets.Dataset"], "change")).status_code == 302
    assert browser.get(page(registered()["payments.Payout"])).status_code == 403


def test_a_worker_without_a_role_is_not_let_in():
    browser = client(UserFactory())

    assert browser.get(reverse("admin:index"), follow=True).status_code == 403


def test_nothing_that_other_apps_bring_is_registered():
    ours = {"members", "datasets", "campaigns", "quality", "workforce", "ledger", "payments", "channels", "pipeline",
            "turkapi", "notices"}  # fmt: skip

    assert {label.split(".")[0] for label in registered()} <= ours
