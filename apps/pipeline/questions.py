"""What every sweep asks the rows. Each question's SQL is made once in a process: that costs more than its answer."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from apps.core import clock
from apps.pipeline.motor import Key, Next


class AskedOnce(ValueError):
    """A question has a time in it that would stay what it was when the question was first asked."""


class Moment(datetime):
    """A time that stands for the one of asking, and stays one when something is added to it."""


ASKING = Moment(2000, 1, 1, tzinfo=UTC)


class Question:
    """Which rows are due for a step, `most` of them in one sweep; the next one finds the rest.

    `of` takes the time of asking, and asks nothing of the database by itself.
    """

    def __init__(self, step: str, of: Callable[[datetime], QuerySet[Any]], *, most: int = 10_000) -> None:
        self.step = step
        self.of = of
        self.most = most

    def ask(self) -> Iterator[Next]:
        """Yield the step for each row that is due now, in the order of the question."""
        return (Next(self.step, pk) for pk in self.found())

    def found(self) -> list[Key]:
        """Return the keys of the rows that are due now, in the order of the question."""
        sql, parameters = self._made
        now = clock.now()
        with connection.cursor() as cursor:
            cursor.execute(sql, [_as_of(now, each) for each in parameters])
            return [pk for (pk,) in cursor.fetchall()]

    @cached_property
    def _made(self) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = self.of(ASKING).values_list("pk", flat=True)[: self.most].query.sql_with_params()
        for each in parameters:
            if isinstance(each, datetime) and not isinstance(each, Moment):
                raise AskedOnce(f"what is due for {self.step} is asked as of {each}, not of the time of asking")
        return sql, tuple(parameters)


def _as_of(now: datetime, parameter: Any) -> Any:
    return now + (parameter - ASKING) if isinstance(parameter, Moment) else parameter
