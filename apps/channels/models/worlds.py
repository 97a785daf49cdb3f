"""Which of a market's worlds a row is of: a sandbox, or another labelcrowd, knows nothing of the others' names."""

from typing import Self, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


class OfWorlds(QuerySet[Row]):
    """Rows that keep the host of the market where they hold; "" is of before that was kept, and may be any."""

    def at(self, environment: str) -> Self:
        """Return those of this world, as far as that is known."""
        return self.filter(environment__in=["", environment])

    def elsewhere(self, environment: str) -> Self:
        """Return those of the others."""
        return self.exclude(environment__in=["", environment])
