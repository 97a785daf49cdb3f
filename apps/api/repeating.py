"""Requests that are sent again: the same Idempotency-Key and body get the same answer, and have one effect.

What is done and what was answered are committed together, so a process that dies leaves both or neither.
"""

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from django.db import connection, transaction
from django.utils.encoding import iri_to_uri
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.callers import caller_of
from apps.api.problems import Conflict, Problem, handle
from apps.members import queries, services
from apps.members.models import KeptAnswer

LONGEST_KEY = 255
KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="The same key with the same request gets the same answer, for 48 hours; 429 and 503 are not kept.",
)
T = TypeVar("T")
LATER = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
KEPT_HEADERS = ("Location",)


def once(
    request: Request,
    do: Callable[[], Response],
    *,
    body: bytes | str,
    seals: bool = False,
    asks: Callable[[], None] | None = None,
) -> Response:
    """Return what `do` answers, or what it answered when this key was first used; without a key, just do it.

    `body` is what was sent, or what tells it from others; `seals`: the answer shows a secret, and is kept sealed.
    `asks` comes before `do` and outside the transaction: what others have to be asked, a market, which may take long.
    An outage (503) or too many (429) is not kept: the same key may try again.
    Raises `Problem` for a key that was used for something else (422), or is used by a request under way (409).
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        if asks is not None:
            asks()
        return do()
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable() or not key.isascii():
        raise _bad_key(400, f"Idempotency-Key should be 1 to {LONGEST_KEY} printable ASCII characters, as a UUID is")
    token = caller_of(request).bearer.token
    digest = _digest(request, body)
    refused = None
    if asks is not None:
        if (kept := queries.kept_answer(token, key=key)) is not None:
            return _again(kept, digest)
        refused = _answer(asks)
    with transaction.atomic():
        _alone(f"{token}:{key}")
        kept = queries.kept_answer(token, key=key)
        if kept is not None:
            return _again(kept, digest)
        answer = _answer(transaction.atomic(do)) if refused is None else refused  # what is refused is undone
        if answer.status_code in LATER:
            return answer
        services.keep_answer(
            token,
            key=key,
            digest=digest,
            status=answer.status_code,
            headers={name: answer[name] for name in KEPT_HEADERS if answer.has_header(name)},
            body=JSONRenderer().render(answer.data).decode(),
            seals=seals,
        )
        return answer


def name_of(request: Request) -> str:
    """Return what names a request that may be sent again, by its caller and key; "" without a key."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    return f"{caller_of(request).bearer.token}:{key}" if key else ""


def _answer(do: Callable[[], T]) -> T | Response:
    """Do it; a refusal is an answer. A fault of ours is kept from nobody."""
    try:
        return do()
    except Exception as error:
        refusal = handle(error)
        if refusal is None:
            raise
        return refusal


def _bad_key(status: int, said: str) -> Problem:
    return Problem(status, said, errors=[{"field": "Idempotency-Key", "detail": said}])


def _again(kept: KeptAnswer, digest: str) -> Response:
    if kept.digest != digest:
        said = f"the Idempotency-Key {kept.key!r} was used for another request: it should be new for each"
        raise _bad_key(422, said)
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    is_problem = kept.status >= 400
    return Response(
        json.loads(kept.text or "null"),
        status=kept.status,
        headers=headers,
        content_type="application/problem+json" if is_problem else None,
    )


def _alone(name: str) -> None:
    """Hold the key until the transaction ends; two that meet in 64 bits only see each other under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"api.repeating:{name}"])
        if not cursor.fetchone()[0]:
            raise Conflict(
                "a request with this Idempotency-Key is under way: wait for it",
                field="Idempotency-Key", found="under way", wanted="answered", headers={"Retry-After": "1"},
            )  # fmt: skip


def _digest(request: Request, body: bytes | str) -> str:
    """Return what tells two requests apart: method, address and body."""
    told = hashlib.sha256(f"{request.method} {iri_to_uri(request.get_full_path())}\n".encode())
    told.update(body if isinstance(body, bytes) else body.encode())
    return told.hexdigest()
