"""Every route of the site with real rows in its address, and everybody who could knock there."""

import copy
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpResponse
from django.http.cookie import SimpleCookie
from django.template import Origin, Template, engines
from django.template.loaders.base import Loader
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.campaigns.models import GoldQuestion
from apps.members import consent
from apps.members import services as members
from apps.members.models import Organization, Role, Scope, Token, User
from apps.work import previews
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce import inviting
from tests.api.bodies import BODIES
from tests.api.rooms import rooms
from tests.console.house import House
from tests.factories import DatasetFactory, OrganizationFactory, UserFactory, member
from tests.running import running, worker_of

# How a matrix writes who may: a letter each, in this order.
WHO = {
    "-": "anonymous",
    "w": "worker",
    "x": "other worker",
    "q": "requester",
    "z": "other organization's admin, who has every role there",
    "v": "reviewer",
    "f": "finance",
    "a": "admin",
}
SAMPLES = {
    "uuid": "00000000-0000-7000-8000-000000000000",
    "int": "1",
    "int64": "1",
    "key_id": "A" * 20,
    "str": "x",
    "slug": "x",
    "path": "1",
    "app_label": "campaigns",
}
# What an address answers nothing without.
ASKED = {"admin:autocomplete": "?app_label=campaigns&model_name=goldquestion&field_name=campaign"}
# Django's addresses of rows before they had a verb: each leads every member to the form of that id.
WITHOUT_A_VERB = re.compile(r"^admin/\w+/\w+/<path:object_id>/$")
OUT = (401, 403, 404)
NO_SUCH_VERB = 405


class Visitor(Client):
    """A browser and a program of one user, put back after each request to what it came with."""

    came_with: SimpleCookie | None = None

    def put_back(self) -> None:
        self.cookies = SimpleCookie(self.came_with)


@dataclass
class Site:
    """An organization in which everything has happened once, and its page in a worker's hands."""

    house: House
    found: dict[str, Any]
    visitors: dict[str, Visitor]
    bodies: dict[tuple[str, str], str]


def site() -> Site:
    """Return a site with somebody of every kind at its door, each with a session and a token."""
    house, found = rooms()
    campaign = running(
        dataset=DatasetFactory(organization=house.organization), items=6, gold=1, page_size=2, redundancy=2
    )
    holder, other = (worker_of(campaign, user=UserFactory()) for _ in range(2))
    for worker in (holder, other):
        consent.agree(worker.user, terms=house.rows["members.Terms"])
    page = work.lease(campaign, worker=holder)
    # As if it was fetched ahead: its clock starts when it is seen.
    Assignment.objects.filter(pk=page.pk).update(shown_at=None)
    gold = GoldQuestion.objects.get(campaign=campaign).pk
    found |= {
        "assignment_id": page.pk,
        "token": inviting.token(house.rows["workforce.Invitation"]),
        "signed": previews.sign(campaign),
        "workbench": {"campaign_id": campaign.pk, "gold_id": gold},
    }
    elsewhere = OrganizationFactory()
    people = {
        "w": holder.user,
        "x": other.user,
        "q": member(house.organization, Role.REQUESTER),
        "z": member(elsewhere, Role.ADMIN),
        "v": member(house.organization, Role.REVIEWER),
        "f": member(house.organization, Role.FINANCE),
        "a": member(house.organization, Role.ADMIN),
    }
    visitors = {"-": Visitor(raise_request_exception=False)}
    for letter, user in people.items():
        visitors[letter] = _visitor(user, elsewhere if letter == "z" else house.organization)
        visitors[letter].handler = visitors["-"].handler  # one server for all: it looks through all files at its start
    found["workbench"]["token_id"] = Token.objects.get(user=holder.user).pk
    return Site(house, found, visitors, BODIES | {("contest", "POST"): json.dumps({"gold": gold, "text": "x"})})


def _visitor(user: User, organization: Organization) -> Visitor:
    scopes = [Scope.WORK] if user.workers.exists() else [Scope.READ, Scope.WRITE, Scope.MONEY]
    token, secret = members.make_token(organization, name="a visit", scopes=scopes, days=1, user=user)
    members.note_use(token.pk)  # as each request would anew whose effects are undone
    visitor = Visitor(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)
    visitor.force_login(user)
    visitor.came_with = SimpleCookie(visitor.cookies)
    return visitor


def cheap(settings: Any) -> None:
    """Have sessions and who they are of cost no statement: what is walked for is what these people may."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.AUTHENTICATION_BACKENDS = [f"{Remembering.__module__}.{Remembering.__name__}"]
    Remembering.known.clear()


class Remembering(AuthenticationBackend):
    """Looks each user up once."""

    known: dict[Any, User] = {}

    def get_user(self, user_id: Any) -> Any:
        if user_id not in self.known:
            self.known[user_id] = super().get_user(user_id)
        return copy.copy(self.known[user_id])


def routes(site: Site) -> dict[str, str]:
    """Return the path of every route, by its name, with the site's rows in it."""
    return {name: _filled(pattern, name, site) for name, pattern in patterns().items()}


