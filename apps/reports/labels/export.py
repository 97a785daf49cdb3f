"""Writes a campaign's labels."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.db import connection

from apps.campaigns.models import Campaign
from apps.reports import formats as found
from apps.reports.labels.selection import Selection
from apps.reports.manifest import Manifest
from apps.reports.sinks import Sink, whole_file
from apps.reports.snapshot import snapshot

_FORMATS = "apps.reports.labels.formats"


def format_names() -> list[str]:
    """Return the names of the formats that labels are written in."""
    return found.names(_FORMATS)


def suffix(format: str) -> str:  # noqa: A002 - what requesters call it
    """Return how the names of files in this format end."""
    return str(getattr(found.of(_FORMATS, format), "SUFFIX", format))


def write(
    campaign: Campaign,
    *,
    format: str,  # noqa: A002 - what requesters call it
    to: Path | str | IO[bytes],
    with_gold: bool = False,
    with_votes: bool = False,
    raw: bool = False,
    told: Callable[[int], None] | None = None,
) -> Manifest:
    """Write the label of every task of the campaign, in the order of the items, to a file or a binary stream.

    The same labels give the same bytes. A file appears once it is whole. Tasks without a label yet are in it, with an
    empty answer and their state; gold only `with_gold`. `told` is called with how many are written, now and then.
    Raises `UnknownFormat`.
    """
    writer = found.of(_FORMATS, format)
    if isinstance(to, str | Path):
        with whole_file(Path(to)) as stream:
            return write(
                campaign, format=format, to=stream, with_gold=with_gold, with_votes=with_votes, raw=raw, told=told
            )
    sink = Sink(to)
    selection = Selection(campaign, with_gold=with_gold, with_votes=with_votes, raw=raw, told=told)
    with snapshot():
        _without_jit()
        columns, rows = writer.write(selection, sink)
    about = {"campaign": str(campaign.pk), "with_gold": with_gold, "with_votes": with_votes, "raw": raw}
    return Manifest(format, tuple(columns), rows, sink.bytes, sink.sha256, about)


def _without_jit() -> None:
    """Keep PostgreSQL from compiling the one long query of this transaction: it costs more than it gains, 0.4 s."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
