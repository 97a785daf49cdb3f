"""S7, S9: an account that one organization opened is no way into another; and addresses in capitals log in."""

import re
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import connection
from django.test import Client

from apps.members import accounts, services
from apps.members.models import Role, User
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
ADDRESS = "wanda@example.org"
small_letters = import_module("apps.members.migrations.0009_addresses_in_small_letters")


def opened() -> tuple[User, str]:
    """Return an account that an organization opened, and its password, which its admin was shown."""
    of = OrganizationFactory()
    user, password = accounts.log_in(ADDRESS, of=of.pk)
    services.enrol(user, organization=of, role=Role.REVIEWER)
    return user, password


def enrolled(of) -> User:
    """Have another organization enrol the same address."""
    user, shown = accounts.log_in(ADDRESS, of=of.pk)
    assert shown == ""
    services.enrol(user, organization=of, role=Role.FINANCE)
    return user


def logged_in(password: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": ADDRESS, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/work/account/").status_code == 200 or client.get("/accounts/email/").status_code == 200


def by_mail(password: str) -> None:
    """Choose a password by a link that is mailed."""
    client = Client()
    client.post("/accounts/password/reset/", {"email": ADDRESS})
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": password, "password2": password})


def test_s7_who_opened_an_account_is_not_let_into_another_organization_by_it():
    user, password = opened()
    inside = logged_in(password)
    services.make_token(user.memberships.get().organization, user=user, name="x", scopes=["read"], days=1)
    assert is_in(inside)

    enrolled(OrganizationFactory())

    assert not is_in(inside)
    assert not is_in(logged_in(password))
    assert not user.tokens.filter(revoked_at=None).exists()


def test_s7_its_owner_comes_in_by_mail_and_is_asked_so_no_second_time():
    user, _ = opened()
    enrolled(OrganizationFactory())

    by_mail(PASSWORD)
    enrolled(OrganizationFactory())

    user.refresh_from_db()
    assert accounts.owns_address(user)
    assert is_in(logged_in(PASSWORD))


def test_s7_an_address_that_was_added_to_the_account_brings_no_link_and_shows_nothing():
    user, _ = opened()
    EmailAddress.objects.create(user=user, email="evil@example.org", verified=False)
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True)  # as who gets a mail may confirm unasked

    accounts.note_owner(user)
    user.refresh_from_db()
    assert not accounts.owns_address(user)
    enrolled(OrganizationFactory())
    Client().post("/accounts/password/reset/", {"email": "evil@example.org"})

    assert not [message for message in mail.outbox if "/password/reset/key/" in message.body]


def test_an_account_keeps_its_password_where_it_belongs_to_the_organization_or_is_an_operators():
    of = OrganizationFactory()
    accounts.open_account(ADDRESS, password=PASSWORD, of=of.pk)
    colleague = member(of, email="willi@example.org", password=make_password(PASSWORD))
    root = User.objects.create_superuser("root@example.org", PASSWORD)

    for address in (ADDRESS, colleague.email, root.email):
        accounts.log_in(address, of=of.pk)

    assert [user.check_password(PASSWORD) for user in User.objects.all()] == [True] * 3


def test_who_is_enrolled_in_capitals_logs_in():
    user, password = accounts.log_in("Wanda@Example.org", of=OrganizationFactory().pk)

    assert user.email == ADDRESS
    assert is_in(logged_in(password))


def test_addresses_in_capitals_are_made_small_unless_there_is_such_a_one(capsys):
    for address in ("Wanda@example.org", "Willi@example.org"):
        member(OrganizationFactory(), email=address)
    member(OrganizationFactory(), email="willi@example.org")

    small_letters.lower(apps, connection.schema_editor)

    assert [user.email for user in User.objects.order_by("pk")] == [ADDRESS, "Willi@example.org", "willi@example.org"]
    assert "Willi@example.org stays" in capsys.readouterr().out
