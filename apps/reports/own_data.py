"""Everything that is held about a person, for that person: as JSON, written while it is read."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from apps.core import privacy
from apps.core.privacy import Person, Rows
from apps.members.models import User
from apps.workforce import queries as workforce

ROWS_AT_ONCE = 1000


def parts(user: User) -> Iterator[str]:
    """Yield the text of one JSON object, a piece at a time: names of what is held, each with its rows, as apps say."""
    person = Person(user.pk, list(workforce.identities(user).values_list("pk", flat=True)))
    opening = "{\n"
    for held in privacy.held():
        if held.rows is None:
            continue
        yield f'{opening}"{held.name}": '
        opening = ",\n"
        rows = held.rows(person)
        if held.model is User:  # there is one
            yield from (_json(row) for row in rows)
            continue
        yield "["
        yield from _joined(rows)
        yield "]"
    yield "\n}\n"


def _joined(rows: Rows) -> Iterator[str]:
    between = "\n"
    found: Iterable[Any] = rows.iterator(chunk_size=ROWS_AT_ONCE) if isinstance(rows, QuerySet) else rows
    for row in found:
        yield between + _json(row)
        between = ",\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
