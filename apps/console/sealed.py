"""Every column that holds what is sealed, and sealing it again under the first of the vault's keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Model, QuerySet

from apps.core import vault
from apps.members.models import KeptAnswer
from apps.notices.models import Endpoint
from apps.payments.models import BankFile, Payee, Payout, PayoutMethod, PayoutPolicy
from apps.turkapi.models import AccessKey

AT_ONCE = 500

# A column and how its rows are found. Endpoint.sealed_before has several, a line each, with a moment before it.
COLUMNS: Mapping[tuple[type[Model], str], Mapping[str, object]] = {
    (PayoutMethod, "sealed"): {},
    (PayoutPolicy, "payer_account"): {},
    (Payout, "destination"): {},
    (BankFile, "sealed"): {},
    (Payee, "sealed"): {},
    (AccessKey, "secret"): {},
    (Endpoint, "sealed"): {},
    (Endpoint, "sealed_before"): {},
    (KeptAnswer, "body"): {"sealed": True},
}


@dataclass
class Count:
    """What became of a column's secrets: how many there are, were sealed again, and can't be opened by any key."""

    model: type[Model]
    column: str
    seen: int = 0
    changed: int = 0
    shut: int = 0


def again() -> Iterator[Count]:
    """Seal all again, column by column, and yield what became of each.

    Row by row, each only if it still reads as it was read: so it may be killed and run again, and others may write.
    """
    for (model, column), which in COLUMNS.items():
        count = Count(model, column)
        rows = model._default_manager.filter(**which).exclude(**{column: ""}).order_by("pk")
        for piece in _pieces(rows, column):
            for pk, text in piece:
                count.seen += 1
                try:
                    sealed = "\n".join(_line(line) for line in text.splitlines())
                except vault.Unreadable:
                    count.shut += 1
                    continue
                if sealed != text:
                    count.changed += rows.filter(pk=pk, **{column: text}).update(**{column: sealed})
        yield count


def shut() -> list[str]:
    """Return the columns of which some of the newest secrets can be opened by none of the keys; changes nothing."""
    found = []
    for (model, column), which in COLUMNS.items():
        rows = model._default_manager.filter(**which).exclude(**{column: ""}).order_by("-pk")
        try:
            for text in rows.values_list("pk", column)[:AT_ONCE]:
                for line in str(text[1]).splitlines():
                    vault.open_sealed(line.rpartition(" ")[2])
        except vault.Unreadable:
            found.append(f"{model._meta.label}.{column}")
    return found


def _line(line: str) -> str:
    before, space, sealed = line.rpartition(" ")
    return f"{before}{space}{vault.reseal(sealed)}"


def _pieces(rows: QuerySet[Model], column: str) -> Iterator[list[tuple[object, str]]]:
    piece = list(rows.values_list("pk", column)[:AT_ONCE])
    while piece:
        yield piece
        piece = list(rows.filter(pk__gt=piece[-1][0]).values_list("pk", column)[:AT_ONCE])
