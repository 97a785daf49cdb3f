"""The API as Python: rows in, labels out.

with Client() as labelcrowd:  # LABELCROWD_URL and LABELCROWD_TOKEN of the environment
    dataset = labelcrowd.dataset("Pictures")
    labelcrowd.wait(labelcrowd.add_items(dataset["id"], "pictures.jsonl"))
    campaign = labelcrowd.post("campaigns", spec)
"""

import hashlib
import math
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

SECONDS = 60.0
TRIES = 5
LONGEST_WAIT = 120.0  # seconds between two tries; who is to come back later than that is told so
TYPES = {
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".zip": "application/zip",
}
PIECE = 2**18

Row = dict[str, Any]


class Refused(Exception):
    """The answer is no: `problem` is what the API said (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(_said(problem) or f"the server answered {status}")
        self.status = status
        self.problem = dict(problem)


class Failed(Exception):
    """Long work ended without what was asked for, or the server can't be reached."""


class Client:
    """One token's view of the API. What was sent and not answered is sent again under the same Idempotency-Key."""

    def __init__(self, url: str = "", token: str = "") -> None:
        token = token or os.environ.get("LABELCROWD_TOKEN", "")
        if not token:
            raise Failed("there is no token: set LABELCROWD_TOKEN, or make one with `manage.py token`")
        base = (url or os.environ.get("LABELCROWD_URL", "http://127.0.0.1:8000")).rstrip("/")
        self.base = base
        if not token.isascii() or not token.isprintable():
            raise Failed("the token holds what no token does: was it copied whole, and alone?")
        try:
            self._http = httpx.Client(
                base_url=f"{base}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS
            )
        except httpx.InvalidURL as error:
            raise Failed(f"{base} is no address of a site: {error}") from error

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, **parameters: Any) -> Row:
        """Return what stands at an address, as in "campaigns/<id>"."""
        return self._read(self._ask("GET", path, params=parameters))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Row:
        """Send something to an address; raise `Refused`."""
        return self._read(self._ask("POST", path, json=dict(body or {})))

    def delete(self, path: str) -> Row:
        """Remove what stands at an address; raise `Refused`. Empty where an answer was lost and it is gone."""
        return self._read(self._ask("DELETE", path))

    def list(self, path: str, **parameters: Any) -> Iterator[Row]:
        """Yield every row of a list, a page at a time."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, **parameters, **({"cursor": cursor} if cursor else {}))
            yield from page["results"]
            cursor = page["next"]

    def dataset(self, name: str) -> Row:
        """Return the dataset of this name, made now if there is none."""
        for row in self.list("datasets", name=name):
            return row
        return self.post("datasets", {"name": name})

    def campaign(self, name_or_id: str) -> Row:
        """Return the campaign with this name or id."""
        try:
            return self.get(f"campaigns/{uuid.UUID(name_or_id)}")
        except ValueError:
            for row in self.list("campaigns", name=name_or_id):
                return row
        raise Failed(f"there is no campaign {name_or_id!r}")

    def add_items(self, dataset: str, path: str | Path, *, media_columns: str = "") -> Row:
        """Stream a file of rows into a dataset; return the operation that imports it."""
        file = Path(path)
        kind = type_of(file)
        answer = self._ask(
            "POST",
            f"datasets/{dataset}/items",
            content=lambda: _pieces(file),
            headers={"Content-Type": kind, "Content-Length": str(file.stat().st_size)},
            params={"media_columns": media_columns} if media_columns else {},
        )
        return self._read(answer)

    def wait(
        self,
        operation: Mapping[str, Any],
        *,
        progress: Callable[[int, int], object] | None = None,
        every: float = 1.0,
        seconds: float = math.inf,
    ) -> Row:
        """Wait for an operation's end and return it, telling `progress` done and total; raise `Failed` and why.

        After so many `seconds` nobody waits any more; the operation goes on, and may be waited for again.
        """
        end = time.monotonic() + seconds
        while True:
            now = self.get(f"operations/{operation['id']}")
            if progress is not None:
                progress(now["done"], now["total"])
            if now["state"] == "failed":
                raise Failed(now["problem"])
            if now["state"] == "done":
                return now
            if time.monotonic() >= end:
                raise Failed(f"it is {now['state']} after {seconds:g} s, {now['done']} of {now['total']}, and goes on")
            time.sleep(every)

    def fetch(self, operation: Mapping[str, Any], to: str | Path) -> Path:
        """Write an operation's file; it appears once it is whole, and is what the operation says that it is."""
        target = Path(to)
        beside = target.with_name(f".{target.name}.part")
        try:
            found = self._write(f"operations/{operation['id']}/file", beside)
            told = (operation.get("result") or {}).get("sha256", found)
            if found != told:
                raise Failed(f"{self.base} sent another file than it made: its SHA-256 is {found}, not {told}")
        except httpx.TransportError as error:
            raise Failed(f"{self.base} sent no whole file: {error}") from error
        else:
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        return target

    def _write(self, path: str, file: Path) -> str:
        """Write what is there, and return its SHA-256."""
        told = hashlib.sha256()
        with self._http.stream("GET", path) as answer:
            if answer.status_code != httpx.codes.OK:
                answer.read()
                raise Refused(answer.status_code, _problem(answer))
            with file.open("wb") as stream:
                for piece in answer.iter_bytes(PIECE):
                    told.update(piece)
                    stream.write(piece)
        return told.hexdigest()

    def _ask(
        self, method: str, path: str, *, content: Callable[[], Any] | None = None, **request: Any
    ) -> httpx.Response:
        """Ask, and ask again where no answer came or we are to wait; a POST under one key, so that it is done once."""
        headers = dict(request.pop("headers", {}))
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        for number in range(1, TRIES + 1):
            body = {"content": content()} if content is not None else {}
            try:
                answer = self._http.request(method, path, headers=headers, **body, **request)
            except httpx.TransportError as error:
                if number == TRIES:
                    raise Failed(f"{self.base} can't be reached: {error}") from error
                time.sleep(0.2 * 2**number)
                continue
            if method == "DELETE" and answer.status_code == httpx.codes.NOT_FOUND and number > 1:
                return httpx.Response(httpx.codes.NO_CONTENT)  # what was asked before did it, and its answer was lost
            later = answer.status_code in (408, 502, 503, 504) or "Retry-After" in answer.headers
            wait = _wait(answer.headers.get("Retry-After", ""), otherwise=0.2 * 2**number)
            if not later or number == TRIES or wait > LONGEST_WAIT:
                return answer
            time.sleep(wait)
        raise Failed(f"{self.base} does not answer")

    def _read(self, answer: httpx.Response) -> Row:
        if not answer.is_success:
            raise Refused(answer.status_code, _problem(answer))
        try:
            return dict(answer.json()) if answer.content else {}
        except ValueError as error:
            raise Failed(f"{self.base} answers, and not as labelcrowd does: is it the site's address?") from error


