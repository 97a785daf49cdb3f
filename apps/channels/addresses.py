"""Signed addresses of our pages for slots: a market's frame sends no cookie back, so the address itself opens them."""

from datetime import timedelta
from uuid import UUID

from django.core import signing

# Longer than an offer lives and a slot may be kept, and as long as a worker may come back to hand in there again.
LASTS = timedelta(days=45)
_SALT = "channels.slots"


class NoAddress(Exception):
    """This was not signed here, or not lately."""


def sign(publication: UUID) -> str:
    """Return what opens our page for an offer's slots."""
    return signing.dumps(publication.hex, salt=_SALT)


def read(signed: str) -> UUID:
    """Return the offer whose page this opens; raise `NoAddress`."""
    try:
        return UUID(signing.loads(signed, salt=_SALT, max_age=LASTS))
    except (signing.BadSignature, ValueError):
        raise NoAddress from None
