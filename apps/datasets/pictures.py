"""Whether a picture can be shown: Pillow decodes it, within a bound of pixels."""

import logging
from typing import BinaryIO

from PIL import Image

from apps.datasets.limits import MAX_PIXELS

log = logging.getLogger(__name__)

DECODER = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP", "image/bmp": "BMP"}


class BadPicture(ValueError):
    """The picture can't be shown; the text is read after the file's name."""


def check(file: BinaryIO, *, content_type: str) -> None:
    """Raise `BadPicture` unless the file is a whole picture of that type and of at most MAX_PIXELS."""
    try:
        with Image.open(file, formats=[DECODER[content_type]]) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise BadPicture(f"has {width} × {height} pixels, {MAX_PIXELS:,} are the most")
            picture.draft(
                None, (max(1, width // 8), max(1, height // 8))
            )  # a JPEG is decoded at an eighth: 64 times less memory
            picture.load()
    except BadPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(f"has more pixels than the {MAX_PIXELS:,} that are the most") from None
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise anything on hostile bytes, and other files go on
        log.info("a picture of type %s was refused: %r", content_type, error)
        raise BadPicture(f"is a broken {DECODER[content_type]} picture") from None