def name_of(operation: Mapping[str, Any]) -> str:
    """Return what an operation's file is called; raise `Failed` where that would lead out of the folder, or hide it."""
    name = str((operation.get("result") or {}).get("file", ""))
    if not name or name.startswith(".") or not name.isprintable() or any(sign in name for sign in "/\\:"):
        raise Failed(f"the server calls the file {name!r}, which is no plain name: say where it should be written")
    return name


def _wait(said: str, *, otherwise: float) -> float:
    """Return how many seconds Retry-After says: a number of them, or a date (RFC 9110, 10.2.3).

    >>> _wait("7", otherwise=1), _wait("soon", otherwise=1), _wait("Wed, 21 Oct 2015 07:28:00 GMT", otherwise=1)
    (7.0, 1, 0.0)
    """
    if said.isascii() and said.isdecimal():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return otherwise
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def type_of(file: Path) -> str:
    """Return what a file of rows is sent as, by its name; raise `Failed` where it is none, or not there."""
    kind = TYPES.get(file.suffix.lower())
    if kind is None:
        raise Failed(f"{file.name!r} is not a file that can be sent: its name should end in one of {', '.join(TYPES)}")
    if not file.is_file():
        raise Failed(f"there is no file {str(file)!r}")
    return kind


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


def _problem(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_redirect:
        return {"detail": f"the site's address is another one: it leads to {answer.headers['Location']}"}
    try:
        found = answer.json()
    except ValueError:
        return {"detail": f"the server answered {answer.status_code}, and not as labelcrowd does: is it its address?"}
    return found if isinstance(found, dict) else {"detail": str(found)}


def _said(problem: Mapping[str, Any]) -> str:
    errors = [": ".join(filter(None, (error["field"], error["detail"]))) for error in problem.get("errors", [])]
    return "\n".join(errors) or str(problem.get("detail", ""))