def patterns() -> dict[str, str]:
    """Return the pattern of every route, by its name, but those that lead to a row's form."""
    found = [(name, pattern) for name, pattern in _all() if not WITHOUT_A_VERB.match(pattern)]
    assert [name for name, n in Counter(name for name, _ in found).items() if n > 1] == [], "one name, two addresses"
    return dict(found)


def without_a_verb(site: Site) -> dict[str, str]:
    """Return the path to each row of the admin that only leads to its form, by its pattern."""
    labels = {f"admin/{label.lower().replace('.', '/')}/": row for label, row in site.house.rows.items()}
    found = [pattern for _, pattern in _all() if WITHOUT_A_VERB.match(pattern)]
    return {each: each.replace("<path:object_id>", str(labels[each.partition("<")[0]].pk)) for each in found}


def _all() -> Iterator[tuple[str, str]]:
    admin.autodiscover()
    yield from _walk(get_resolver(), "", "")


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield space + (entry.name or here), here
        else:
            yield from _walk(entry, here, f"{space}{entry.namespace}:" if entry.namespace else space)


def _filled(pattern: str, name: str, site: Site) -> str:
    label = next(
        (label for label in site.house.rows if name.startswith(f"admin:{label.lower().replace('.', '_')}_")), ""
    )

    def value(found: re.Match[str]) -> str:
        key = found[2]
        if key == "object_id" and label:
            return str(site.house.rows[label].pk)
        if name.startswith("workbench:") and key in site.found["workbench"]:
            return str(site.found["workbench"][key])
        return str(site.found.get(key, SAMPLES[found[1] or "str"]))

    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: SAMPLES.get(found[1], "x"), pattern)
    path = re.sub(r"<(?:(\w+):)?(\w+)>", value, plain)
    return path.replace("^", "").removesuffix("$").replace("\\", "") + ASKED.get(name, "")


@dataclass(frozen=True)
class Answer:
    """How a request was answered."""

    status: int

    @property
    def is_in(self) -> bool:
        """Whether the visitor got past the door: who is told what is wrong with a request got past it."""
        return self.status not in (*OUT, NO_SUCH_VERB)


def tried(visitor: Visitor, method: str, path: str, body: str = "") -> Answer:
    """Return how a request is answered; what it did is undone, also to the browser's cookies: a log-out is one.

    Of a GET nothing is undone: it is to have done nothing.
    """
    with nullcontext() if method == "GET" else undone():
        answer = visitor.generic(method, f"/{path}", body, "application/json" if body else "application/octet-stream")
        if answer.streaming:
            b"".join(answer)  # a file that is read to its end is closed
    if answer.cookies:
        visitor.put_back()
    return Answer(_told(answer, path))


def written() -> dict[str, int]:
    """Return how many rows of each table this transaction has written, by any statement, function or trigger."""
    rows = "n_tup_ins + n_tup_upd + n_tup_del"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT relname, {rows} FROM pg_stat_xact_user_tables WHERE {rows} > 0")
        return dict(cursor.fetchall())


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _told(answer: HttpResponse, path: str) -> int:
    """Return the status, of a redirect what it means: to the log-in and back, or away from a row that is not there."""
    leads_to, _, query = answer.get("Location", "").partition("?")
    if "/login/" in leads_to and "next=" in query:
        return 401
    return 404 if leads_to == "/admin/" and path.startswith("admin/") else answer.status_code


def letters(answers: dict[str, Answer]) -> str:
    """Return who got past the door, "." where nobody did since there is no such verb, "0" for nobody."""
    if all(not each.is_in for each in answers.values()) and NO_SUCH_VERB in {each.status for each in answers.values()}:
        return "."
    return "".join(letter for letter, each in answers.items() if each.is_in) or "0"


@contextmanager
def unrendered() -> Iterator[None]:
    """Leave all pages blank, and what frames them: who may come in is decided before, and drawing is what costs.

    Nor is each request logged, and each refusal with its traceback.
    """
    engine = engines["django"].engine
    with (
        patch.object(logging.getLogger("django.request"), "level", logging.ERROR),
        patch.object(logging.getLogger("apps.monitor.middleware"), "level", logging.ERROR),
        patch.object(engine, "template_loaders", [Blank(engine)]),
        patch.object(admin.site, "each_context", lambda request: {}),
    ):
        yield


class Blank(Loader):
    """Finds a page of nothing under every name."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        return Template("", Origin(template_name), template_name, self.engine)
