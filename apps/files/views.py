"""Media over HTTP: in whole or in part, never as anything that runs."""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.views.decorators.http import require_safe

from apps.core import rates
from apps.datasets import pictures, sniff
from apps.datasets.models import Media
from apps.files import addresses, ranges, small
from apps.files.ranges import Range
from apps.work import services as work

log = logging.getLogger(__name__)

CHUNK = 2**16
BUCKET_CACHED_SECONDS = 3000  # less than the hour for which the bucket's address is signed


@dataclass(frozen=True)
class File:
    """What is sent of a media: the file itself, or its small copy."""

    media: Media
    storage_name: str
    content_type: str
    tag: str

    @classmethod
    def of(cls, media: Media, *, is_small: bool) -> "File":
        if is_small and (name := small.name(media)):
            return cls(media, name, pictures.SMALL_TYPE, f'"{media.sha256}-small"')
        # What an older import let in, and the list no longer has, is sent as bytes to be saved.
        known = media.content_type if media.content_type in sniff.SUFFIX else "application/octet-stream"
        return cls(media, media.storage_name, known, f'"{media.sha256}"')

    @property
    def size(self) -> int:
        whole = self.storage_name == self.media.storage_name
        return self.media.size if whole else default_storage.size(self.storage_name)

    @property
    def disposition(self) -> str:
        suffix = sniff.SUFFIX.get(self.content_type)
        return f'{"inline" if suffix else "attachment"}; filename="{self.media.pk.hex}.{suffix or "bin"}"'


@require_safe
def media(request: HttpRequest, signed: str) -> HttpResponseBase:
    """Send the media that a signed address opens; with `?small` a picture made small, where that saves something."""
    try:
        rates.ask("file", rates.address(request))
        opens = addresses.read(signed)
        if opens.expired and not (opens.page and work.is_in_hand(opens.page)):
            raise addresses.Expired
        found = Media.objects.get(pk=opens.media)
    except rates.TooMany as full:
        return _later(math.ceil(full.wait))
    except addresses.Expired:
        return _plain("This address has expired. Load the page again that showed it.", status=410)
    except (addresses.Forged, Media.DoesNotExist):
        return _plain("There is no such file.", status=404)
    if opens.page and not work.may_see(opens.page, user=request.user):
        return _plain("This address was for somebody's page, and opens nothing here.", status=403)
    try:
        file = File.of(found, is_small="small" in request.GET)
        return _at_the_bucket(file) if settings.MEDIA_BUCKET else _from_here(request, file)
    except FileNotFoundError:
        log.error("media %s is not in the storage as %s", found.pk, found.storage_name)
        return _plain("The file is missing in the storage.", status=404)


def _from_here(request: HttpRequest, file: File) -> HttpResponseBase:
    if _names(request.headers.get("If-None-Match", ""), file.tag):
        return _dressed(HttpResponse(status=304), file)
    try:
        response = _body(request, file, _part(request, file.size, file.tag))
    except ranges.Unsatisfiable:
        refusal = _plain("The file has no such part.", status=416)
        refusal["Content-Range"] = f"bytes */{file.size}"
        return refusal
    return _dressed(response, file)


def _at_the_bucket(file: File) -> HttpResponse:
    """Send the browser to the bucket, by an address signed for an hour: it serves parts, and from another origin."""
    says = {"ResponseContentType": file.content_type, "ResponseContentDisposition": file.disposition}
    response = HttpResponseRedirect(default_storage.url(file.storage_name, parameters=says))  # type: ignore[call-arg]
    response["Cache-Control"] = f"private, max-age={BUCKET_CACHED_SECONDS}"
    return response


def _part(request: HttpRequest, size: int, etag: str) -> Range | None:
    """Return the part that is asked for, None for the whole: also when the asker's copy is of another file."""
    wanted = request.headers.get("Range", "")
    if not wanted or request.headers.get("If-Range", etag) != etag:
        return None
    return ranges.read(wanted, size=size)


def _body(request: HttpRequest, file: File, part: Range | None) -> HttpResponseBase:
    size = file.size
    start, stop = part or Range(0, size)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=206 if part else 200)
    else:
        opened = default_storage.open(file.storage_name)
        response = StreamingHttpResponse(_Slice(cast(BinaryIO, opened), start, stop), status=206 if part else 200)
    response["Content-Length"] = str(stop - start)
    if part:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _dressed(response: HttpResponseBase, file: File) -> HttpResponseBase:
    """Say what it is, that it never changes, and that a browser should neither guess at it nor run it."""
    response["Content-Type"] = file.content_type
    response["Content-Disposition"] = file.disposition
    response["ETag"] = file.tag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"private, max-age={settings.MEDIA_ADDRESS_SECONDS}, immutable"
    return _inert(response)


def _plain(sentence: str, *, status: int) -> HttpResponse:
    response = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    _inert(response)
    return response


def _later(seconds: int) -> HttpResponse:
    response = _plain(f"So many files at once are not sent. Try again in {seconds} s.", status=429)
    response["Retry-After"] = str(seconds)
    return response


def _inert(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _names(header: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names this tag."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in tags or tags == ["*"]


class _Slice(Iterator[bytes]):
    """The bytes of an open file from start to stop, in chunks; Django closes it with the response."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self.file = file
        self.left = stop - start
        file.seek(start)

    def __next__(self) -> bytes:
        chunk = self.file.read(min(CHUNK, self.left)) if self.left else b""
        if not chunk:
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()
