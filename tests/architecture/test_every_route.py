"""S7, P14: every address of the site, also one added tomorrow, is closed to strangers unless it is named here."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

# What strangers get, and why.
PUBLIC = {
    "healthz": "tells that a process lives",
    "readyz": "tells that it can work; what ails it only to whoever may know",
    "metrics": "of a loopback instance; elsewhere it wants a token",
    "api:docs": "what the API is, which everybody may read",
    "api:schema": "the same for machines",
    "admin:logout": "leads to the account's own page for it",
    "admin:jsi18n": "the words of a script",
    "account_login": "the way in",
    "account_signup": "says that it is closed",
    "account_inactive": "says so",
    "account_email_verification_sent": "says so",
    "account_reset_password": "asks for an address, and says the same of every one",
    "account_reset_password_done": "says so",
    "account_reset_password_from_key": "the key in it is the authority",
    "account_reset_password_from_key_done": "says so",
    "account_confirm_email": "the key in it is the authority",
    "workbench:preferences": "the language of the pages",
    "workbench:accept": "an invitation: the signed key in it is the authority",
    "mturk:endpoint": "every call is signed: an unsigned one is refused by the protocol's own 400",
}
# What any signed-in user gets who has no role and is no worker: themselves.
OWN = re.compile(r"account_|mfa_|home$|workbench:|admin:(login|logout|password_change)")
SAMPLES = {
    "uuid": str(uuid.uuid4()),
    "int": "1",
    "int64": "1",
    "str": "x",
    "slug": "x",
    "path": "1",
    "key_id": "A" * 20,
}


def routes() -> dict[str, str]:
    """Return a possible path of every route, by the route's name."""
    admin.autodiscover()
    return dict(walk(get_resolver(), "", ""))


def walk(resolver: URLResolver, before: str, space: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        path = before + sample(str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield space + (entry.name or path), path
        else:
            yield from walk(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)


def sample(pattern: str) -> str:
    """Return something that a pattern matches, of a path or of a regular expression.

    >>> sample("campaigns/<int:pk>/"), sample(r"^reset/(?P<key>[-:\\\\w]+)/$")
    ('campaigns/1/', 'reset/x/')
    """
    pattern = re.sub(
        r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], re.sub(r"\(\?P<\w+>[^)]*\)", "x", pattern)
    )
    return pattern.lstrip("^").removesuffix("$").replace("\\", "")


def opened(client: Client, *, method: str) -> dict[str, int]:
    """Return the routes that gave something, with the status: 2xx, or a redirect that doesn't lead to the log-in."""
    found = {}
    for name, path in routes().items():
        answer = getattr(client, method)(f"/{path}")
        leads_to_login = answer.status_code in (301, 302) and "/login/" in answer["Location"]
        if (answer.status_code < 400 and not leads_to_login) or answer.status_code >= 500:
            found[name] = answer.status_code
    return found


def test_the_walk_sees_the_whole_site():
    seen = routes()

    assert {"home", "workbench:page", "file", "admin:campaigns_campaign_changelist"} <= set(seen)
    assert len(seen) > 150


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_strangers_get_nothing_but_what_is_public(method):
    found = opened(Client(), method=method)

    assert {name: status for name, status in found.items() if name not in PUBLIC} == {}


def test_a_user_without_any_role_gets_themselves_and_nothing_else():
    client = Client()
    client.force_login(UserFactory())

    found = opened(client, method="get")

    assert {name: status for name, status in found.items() if name not in PUBLIC and not OWN.match(name)} == {}
