"""The first bytes of media where they lie, without fetching the rest."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage

from apps.datasets import sniff
from apps.datasets.models import Media


class Head(NamedTuple):
    size: int  # of the whole file
    content: bytes  # at most `sniff.HEAD_BYTES`


class Unread(Exception):
    """The store did not answer, so that nothing is known of the file."""


def reader() -> Callable[[Media], Head | None]:
    """Return what reads the head of a media, None of one that the store does not have; several threads may share it.

    Raises `Unread` where the store does not answer. A bucket is asked once for each, by Range.
    """
    return _from_bucket(default_storage) if settings.MEDIA_BUCKET else _from_folder


def problem(media: Media, head: Head | None) -> str:
    """Return what is wrong with a file, to be read after its name; "" for what is as it was when it came in.

    A page that says "not found", or the zeros that a broken disk leaves, have a size too: the bytes are looked at.
    """
    if head is None:
        return "is gone from the store"
    try:
        found = sniff.content_type(head.content)
    except sniff.Unknown as unknown:
        if head.size == media.size or sniff.MARKUP.match(head.content):
            return str(unknown)
        found = media.content_type  # what is left of it is too short to say
    if found != media.content_type:
        return f"holds {found}, and was {media.content_type} when it came"
    return "" if head.size == media.size else f"has {head.size:,} bytes in the store, and had {media.size:,}"


def _from_folder(media: Media) -> Head | None:
    try:
        with default_storage.open(media.storage_name) as file:
            return Head(file.size, file.read(sniff.HEAD_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unread(f"{type(error).__name__}: {error.strerror}") from None


def _from_bucket(storage: Any) -> Callable[[Media], Head | None]:
    """Read by the client below the storage, which would fetch the whole of a file before its first byte is read."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 only where media lie in a bucket

    client, bucket = storage.connection.meta.client, storage.bucket_name

    def read(media: Media) -> Head | None:
        part = f"bytes=0-{sniff.HEAD_BYTES - 1}"
        try:
            answer = client.get_object(Bucket=bucket, Key=media.storage_name, Range=part)
            return Head(int(answer["ContentRange"].rpartition("/")[2]), answer["Body"].read())
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "NoSuchKey":
                return None
            if code == "InvalidRange":  # a file of no bytes has no first one
                return Head(0, b"")
            raise Unread(code) from None
        except BotoCoreError as error:
            raise Unread(type(error).__name__) from None

    return read
