"""How a worker's program comes in: over HTTP, with one connection that is kept."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from apps.campaigns.models import Campaign
from apps.members import services as members
from apps.members.models import Scope
from apps.simulation import crowd


class Refused(Exception):
    """The server said no; `status` and what it said."""

    def __init__(self, status: int, said: bytes) -> None:
        super().__init__(f"{status}: {said[:500]!r}")
        self.status = status


class Door:
    """A worker's connection. http.client, for the load must not take the processor from what is measured."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self._http = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        self._headers = {"Accept": "application/json", "Content-Type": "application/json", **headers}

    def post(self, path: str, body: object = None) -> Any:
        """Send JSON, return JSON; raise `Refused` for every status but a good one."""
        self._http.request("POST", path, json.dumps(body) if body is not None else "{}", self._headers)
        answer = self._http.getresponse()
        said = answer.read()
        if not 200 <= answer.status < 300:
            raise Refused(answer.status, said)
        return json.loads(said)

    def lease(self, campaign: UUID) -> Any:
        """Return the next page."""
        raise NotImplementedError

    def submit(self, page: Any, answer: object) -> Any:
        """Hand a page in, every place with the same answer."""
        raise NotImplementedError

    def close(self) -> None:
        self._http.close()


class Api(Door):
    """The machine's door: a worker's bearer token."""

    name = "API, bearer token"

    def __init__(self, address: str, token: str) -> None:
        super().__init__(address, {"Authorization": f"Bearer {token}"})

    @classmethod
    def of(cls, address: str, member: crowd.Member) -> "Api":
        """Return a member's own door."""
        return cls(address, cls.token(member))

    @staticmethod
    def token(member: crowd.Member) -> str:
        """Return a new token of the member's worker."""
        worker = member.worker
        made = members.make_token(worker.organization, name="bench", scopes=[Scope.WORK], days=1, worker=worker.pk)
        return made[1]

    def lease(self, campaign: UUID) -> Any:
        return self.post(f"/api/v1/campaigns/{campaign}/assignments")

    def submit(self, page: Any, answer: object) -> Any:
        return self.post(f"/api/v1/assignments/{page['id']}/submit", {"answers": _all(page, answer)})


class Workbench(Door):
    """The pages of people, asked for JSON, with a session's cookie."""

    name = "workbench, session cookie"

    def __init__(self, address: str, member: crowd.Member) -> None:
        token = "0" * 32
        cookies = f"{settings.SESSION_COOKIE_NAME}={member.session}; {settings.CSRF_COOKIE_NAME}={token}"
        super().__init__(address, {"Cookie": cookies, "X-CSRFToken": token})

    def lease(self, campaign: UUID) -> Any:
        return self.post(f"/work/{campaign}/lease")

    def submit(self, page: Any, answer: object) -> Any:
        return self.post(page["submit_url"], {"answers": _all(page, answer)})


def _all(page: Any, answer: object) -> dict[str, Any]:
    return {place["token"]: {"answer": answer} for place in page["places"]}


def enlist(campaign: Campaign, count: int) -> list[crowd.Member]:
    """Register so many workers of the campaign's organization."""
    name = campaign.name.replace(" ", "-")
    return [crowd.member(campaign, name=f"{name}-{n:02}", answerer=None) for n in range(count)]
