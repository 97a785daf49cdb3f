"""Writes what an organization owed in a period."""

from datetime import datetime
from pathlib import Path

from apps.members.models import Organization
from apps.reports import formats as found
from apps.reports.manifest import Manifest, beside
from apps.reports.payments.books import check_equal, earned
from apps.reports.payments.period import Period, utc
from apps.reports.payments.rows import COLUMNS, rows
from apps.reports.payments.table import Table
from apps.reports.sinks import Sink, whole_file
from apps.reports.snapshot import snapshot

_FORMATS = "apps.reports.payments.formats"


def format_names() -> list[str]:
    """Return the names of the formats that payments are written in."""
    return found.names(_FORMATS)


def write_payments(
    organization: Organization,
    *,
    since: datetime,
    until: datetime,
    format: str,  # noqa: A002 - what finance calls it
    path: Path | str,
) -> Manifest:
    """Write every obligation of since <= owed_at < until to a file, and a manifest as JSON beside it.

    The same rows give the same bytes. Raises `BooksDiffer`, and leaves no file, unless the rows sum to what the books
    say was earned in the period; `BadPeriod`; `UnknownFormat`.
    """
    writer = found.of(_FORMATS, format)
    period = Period.of(since, until)
    path = Path(path)
    with snapshot(), whole_file(path) as stream:
        table = Table(rows(organization, period))
        sink = Sink(stream)
        writer.write(table, sink, period=period)
        check_equal(table.totals, earned(organization, period))
        manifest = Manifest(
            format,
            COLUMNS,
            table.rows,
            sink.bytes,
            sink.sha256,
            about={"organization": organization.slug, "since": utc(period.since), "until": utc(period.until)},
            totals={currency: f"{total:f}" for currency, total in table.totals.items()},
        )
        with whole_file(beside(path)) as note:
            note.write(manifest.text(path.name).encode())
    return manifest
