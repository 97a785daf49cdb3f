"""Media into storage: bounded, sniffed, and under names of ours."""

import hashlib
import io
import tempfile
import uuid
from typing import IO, BinaryIO, NamedTuple, cast

from django.core.files import File as Stored
from django.core.files.storage import default_storage
from django.utils.crypto import salted_hmac

from apps.datasets import pictures, sniff
from apps.datasets.entries import Broken, File
from apps.datasets.limits import MAX_MEDIA_BYTES, MAX_PICTURE_BYTES, MIB
from apps.datasets.models import Dataset, Media
from apps.kinds import viewer

CHUNK = MIB


class Digest(NamedTuple):
    size: int
    sha256: str


def keep(file: File, *, dataset: Dataset, known: Media | None) -> Media:
    """Return the media of this file: the known one if that has the same bytes, else a new one, stored but not saved.

    Raises `Broken`, its text to be read after the file's name, for what is no media or when the known has other bytes;
    `Refused` where the archive as a whole is hostile.
    """
    with file.open() as source, tempfile.SpooledTemporaryFile(MIB) as copy:
        head = source.read(sniff.HEAD_BYTES)
        content_type = _content_type(file.name, head)
        digest = _copy(
            head, source, copy, most=MAX_PICTURE_BYTES if content_type in pictures.DECODER else MAX_MEDIA_BYTES
        )
        if known:
            if known.sha256 != digest.sha256:
                raise Broken("has the name of media that the dataset has already, but other bytes; the first one stays")
            return known
        kept: IO[bytes] = copy
        if content_type in pictures.DECODER:
            _check_picture(copy, content_type)
            kept = pictures.discreet(cast(BinaryIO, copy), content_type=content_type) or copy
        media = Media(
            id=_token(dataset, file.name, digest.sha256),
            dataset=dataset,
            name=file.name,
            content_type=content_type,
            size=kept.seek(0, io.SEEK_END),
            sha256=digest.sha256,  # of what came in: the same file is known again
        )
        kept.seek(0)
        _store(media, kept)
        return media


def _content_type(name: str, head: bytes) -> str:
    """Return what the file is; raise `Broken` if it is no media, or other media than the viewer will take it for."""
    try:
        found = sniff.content_type(head)
    except sniff.Unknown as problem:
        raise Broken(str(problem)) from None
    noun = found.split("/")[0]
    if noun != "text" and viewer.media_type(name) != noun:
        raise Broken(f"holds {found}, which its name does not say; it should end in .{sniff.SUFFIX[found]}")
    return found


def _token(dataset: Dataset, name: str, sha256: str) -> uuid.UUID:
    """Return 128 bits that can't be guessed without SECRET_KEY, and are the same when a killed import comes by again.

    So a file that was stored just before the kill is found and replaced, not left behind under a name nobody knows.
    """
    keyed = salted_hmac("datasets.media", f"{dataset.pk}/{sha256}/{name}", algorithm="sha256").digest()
    return uuid.UUID(bytes=keyed[:16], version=4)


def _copy(head: bytes, source: BinaryIO, copy: IO[bytes], *, most: int) -> Digest:
    sha256 = hashlib.sha256()
    size = 0
    chunk = head
    while chunk:
        size += len(chunk)
        if size > most:
            raise Broken(f"is larger than {most // MIB:,} MiB")
        sha256.update(chunk)
        copy.write(chunk)
        chunk = source.read(CHUNK)
    copy.seek(0)
    return Digest(size, sha256.hexdigest())


def _check_picture(copy: IO[bytes], content_type: str) -> None:
    try:
        pictures.check(cast(BinaryIO, copy), content_type=content_type)
    except pictures.BadPicture as problem:
        raise Broken(str(problem)) from None
    copy.seek(0)


def _store(media: Media, copy: IO[bytes]) -> None:
    if default_storage.exists(media.storage_name):  # of a run that was killed, and perhaps half written
        default_storage.delete(media.storage_name)
    name = default_storage.save(media.storage_name, Stored(copy, name=media.storage_name))
    if name != media.storage_name:
        raise OSError(f"the storage kept {media.storage_name} as {name}; is it shared with something else?")
