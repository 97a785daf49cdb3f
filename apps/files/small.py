"""Pictures made small for who saves data: made when one is first asked for, and kept beside the picture."""

import logging
from typing import BinaryIO, cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.datasets import pictures
from apps.datasets.models import Media

log = logging.getLogger(__name__)


def name(media: Media) -> str | None:
    """Return where a picture's small copy lies in the storage; None where the picture itself is to be sent."""
    if media.content_type not in pictures.DECODER:
        return None
    kept = f"{media.storage_name}-small"
    if default_storage.exists(kept):
        return kept
    with default_storage.open(media.storage_name) as file:
        made = pictures.small(cast(BinaryIO, file), content_type=media.content_type)
    if made is None or len(made.getbuffer()) >= media.size:
        return None
    stored = default_storage.save(kept, ContentFile(made.getvalue()))
    if stored != kept:  # somebody else made it at the same moment
        default_storage.delete(stored)
    return kept
