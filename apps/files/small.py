"""Pictures made small for who saves data: made when one is first asked for, and kept beside the picture.

A process makes one at a time: each takes memory and a core that others' pages are served with. Where none is to be had,
a small copy of no bytes says so, and nobody tries again.
"""

import threading
from typing import BinaryIO, cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.datasets import pictures
from apps.datasets.models import Media

PATIENCE_SECONDS = 5.0  # for one's turn; who waited longer gets the picture itself

_making = threading.Lock()


def name(media: Media) -> str | None:
    """Return where a picture's small copy lies in the storage; None where the picture itself is to be sent."""
    if media.content_type not in pictures.DECODER:
        return None
    kept = media.small_name
    size = _size(kept)
    if size is None:
        if not _making.acquire(timeout=PATIENCE_SECONDS):
            return None
        try:
            size = _size(kept)  # who held it before may have made this one
            if size is None:
                size = _make(media, kept)
        finally:
            _making.release()
    return kept if size else None


def _size(kept: str) -> int | None:
    """Return how many bytes a small copy has, None where nobody made it yet."""
    try:
        return default_storage.size(kept)
    except FileNotFoundError:
        return None


def _make(media: Media, kept: str) -> int:
    with default_storage.open(media.storage_name) as file:
        made = pictures.small(cast(BinaryIO, file), content_type=media.content_type)
    content = made.getvalue() if made is not None else b""
    if len(content) >= media.size:
        content = b""
    stored = default_storage.save(kept, ContentFile(content))
    if stored != kept:  # another process made it at the same moment
        default_storage.delete(stored)
    return len(content)
