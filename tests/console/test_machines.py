"""Tokens and webhooks in the admin: made, shown once, taken back."""

import re

import pytest
from django.test import Client

from apps.members.models import Role, Token
from apps.notices.models import Endpoint, Notice
from tests.console.house import client_of, house, page
from tests.factories import OrganizationFactory, UserFactory, member

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_and_lets_its_machine_in_until_it_is_revoked():
    organization = OrganizationFactory()
    browser = client_of(organization, Role.ADMIN)
    user = member(organization, Role.REQUESTER)
    asked = {"organization": organization.pk, "name": "nightly", "email": user.email, "scopes": ["read"], "days": 30}

    shown = browser.post(page(Token, "add"), asked).content.decode()
    secret = re.search(r"lc_[\w-]{40,}", shown)[0]
    machine = Client(headers={"authorization": f"Bearer {secret}"})
    assert machine.get("/api/v1/campaigns").status_code == 200
    token = Token.objects.get()
    assert secret not in browser.get(page(token, "change")).content.decode()
    browser.post(page(token, "revoke"))

    assert machine.get("/api/v1/campaigns").status_code == 401


def test_a_token_is_not_made_for_somebody_of_another_organization():
    organization = OrganizationFactory()
    browser = client_of(organization, Role.ADMIN)
    stranger = UserFactory()

    said = browser.post(
        page(Token, "add"),
        {"organization": organization.pk, "name": "x", "email": stranger.email, "scopes": ["read"], "days": 30},
    )

    assert "neither a member nor a worker" in said.content.decode()
    assert not Token.objects.exists()


def test_a_webhook_is_added_with_a_secret_that_is_shown_once_and_rotated(settings):
    settings.OUTBOUND_HOSTS = ["hooks.example.org"]
    organization = OrganizationFactory()
    browser = client_of(organization, Role.ADMIN)
    asked = {"organization": organization.pk, "url": "https://hooks.example.org/x", "events": ["campaign.ended"]}

    first = re.search(r"whsec_[\w+/=]+", browser.post(page(Endpoint, "add"), asked).content.decode())[0]
    endpoint = Endpoint.objects.get()
    second = re.search(r"whsec_[\w+/=]+", browser.post(page(endpoint, "rotate")).content.decode())[0]
    browser.post(page(endpoint, "disable"))

    endpoint.refresh_from_db()
    assert first != second
    assert endpoint.disabled_at
    assert "whsec_" not in browser.get(page(endpoint, "change")).content.decode()


def test_an_address_that_may_not_be_asked_is_refused_in_words():
    organization = OrganizationFactory()
    browser = client_of(organization, Role.ADMIN)

    said = browser.post(
        page(Endpoint, "add"),
        {"organization": organization.pk, "url": "http://169.254.169.254/", "events": ["campaign.ended"]},
    )

    assert "LABELCROWD_OUTBOUND_HOSTS" in said.content.decode()
    assert not Endpoint.objects.exists()


def test_a_delivery_is_sent_again():
    mine = house()
    notice = mine.rows["notices.Notice"]

    client_of(mine.organization, Role.ADMIN).post(page(notice, "replay"))

    assert Notice.objects.get(pk=notice.pk).state == Notice.State.WAITING
