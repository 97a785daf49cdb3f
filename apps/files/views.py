"""Media over HTTP: in whole or in part, never as anything that runs."""

import logging
from collections.abc import Iterator
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.views.decorators.http import require_safe

from apps.datasets import sniff
from apps.datasets.models import Media
from apps.files import addresses, ranges
from apps.files.ranges import Range

log = logging.getLogger(__name__)

CHUNK = 2**16
BUCKET_CACHED_SECONDS = 3000  # less than the hour for which the bucket's address is signed


@require_safe
def media(request: HttpRequest, signed: str) -> HttpResponseBase:
    """Send the media that a signed address opens."""
    try:
        found = Media.objects.get(pk=addresses.read(signed))
    except addresses.Expired:
        return _plain("This address has expired. Load the page again that showed it.", status=410)
    except (addresses.Forged, Media.DoesNotExist):
        return _plain("There is no such file.", status=404)
    return _at_the_bucket(found) if settings.MEDIA_BUCKET else _from_here(request, found)


def _from_here(request: HttpRequest, found: Media) -> HttpResponseBase:
    etag = f'"{found.sha256}"'
    if _names(request.headers.get("If-None-Match", ""), etag):
        return _dressed(HttpResponse(status=304), found, etag)
    try:
        response = _body(request, found, _part(request, found.size, etag))
    except ranges.Unsatisfiable:
        refusal = _plain("The file has no such part.", status=416)
        refusal["Content-Range"] = f"bytes */{found.size}"
        return refusal
    except FileNotFoundError:
        log.error("media %s is not in the storage as %s", found.pk, found.storage_name)
        return _plain("The file is missing in the storage.", status=404)
    return _dressed(response, found, etag)


def _at_the_bucket(media: Media) -> HttpResponse:
    """Send the browser to the bucket, by an address signed for an hour: it serves parts, and from another origin."""
    says = {"ResponseContentType": _type(media), "ResponseContentDisposition": _disposition(media)}
    response = HttpResponseRedirect(default_storage.url(media.storage_name, parameters=says))  # type: ignore[call-arg]
    response["Cache-Control"] = f"private, max-age={BUCKET_CACHED_SECONDS}"
    return response


def _type(media: Media) -> str:
    # What an older import let in, and the list no longer has, is sent as bytes to be saved.
    return media.content_type if media.content_type in sniff.SUFFIX else "application/octet-stream"


def _disposition(media: Media) -> str:
    suffix = sniff.SUFFIX.get(media.content_type)
    return f'{"inline" if suffix else "attachment"}; filename="{media.pk.hex}.{suffix or "bin"}"'


def _part(request: HttpRequest, size: int, etag: str) -> Range | None:
    """Return the part that is asked for, None for the whole: also when the asker's copy is of another file."""
    wanted = request.headers.get("Range", "")
    if not wanted or request.headers.get("If-Range", etag) != etag:
        return None
    return ranges.read(wanted, size=size)


def _body(request: HttpRequest, media: Media, part: Range | None) -> HttpResponseBase:
    start, stop = part or Range(0, media.size)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=206 if part else 200)
    else:
        file = default_storage.open(media.storage_name)
        response = StreamingHttpResponse(_Slice(cast(BinaryIO, file), start, stop), status=206 if part else 200)
    response["Content-Length"] = str(stop - start)
    if part:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{media.size}"
    return response


def _dressed(response: HttpResponseBase, media: Media, etag: str) -> HttpResponseBase:
    """Say what it is, that it never changes, and that a browser should neither guess at it nor run it."""
    response["Content-Type"] = _type(media)
    response["Content-Disposition"] = _disposition(media)
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"private, max-age={settings.MEDIA_ADDRESS_SECONDS}, immutable"
    return _inert(response)


def _plain(sentence: str, *, status: int) -> HttpResponse:
    response = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    _inert(response)
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
