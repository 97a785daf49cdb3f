"""A simulated worker's browser: it knows the workbench's addresses and what its pages say, and nothing else."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings

SECONDS = 60.0  # a loaded machine may take long; a lost answer is asked for again


class NoPage(Exception):
    """The workbench has no page for this worker; `reason` is its code."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class NotTaken(Exception):
    """The workbench did not take a page: its lease had ended, or it was handed in before with other answers."""


class Browser:
    """One worker's signed-in session."""

    def __init__(self, base_url: str, session: str) -> None:
        token = secrets.token_hex(16)
        self._http = httpx.Client(
            base_url=base_url,
            timeout=SECONDS,
            cookies={settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: token},
            headers={"Accept": "application/json", "X-CSRFToken": token},
            transport=httpx.HTTPTransport(retries=3),
        )

    def lease(self, campaign: UUID) -> dict[str, Any]:
        """Return the worker's next page; raise `NoPage` if there is none."""
        answer = self._http.post(f"/work/{campaign}/lease")
        if answer.status_code == httpx.codes.CONFLICT:
            raise NoPage(**answer.json())
        answer.raise_for_status()
        page: dict[str, Any] = answer.json()
        return page

    def submit(self, page: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
        """Hand a page in; return what the workbench says to it, or raise `NotTaken`."""
        answer = self._http.post(page["submit_url"], json={"answers": answers})
        if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.GONE):
            raise NotTaken(answer.text)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def fetch(self, url: str) -> bytes:
        """Return a picture's or sound's bytes."""
        answer = self._http.get(url)
        answer.raise_for_status()
        return answer.content

    def close(self) -> None:
        """End the session's connections."""
        self._http.close()
