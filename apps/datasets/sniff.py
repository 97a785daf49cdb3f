"""What a media file is, by its first bytes and not by its name; only what browsers show and never run is known."""

import re

HEAD_BYTES = 4096

SUFFIX = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "text/vtt": "vtt",
}
KNOWN = "JPEG, PNG, GIF, WebP or BMP picture, WAV, MP3, OGG, FLAC or M4A sound, MP4 or WebM video (captions: WebVTT)"

STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"fLaC": "audio/flac",
    b"ID3": "audio/mpeg",
    b"WEBVTT": "text/vtt",
    b"\xef\xbb\xbfWEBVTT": "text/vtt",
}
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
# ISO 14496-12's `ftyp` box: the major brands that browsers play. HEIC, AVIF and QuickTime are among those they don't.
BRANDS = {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4"} | dict.fromkeys(
    (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"MSNV", b"f4v "),
    "video/mp4",
)
# Documents that could run scripts; told apart only so that the message can say so.
MARKUP = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!doctype|html|svg|script|head|body|[a-z]+[\s>])", re.IGNORECASE
)


class Unknown(ValueError):
    """The bytes are none of the kinds of media that are shown; the text is read after the file's name."""


def content_type(head: bytes) -> str:
    """Return the media type of a file that starts with these bytes (HEAD_BYTES of them, or all); raise `Unknown`.

    >>> content_type(b"GIF89a...")
    'image/gif'
    """
    if not head:
        raise Unknown("is empty")
    found = _by_start(head) or _by_structure(head)
    if found:
        return found
    if MARKUP.match(head):
        raise Unknown("is HTML, SVG or XML, which may hold scripts; media should be a " + KNOWN)
    raise Unknown(f"is not a {KNOWN}; it starts with the bytes {head[:8].hex(' ').upper()}")


def _by_start(head: bytes) -> str | None:
    return next((kind for start, kind in STARTS.items() if head.startswith(start)), None)


def _by_structure(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12])
    if head[:4] == b"OggS":
        return None if b"theora" in head[:128] else "audio/ogg"
    if head[:4] == b"\x1a\x45\xdf\xa3":  # EBML: WebM or any other Matroska
        return "video/webm" if b"webm" in head[:64] else None
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "image/bmp"
    return "audio/mpeg" if _is_mp3(head) else None


def _is_mp3(head: bytes) -> bool:
    """Tell whether two frames of MPEG layer III follow each other: the mark of one is two bytes, and says little."""
    length = _frame_length(head)
    return length is not None and _frame_length(head[length:]) is not None


def _frame_length(frame: bytes) -> int | None:
    """Return the length in bytes of the MPEG layer III frame that starts here (ISO 11172-3, section 2.4.2.3)."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return None
    version = (frame[1] >> 3) & 0b11  # 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
    rate, frequency = frame[2] >> 4, (frame[2] >> 2) & 0b11
    if version == 1 or rate in (0, 15) or frequency == 3:
        return None
    rates = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    older = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    bits = (rates if version == 3 else older)[rate - 1] * 1000
    hertz = (44_100, 48_000, 32_000)[frequency] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if version == 3 else 72) * bits // hertz + ((frame[2] >> 1) & 1)
