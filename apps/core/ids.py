"""Identifiers: of rows that people and machines name, and of things that must not be guessed."""

import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """Return a version 7 UUID (RFC 9562, section 5.7): unique everywhere, and near its neighbours in an index.

    >>> new_id().version
    7
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (7 << 76)  # version
    value = (value & ~(0b11 << 62)) | (0b10 << 62)  # variant
    return uuid.UUID(int=value)


def new_token() -> uuid.UUID:
    """Return 122 random bits that tell nothing, not even when they were made."""
    return uuid.uuid4()
