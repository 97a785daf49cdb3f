"""Signed addresses of media, each for a while.

Frames of other sites send no cookies, so the address itself must open the file. One that was given with a page names
it: signed in, it opens for the page's worker alone; without a session, as long as the page is in hand, may still come
late, or waits to be decided on (S3). A page may be in hand for days, and so long its addresses are good; others are for
the usual while, or for as long as was said when they were made.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
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


class Opens(NamedTuple):
    """What an address opens, and the page it was given with, if with one; `expired` says that its own time is over."""

    media: UUID
    page: UUID | None
    expired: bool


def of(media_ids: Iterable[UUID], *, page: UUID | None = None, seconds: int | None = None) -> dict[UUID, str]:
    """Return an address of each media, good for so many `seconds`; no query, and none of them need exist."""
    bound = (page.hex if page else "") + (f".{seconds}" if seconds else "")
    return {media_id: reverse("file", args=[_signer.sign(media_id.hex + bound)]) for media_id in media_ids}


def addresses_for(
    dataset: Dataset | UUID,
    data: Iterable[Mapping[str, Any]],
    *,
    page: UUID | None = None,
    seconds: int | None = None,
) -> dict[str, str]:
    """Return an address for each name of media in the data of these items of the dataset; one query.

    Names that the dataset has no media of are left out: `.get(name, "")` is what the item viewer wants. `page` is the
    worker's page that shows them, if one does.
    """
    names = {name for item in data for name in viewer.media_names(item)}
    found = queries.media_of(dataset, names)
    by_id = of((media.pk for media in found.values()), page=page, seconds=seconds)
    return {name: by_id[media.pk] for name, media in found.items()}


def addresses_on(pages: Collection[tuple[UUID, UUID, Sequence[Mapping[str, Any]]]]) -> dict[UUID, dict[str, str]]:
    """Return by page what `addresses_for` does of its items; each is (page, dataset, items), one query for all."""
    names = {
        page: {(dataset, name) for item in items for name in viewer.media_names(item)} for page, dataset, items in pages
    }
    found = queries.media_of_each({name for each in names.values() for name in each})
    return {
        page: {name[1]: of([found[name]], page=page)[found[name]] for name in each if name in found}
        for page, each in names.items()
    }


def read(signed: str) -> Opens:
    """Return what a signed address opens; raise `Expired` or `Forged`. One of a page opens as long as its page does."""
    try:
        named, _dot, seconds = _signer.unsign(signed).partition(".")
        media, page = UUID(named[:32]), UUID(named[32:]) if named[32:] else None
        _signer.unsign(signed, max_age=int(seconds or settings.MEDIA_ADDRESS_SECONDS))
    except signing.SignatureExpired:
        if page is None:
            raise Expired from None
        return Opens(media, page, expired=True)
    except (signing.BadSignature, ValueError):
        raise Forged from None
    return Opens(media, page, expired=False)
