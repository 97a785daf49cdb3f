"""Signed addresses of media: whoever holds one may read that file for a while, without a session.

Frames of other sites send no cookies, so the address itself must open the file.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from apps.datasets import queries
from apps.datasets.models import Dataset
from apps.kinds import viewer

_signer = signing.TimestampSigner(salt="files.media")


class Expired(Exception):
    """The address was good once."""


class Forged(Exception):
    """We never made this address."""


def of(media_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return an address of each media; no query, and none of them need exist."""
    return {media_id: reverse("file", args=[_signer.sign(media_id.hex)]) for media_id in media_ids}


def addresses_for(dataset: Dataset | UUID, data: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return an address for each name of media in the data of these items of the dataset; one query.

    Names that the dataset has no media of are left out: `.get(name, "")` is what the item viewer wants.
    """
    names = {name for item in data for name in viewer.media_names(item)}
    found = queries.media_of(dataset, names)
    by_id = of(media.pk for media in found.values())
    return {name: by_id[media.pk] for name, media in found.items()}


def read(signed: str) -> UUID:
    """Return the id of the media that a signed address opens; raise `Expired` or `Forged`."""
    try:
        return UUID(_signer.unsign(signed, max_age=settings.MEDIA_ADDRESS_SECONDS))
    except signing.SignatureExpired:
        raise Expired from None
    except (signing.BadSignature, ValueError):
        raise Forged from None
