"""Reports as downloads: written whole before the first byte is sent, so that none is cut off and looks complete."""

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename

from apps.campaigns.models import Campaign
from apps.core.filenames import file_name
from apps.reports.labels import suffix, write
from apps.reports.manifest import Manifest, beside
from apps.reports.page import write_html

SPOOLED_BYTES = 2**20  # larger ones go to disk


def attachment(name: str) -> str:
    """Return a header that has the browser keep a file under this name."""
    return str(content_disposition_header(as_attachment=True, filename=get_valid_filename(name)))


def labels(
    campaign: Campaign,
    *,
    format: str,  # noqa: A002 - what requesters call it
    manifest: bool = False,
    **choices: Any,
) -> HttpResponseBase:
    """Return the campaign's labels as a file, sent in pieces, or the manifest that tells whether that file is whole."""
    # Closed by the response, when it is sent.
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES)
    told = write(campaign, format=format, to=file, **choices)
    name = file_name(campaign.name, suffix(format))
    if manifest:
        file.close()
        return _manifest(told, name)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=name)
    response["X-SHA256"] = told.sha256
    return response


def checked(content: bytes, told: Manifest, *, name: str, manifest: bool) -> HttpResponse:
    """Return a CSV file of finance's, or the manifest beside it, which tells whether that file is whole."""
    if manifest:
        return _manifest(told, name)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = attachment(name)
    response["X-SHA256"] = told.sha256
    return response


def _manifest(told: Manifest, name: str) -> HttpResponse:
    """Return what the file of this name holds."""
    response = HttpResponse(told.text(name), content_type="application/json")
    response["Content-Disposition"] = attachment(beside(Path(name)).name)
    response["X-SHA256"] = told.sha256
    return response


def report(campaign: Campaign) -> FileResponse:
    """Return one page about the campaign, with plots, that needs nothing else to be shown to a colleague."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        write_html([campaign], path)
        file = path.open("rb")  # stays readable when its name is gone
    return FileResponse(file, as_attachment=True, filename=file_name(campaign.name, "html"))
