"""Files that banks and platforms take to pay a batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import ModuleType

from django.db.models import Q

from apps.core import money, vault
from apps.payments import destinations
from apps.payments import queries as payments
from apps.payments.destinations import Destination
from apps.payments.models import Payout, PayoutBatch, PayoutPolicy
from apps.reports import formats as found

_FORMATS = "apps.reports.payments.bank_files"


class NotPayable(ValueError):
    """The batch can't be paid by a file of this format; the sentence says why."""


@dataclass(frozen=True)
class Order:
    """One payment to be made: `destination` is None where the worker named none."""

    reference: str
    worker: str
    amount: Decimal
    currency: str
    destination: Destination | None
    begun_at: datetime


def file_formats() -> list[str]:
    """Return the names of the formats."""
    return found.names(_FORMATS)


def title_of(format_: str) -> str:
    """Return what people call the format."""
    return str(_module(format_).TITLE)


def payable_by(format_: str) -> Q:
    """Return what tells the payouts that a format can pay."""
    pays: Q = _module(format_).PAYS
    return pays


def check_payable(batch: PayoutBatch, format_: str) -> None:
    """Raise `NotPayable` where this batch can't be paid by a file of this format."""
    _module(format_).check(batch, policy_of(batch))


def file_name(batch: PayoutBatch, format_: str) -> str:
    """Return what the file is called."""
    return f"payouts-{batch.created_at:%Y-%m-%d}-{batch.pk.hex[-8:]}-{format_}.{_module(format_).ENDING}"


def write_bank_file(batch: PayoutBatch, *, format_: str) -> bytes:
    """Return the file for the payouts that were begun in this format: as it was first made, where it is kept.

    Raises `NotPayable`. Holds where workers are paid, in clear: it is for whoever pays.
    """
    kept = payments.bank_file(batch, format_=format_)
    if kept == b"":
        raise NotPayable("this file was forgotten, as where workers are paid is after some years; its SHA-256 is kept")
    if kept is not None:
        return kept
    check_payable(batch, format_)
    payouts = batch.payouts.filter(sent_in=format_).select_related("worker", "batch").order_by("pk")
    content: bytes = _module(format_).write(batch, list(_orders(payouts.iterator(chunk_size=2000))), policy_of(batch))
    return content


def policy_of(batch: PayoutBatch) -> PayoutPolicy | None:
    """Return the policy that the batch is paid under."""
    return PayoutPolicy.objects.filter(organization=batch.organization_id, currency=batch.currency).first()


def _orders(payouts: Iterator[Payout]) -> Iterator[Order]:
    for payout in payouts:
        yield Order(
            reference=payout.reference,
            worker=payout.worker.external_id,
            amount=money.to_decimal(payout.amount, payout.currency),
            currency=payout.currency,
            destination=destinations.read(vault.open_sealed(payout.destination)) if payout.destination else None,
            begun_at=payout.begun_at or payout.batch.created_at,
        )


def _module(format_: str) -> ModuleType:
    return found.of(_FORMATS, format_)
