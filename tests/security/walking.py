"""Every route of the site with real rows in its address, and everybody who could knock there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.members import consent
from apps.members import services as members
from apps.members.models import Organization, Role, Scope, User
from apps.work import previews
from apps.work import services as work
from apps.workforce import inviting
from tests.api.rooms import rooms
from tests.console.house import House
from tests.factories import DatasetFactory, OrganizationFactory, UserFactory, member
from tests.running import running, worker_of

SAMPLES = {
    "uuid": "00000000-0000-7000-8000-000000000000",
    "int": "1",
    "int64": "1",
    "str": "x",
    "slug": "x",
    "path": "1",
}


@dataclass
class Site:
    """An organization in which everything has happened once, and its page in a worker's hands."""

    house: House
    found: dict[str, Any]
    visitors: dict[str, Client]


def site() -> Site:
    """Return a site with somebody of every kind at its door, each with a session and a token."""
    house, found = rooms()
    campaign = running(dataset=DatasetFactory(organization=house.organization), items=6, page_size=2, redundancy=2)
    holder, other = (worker_of(campaign, user=UserFactory()) for _ in range(2))
    for worker in (holder, other):
        consent.agree(worker.user, terms=house.rows["members.Terms"])
    page = work.lease(campaign, worker=holder)
    found |= {
        "assignment_id": page.pk,
        "token": inviting.token(house.rows["workforce.Invitation"]),
        "signed": previews.sign(campaign),
        "workbench_campaign": campaign.pk,
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
    visitors = {"-": Client()}
    for letter, user in people.items():
        visitors[letter] = _visitor(user, elsewhere if letter == "z" else house.organization)
    return Site(house, found, visitors)


def _visitor(user: User, organization: Organization) -> Client:
    scopes = [Scope.WORK] if user.workers.exists() else [Scope.READ, Scope.WRITE, Scope.MONEY]
    _, secret = members.make_token(organization, name="a visit", scopes=scopes, days=1, user=user)
    client = Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)
    client.force_login(user)
    return client


def routes(site: Site) -> dict[str, str]:
    """Return the path of every route, by its name, with the site's rows in it."""
    admin.autodiscover()
    return dict(_walk(get_resolver(), "", "", site))


def _walk(resolver: URLResolver, before: str, space: str, site: Site) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            name = space + (entry.name or before + str(entry.pattern))
            yield name, _filled(before + str(entry.pattern), name, site)
        else:
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, before + str(entry.pattern), inner, site)


def _filled(pattern: str, name: str, site: Site) -> str:
    label = next(
        (label for label in site.house.rows if name.startswith(f"admin:{label.lower().replace('.', '_')}_")), ""
    )

    def value(found: re.Match[str]) -> str:
        key = found[2]
        if key == "object_id" and label:
            return str(site.house.rows[label].pk)
        if key == "campaign_id" and name.startswith("workbench:"):
            return str(site.found["workbench_campaign"])
        return str(site.found.get(key, SAMPLES[found[1] or "str"]))

    path = re.sub(r"<(?:(\w+):)?(\w+)>", value, re.sub(r"\(\?P<\w+>[^)]*\)", "x", pattern))
    return path.replace("^", "").removesuffix("$").replace("\\", "")
