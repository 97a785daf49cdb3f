"""P14, S9: who has no business with an organization learns at no page whether an address has an account here.

Whoever enrols somebody does: infra/docs/decisions/who-enrols-somebody-learns-of-their-account.md.
"""

import re

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.test import Client

from apps.members.models import User

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN, PASSWORD = "wanda@example.org", "nobody@example.org", "a long enough password"


class Counting(PBKDF2PasswordHasher):
    """Counts how often a password was hashed, which is what a log-in takes its time for."""

    iterations = 2
    count = 0

    def encode(self, *given, **values):
        type(self).count += 1
        return super().encode(*given, **values)


@pytest.fixture(autouse=True)
def somebody_is_known(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    User.objects.create_user(KNOWN, PASSWORD)


def told(client: Client, path: str, email: str, **given: str) -> tuple[int, str, str]:
    """Return all that an answer to an address says, in which the address itself and drawn words are the same."""
    answer = client.post(path, {"login": email, "email": email, **given})
    said = re.sub(r'(nonce|value|content)="[\w-]{20,}"', "drawn", answer.content.decode()).replace(email, "theirs")
    return answer.status_code, answer.get("Location", ""), said


def test_a_wrong_password_takes_and_says_the_same_with_an_account_and_without():
    hashed = []
    answers = []
    for email in (KNOWN, UNKNOWN):
        before = Counting.count
        answers.append(told(Client(), "/accounts/login/", email, password="something else"))
        hashed.append(Counting.count - before)

    assert answers[0] == answers[1]
    assert hashed == [1, 1]


def test_a_forgotten_password_is_answered_the_same_and_mails_as_much():
    answers, mails = [], []
    for email in (KNOWN, UNKNOWN):
        answers.append(told(Client(), "/accounts/password/reset/", email))
        mails.append([message.to for message in mail.outbox])
        mail.outbox.clear()

    assert answers[0] == answers[1]
    assert mails == [[[KNOWN]], [[UNKNOWN]]]


def test_who_is_signed_in_is_told_the_same_of_an_address_that_is_anothers():
    User.objects.create_user("worker@example.org", PASSWORD)
    client = Client()
    client.post("/accounts/login/", {"login": "worker@example.org", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    answers = [told(client, "/accounts/email/", email, action_add="") for email in (KNOWN, UNKNOWN)]

    assert answers[0] == answers[1]
    assert answers[0][0] == 302
