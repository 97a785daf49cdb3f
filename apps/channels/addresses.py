"""Signed addresses of our pages for slots: a market's frame sends no cookie back, so the address itself opens them."""

import re
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

# Longer than an offer lives and a slot may be kept, and as long as a worker may come back to hand in there again.
LASTS = timedelta(days=45)
_SALT = "channels.slots"
_PAGE = re.compile(r"/slots/([^/?#]+)/")  # of any labelcrowd


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


def is_anothers(address: str) -> bool:
    """Return whether this leads to the page for slots of another labelcrowd: neither where ours are, nor signed here.

    Either makes it ours, as an installation may move, or get another secret; what is no such page is nobody's.
    """
    found = _PAGE.search(address)
    if found is None or address.startswith(f"{settings.PUBLIC_URL}/"):
        return False
    try:
        signing.loads(found[1], salt=_SALT)
    except signing.BadSignature:
        return True
    return False
