"""Reports as downloads: written whole before the first byte is sent, so that none is cut off and looks complete."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import FileResponse
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename

from apps.campaigns.models import Campaign
from apps.members.models import Organization
from apps.reports.labels import write
from apps.reports.manifest import beside
from apps.reports.page import write_html
from apps.reports.payments import write_payments

SPOOLED_BYTES = 2**20  # larger ones go to disk


def attachment(name: str) -> str:
    """Return a header that has the browser keep a file under this name."""
    return str(content_disposition_header(as_attachment=True, filename=get_valid_filename(name)))


def labels(campaign: Campaign, *, format: str, **choices: Any) -> FileResponse:  # noqa: A002 - what requesters call it
    """Return the campaign's labels as a file, sent in pieces."""
    # Closed by the response, when it is sent.
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES)
    manifest = write(campaign, format=format, to=file, **choices)
    file.seek(0)
    name = get_valid_filename(f"{campaign.name}.{format}")
    response = FileResponse(file, as_attachment=True, filename=name)
    response["X-SHA256"] = manifest.sha256
    return response


def report(campaign: Campaign) -> FileResponse:
    """Return one page about the campaign, with plots, that needs nothing else to be shown to a colleague."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        write_html([campaign], path)
        file = path.open("rb")  # stays readable when its name is gone
    return FileResponse(file, as_attachment=True, filename=get_valid_filename(f"{campaign.name}.html"))


def payments(
    organization: Organization,
    *,
    since: datetime,
    until: datetime,
    format: str,  # noqa: A002 - what finance calls it
    manifest: bool,
) -> FileResponse:
    """Return what was owed in a period as a file, or the manifest that tells whether that file is whole."""
    name = f"payments-{organization.slug}-{since:%Y-%m-%d}-{until:%Y-%m-%d}.{format}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        written = write_payments(organization, since=since, until=until, format=format, path=path)
        wanted = beside(path) if manifest else path
        file = wanted.open("rb")  # stays readable when its name is gone
    response = FileResponse(file, as_attachment=True, filename=wanted.name)
    response["X-SHA256"] = written.sha256
    return response
