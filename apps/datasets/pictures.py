"""Whether a picture can be shown, and what it must not tell: Pillow decodes it, within a bound of pixels."""

import io
import logging
import math
from typing import Any, BinaryIO

from PIL import Image, ImageOps

from apps.datasets.limits import MAX_PIXELS

log = logging.getLogger(__name__)

DECODER = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP", "image/bmp": "BMP"}


ORIENTATION = 0x0112  # of EXIF's tags the one that a picture can't be shown rightly without
# Where cameras and editors write who, where and when; a picture's `info` names them so.
TELLING = frozenset({"exif", "xmp", "photoshop", "comment", "Comment", "XML:com.adobe.xmp", "parsed_exif"})

WRITTEN: dict[str, dict[str, Any]] = {
    "image/jpeg": {"quality": "keep"},
    "image/png": {},
    "image/webp": {"lossless": True, "exact": True},
}

SMALL = 640  # pixels of the longer side: the narrowest phone's width, twice as dense
SMALL_TYPE = "image/webp"
MOST_HELD = 16_000_000  # pixels in memory to make one small: 64 MB, in a process that answers others meanwhile
EIGHT_BITS = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"})  # more than that WebP does not hold


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


def discreet(file: BinaryIO, *, content_type: str) -> io.BytesIO | None:
    """Return the picture without what it tells of place, time and people; None where it tells nothing.

    Only a picture that tells something is written anew: a JPEG with the tables it had, the others without loss. An
    animation stays as it is. Call it for a picture that `check` let through.
    """
    with Image.open(file, formats=[DECODER[content_type]]) as picture:
        several = picture.format == "MPO"  # what some phones write as a JPEG: the first picture is the one shown
        if content_type not in WRITTEN or (getattr(picture, "is_animated", False) and not several):
            return None
        if not TELLING & set(picture.info) and not picture.getexif():
            return None
        upright = Image.Exif()
        if turn := picture.getexif().get(ORIENTATION):
            upright[ORIENTATION] = turn
        copy = io.BytesIO()
        profile = picture.info.get("icc_profile")
        for name in TELLING & set(picture.info):
            del picture.info[name]
        how = {"quality": 95, "subsampling": 0} if several else WRITTEN[content_type]
        picture.save(copy, DECODER[content_type], exif=upright.tobytes(), icc_profile=profile, **how)
    copy.seek(0)
    return copy


def small(file: BinaryIO, *, content_type: str) -> io.BytesIO | None:
    """Return the picture with SMALL pixels on its longer side, as SMALL_TYPE; None where that would not be the same.

    A picture that is no larger, moves or has more than 8 bits stays as it is, as does one of over MOST_HELD pixels; of
    a JPEG only an eighth is decoded, if need be. Call it for one that `check` let through.
    """
    with Image.open(file, formats=[DECODER[content_type]]) as picture:
        moves = content_type != "image/jpeg" and getattr(picture, "n_frames", 1) > 1
        if max(picture.size) <= SMALL or moves or picture.mode not in EIGHT_BITS:
            return None
        whole = math.prod(picture.size)
        picture.draft("RGB", (SMALL, SMALL))
        if (whole if picture.info.get("progressive") else math.prod(picture.size)) > MOST_HELD:
            return None
        upright = ImageOps.exif_transpose(picture).convert("RGBA" if picture.has_transparency_data else "RGB")
        upright.thumbnail((SMALL, SMALL))
        copy = io.BytesIO()
        upright.save(copy, "WEBP", quality=70)
    copy.seek(0)
    return copy
