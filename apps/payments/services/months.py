"""Closing a month: only when what is owed and what is booked say the same."""

from datetime import date

from django.db import transaction

from apps.core.conflicts import Conflicting
from apps.ledger import services as ledger
from apps.ledger.models import Closing
from apps.members.models import Organization, User
from apps.payments import queries


class CantClose(Conflicting):
    """The month can't be closed; `problems` says what stands in the way, a sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems), field="month", found="not to be closed yet", wanted="settled")
        self.problems = problems


@transaction.atomic
def close_month(organization: Organization, *, month: date, by: User) -> Closing:
    """Close a month for good; raise `CantClose` or `NotOver` and change nothing. Run twice, it closes once."""
    closing = ledger.close_month(organization, month=month, by=by)  # first: from here on nothing is posted into it
    if problems := queries.blocks_closing(organization, until=closing.until):
        raise CantClose(problems)
    return closing
