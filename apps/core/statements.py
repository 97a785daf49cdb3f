"""Rows by statements that are written once: where thousands ask at once, composing SQL is half of what it costs.

Everywhere else the ORM says the same in fewer words.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DatabaseError, connection, models, transaction

M = TypeVar("M", bound=models.Model)
Reader = Callable[[Any], Any]


def rows(model: type[M], rest: str, values: Sequence[Any] | Mapping[str, Any]) -> list[M]:
    """Return the rows of a model, which is `t` in the rest of the statement: `WHERE t.id = %s FOR UPDATE`."""
    statement, names, readers = _select(model, rest)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    return [model.from_db(connection.alias, names, _read(row, readers)) for row in found]


def joined(
    parts: Mapping[str, type[models.Model]], also: str, rest: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Return rows of several models, each by its alias, with what else is selected: `joined({"t": Task}, "1", …)`.

    A model whose row is not there, by an outer join, is None.
    """
    selections = [_columns(model, alias) for alias, model in parts.items()]
    statement = f"SELECT {', '.join([text for text, _, _ in selections] + [also])} {rest}"
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    return [tuple(_parts(row, list(parts.values()), selections)) for row in found]


def _parts(row: tuple[Any, ...], kinds: Sequence[type[models.Model]], selections: Sequence[Any]) -> Iterator[Any]:
    start = 0
    for model, (_, names, readers) in zip(kinds, selections, strict=True):
        values = row[start : start + len(names)]
        start += len(names)
        key = values[names.index(model._meta.pk.attname)]
        yield model.from_db(connection.alias, names, _read(values, readers)) if key is not None else None
    yield from row[start:]


def as_json(row: models.Model) -> str:
    """Return a row's columns as JSON, as a function of the database takes a whole row, whatever columns it has."""
    values = {field.column: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return json.dumps(values, default=str)


def written(row: M) -> M:
    """Return a row that a statement has written, as one that is in the database."""
    row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001  # Django's word for it
    return row


@contextmanager
def by_itself() -> Iterator[None]:
    """Undo a statement that fails without what was done before it, where a transaction is open.

    Without one it is a transaction of its own anyway, and `atomic` would cost it two more ways to the server.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
    else:
        yield


def sqlstate(error: DatabaseError) -> str:
    """Return PostgreSQL's code of an error; those that begin with LC are of our own functions."""
    return getattr(error.__cause__, "sqlstate", None) or ""


@lru_cache(maxsize=200)
def _select(model: type[models.Model], rest: str) -> tuple[str, list[str], list[tuple[int, Reader]]]:
    columns, names, readers = _columns(model, "t")
    statement = f'SELECT {columns} FROM "{model._meta.db_table}" t {rest}'  # noqa: S608  # names of models, and the caller's own words
    return statement, names, readers


@lru_cache(maxsize=50)
def _columns(model: type[models.Model], alias: str) -> tuple[str, list[str], list[tuple[int, Reader]]]:
    fields = model._meta.concrete_fields
    columns = ", ".join(f'{alias}."{field.column}"' for field in fields)
    readers = [(n, _reader(field)) for n, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return columns, [field.attname for field in fields], readers


def _reader(field: Any) -> Reader:
    def read(value: Any) -> Any:
        return field.from_db_value(value, None, connection)

    return read


def _read(row: tuple[Any, ...], readers: Sequence[tuple[int, Reader]]) -> list[Any]:
    values = list(row)
    for n, read in readers:
        values[n] = read(values[n])
    return values
