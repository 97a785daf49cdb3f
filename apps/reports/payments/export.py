"""Writes what an organization owed in a period."""

from datetime import datetime
from pathlib import Path
from typing import Any

from apps.members.models import Organization
from apps.reports import formats as found
from apps.reports.manifest import Manifest, beside
from apps.reports.payments.books import check_equal, earned
from apps.reports.payments.period import Period, utc
from apps.reports.payments.rows import COLUMNS, rows
from apps.reports.payments.selection import Selection
from apps.reports.payments.table import Table, Tell
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
    tell: Tell | None = None,
    **only: Any,
) -> Manifest:
    """Write every obligation of since <= owed_at < until to a file, and a manifest as JSON beside it.

    `only`: of one `campaign` or `worker` (ids), `currency` or `kind`. `tell` hears now and then how many rows are
    written. The same rows give the same bytes. Raises `BooksDiffer`, and leaves no file, unless the rows sum to what
    the books say was earned in the period, narrowed or not; `BadPeriod`; `UnknownFormat`.
    """
    writer = found.of(_FORMATS, format)
    selection = Selection(organization, Period.of(since, until), **only)
    path = Path(path)
    with snapshot(), whole_file(path) as stream:
        check_books(selection)
        table = Table(rows(selection), tell=tell)
        sink = Sink(stream)
        writer.write(table, sink, period=selection.period)
        check_equal(table.totals, selection.totals())
        manifest = Manifest(
            format,
            COLUMNS,
            table.rows,
            sink.bytes,
            sink.sha256,
            about=_about(selection),
            totals={currency: f"{total:f}" for currency, total in table.totals.items()},
        )
        with whole_file(beside(path)) as note:
            note.write(manifest.text(path.name).encode())
    return manifest


def check_books(selection: Selection) -> None:
    """Raise `BooksDiffer` unless all that was owed in the selection's period is just what the books say was earned."""
    whole = Selection(selection.organization, selection.period)
    check_equal(whole.totals(), earned(whole.organization, whole.period))


def _about(selection: Selection) -> dict[str, str]:
    only = {name: str(getattr(selection, name) or "") for name in ("campaign", "worker", "currency", "kind")}
    return {
        "organization": selection.organization.slug,
        "since": utc(selection.period.since),
        "until": utc(selection.period.until),
        **{name: value for name, value in only.items() if value},
    }
