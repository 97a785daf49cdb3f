"""Rows by the ids that MTurk's clients accept: capitals and digits; of a worker with an A before."""

from datetime import UTC, datetime
from uuid import UUID


def written(pk: UUID) -> str:
    """Return a row's id as the API writes it.

    >>> written(UUID(int=255))
    '000000000000000000000000000000FF'
    """
    return pk.hex.upper()


def worker_id(pk: UUID) -> str:
    """Return a worker's id as the API writes it; the leading A is MTurk's.

    >>> worker_id(UUID(int=255))
    'A000000000000000000000000000000FF'
    """
    return f"A{written(pk)}"


def read(text: str) -> UUID | None:
    """Return the row's id that was written, None for text that is none.

    >>> read("000000000000000000000000000000FF"), read("FF")
    (UUID('00000000-0000-0000-0000-0000000000ff'), None)
    """
    return UUID(text) if len(text) == 32 and set(text) <= set("0123456789ABCDEF") else None


def read_worker(text: str) -> UUID | None:
    """Return the worker's id that was written, None for text that is none.

    >>> read_worker("A000000000000000000000000000000FF")
    UUID('00000000-0000-0000-0000-0000000000ff')
    """
    return read(text[1:]) if text.startswith("A") else None


def seconds(at: datetime | None) -> float | None:
    """Return a time as the wire writes it: seconds since 1970, to the millisecond."""
    return None if at is None else round(at.astimezone(UTC).timestamp(), 3)
