"""States that change by compare-and-swap only."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.db import models

from apps.core.conflicts import Conflicting

Moves = Mapping[str, frozenset[str]]


class IllegalMove(Conflicting):
    """The row was not in a state from which it may move there, or somebody else moved it first."""


class Stateful(models.Model):
    """A row with a `state` that changes only along `MOVES`: target state -> the states it may be reached from.

    A subclass declares its own `state` field and `MOVES`; what must hold in a state is a constraint beside it.
    """

    MOVES: ClassVar[Moves]
    state = models.CharField(max_length=16)

    class Meta:
        abstract = True

    def move(self, to: str, **values: Any) -> Self:
        """Move this row to state `to` and set `values`, in one statement; raise `IllegalMove` if it may not.

        The row decides, not this copy of it: of two that move it at once, one is refused.
        """
        if not self.try_move(to, **values):
            now = self._state_now()
            is_now = "gone" if now is None else repr(now)
            raise IllegalMove(
                f"{self._meta.verbose_name} {self.pk} is {is_now}, so it can't become {to}",
                field=f"{self._meta.model_name}.state", found=now, wanted=sorted(map(str, self.MOVES[to])),
            )  # fmt: skip
        return self

    def try_move(self, to: str, **values: Any) -> bool:
        """Move as `move` does; return whether it happened."""
        moved = type(self)._base_manager.filter(pk=self.pk, state__in=self.MOVES[to]).update(state=to, **values)
        if moved:
            self.state = to
            for name, value in values.items():
                setattr(self, name, value)
        return bool(moved)

    @classmethod
    def move_all(cls, rows: models.QuerySet[Self], to: str, **values: Any) -> int:
        """Move those of `rows` that may move there, in one statement; return how many did."""
        return rows.filter(state__in=cls.MOVES[to]).update(state=to, **values)

    def _state_now(self) -> str | None:
        state = type(self)._base_manager.filter(pk=self.pk).values_list("state", flat=True).first()
        return str(state) if state is not None else None
