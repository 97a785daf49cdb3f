"""Choices, filters and forms offer only rows of one's own organizations, and never mix two of them."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from apps.console.scope import OneOrganizationForm
from apps.datasets.models import Dataset
from apps.members.models import Role
from apps.workforce.models import Group, Worker
from tests.console.house import client, client_of, page
from tests.factories import DatasetFactory, OrganizationFactory, WorkerFactory, member

pytestmark = pytest.mark.django_db


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_a_choice_of_rows_is_of_ones_own_organizations():
    mine, theirs = DatasetFactory(), DatasetFactory()
    browser = client_of(mine.organization, Role.REQUESTER)

    shown = browser.get("/admin/campaigns/campaign/add/").content.decode()

    assert str(mine.pk) in shown
    assert str(theirs.pk) not in shown


def test_a_row_cannot_be_added_to_another_organization():
    mine, theirs = OrganizationFactory(), OrganizationFactory()
    browser = client_of(mine, Role.REQUESTER)

    browser.post("/admin/datasets/dataset/add/", {"organization": theirs.pk, "name": "Stolen", "description": ""})

    assert not Dataset.objects.filter(name="Stolen").exists()


def test_a_row_cannot_be_moved_to_another_of_ones_organizations():
    dataset = DatasetFactory()
    other = OrganizationFactory()
    user = member(dataset.organization, Role.REQUESTER)
    user.memberships.create(organization=other, role=Role.REQUESTER)

    client(user).post(page(dataset, "change"), {"organization": other.pk, "name": "Renamed", "description": ""})

    dataset.refresh_from_db()
    assert (dataset.name, dataset.organization_id) != ("Renamed", other.pk)
    assert dataset.name == "Renamed"


def test_a_worker_cannot_be_put_into_a_group_of_another_organization():
    worker = WorkerFactory()
    foreign = Group.objects.create(organization=OrganizationFactory(), name="theirs")
    browser = client_of(worker.organization, Role.REQUESTER)

    browser.post(page(worker, "change"), {"name": "x", "languages": "", "groups": [foreign.pk], **INLINES})

    assert list(worker.groups.all()) == []


def test_rows_of_two_of_ones_organizations_are_not_mixed():
    worker = WorkerFactory()
    other = Group.objects.create(organization=OrganizationFactory(), name="mine too")
    user = member(worker.organization, Role.REQUESTER)
    user.memberships.create(organization=other.organization, role=Role.REQUESTER)

    response = client(user).post(
        page(worker, "change"), {"name": "x", "languages": "", "groups": [other.pk], **INLINES}
    )

    assert "different organizations" in response.content.decode()
    assert list(worker.groups.all()) == []


def test_a_form_of_rows_of_one_organization_is_taken():
    worker = WorkerFactory()
    group = Group.objects.create(organization=worker.organization, name="ours")

    client_of(worker.organization, Role.REQUESTER).post(
        page(worker, "change"), {"name": "New name", "languages": "en,de", "groups": [group.pk], **INLINES}
    )

    worker.refresh_from_db()
    assert (worker.name, worker.languages, list(worker.groups.all())) == ("New name", ["en", "de"], [group])


def test_a_filter_offers_no_row_of_another_organization():
    mine = Group.objects.create(organization=OrganizationFactory(), name="mine to see")
    Group.objects.create(organization=OrganizationFactory(), name="not mine to see")
    for _ in range(2):  # a filter with one choice is not shown
        WorkerFactory(organization=mine.organization).groups.add(mine)
    Group.objects.create(organization=mine.organization, name="mine as well")

    shown = client_of(mine.organization, Role.REQUESTER).get(page(Worker)).content.decode()

    assert "mine to see" in shown
    assert "mine as well" in shown
    assert "not mine to see" not in shown


def test_a_list_cannot_be_filtered_by_what_lies_behind_it():
    worker = WorkerFactory()

    response = client_of(worker.organization, Role.REQUESTER).get(page(Worker), {"user__password__startswith": "p"})

    assert response.status_code in (302, 400)


def test_every_page_with_a_form_takes_rows_of_one_organization_only():
    pages = [one for one in admin.site._registry.values() if one.get_form(request_of(member(OrganizationFactory())))]

    assert pages
    assert all(issubclass(one.form, OneOrganizationForm) for one in pages)


INLINES = {
    f"{name}-{count}": "0"
    for name in ("skills", "qualifications", "restrictions")
    for count in ("TOTAL_FORMS", "INITIAL_FORMS")
}
