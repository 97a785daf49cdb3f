"""Write a campaign's labels to a file."""

import sys
from pathlib import Path
from typing import Any

from apps.console.commands import Command as Base
from apps.console.commands import CommandParser, campaign, writable
from apps.reports import formats, labels
from apps.reports.manifest import beside
from apps.reports.sinks import whole_file


class Command(Base):
    help = (
        "Write the label of every item of a campaign, in the order of the items, and a manifest beside the file; the "
        "same labels give the same bytes."
    )
    expected = (formats.UnknownFormat, formats.NotForThis, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="id or name")
        parser.add_argument("--format", choices=labels.format_names(), default="jsonl")
        parser.add_argument("--out", default="-", help="a file, or - for the standard output, as without it")
        parser.add_argument("--with-gold", action="store_true", help="also the questions whose answers were known")
        parser.add_argument("--with-votes", action="store_true", help="also each worker's answer")

    def run(self, out: str, **options: Any) -> None:
        of = campaign(options["campaign"])
        choices = {name: options[name] for name in ("format", "with_gold", "with_votes")}
        to = sys.stdout.buffer if out == "-" else writable(out)
        manifest = labels.write(of, to=to, **choices)
        if isinstance(to, Path):
            with whole_file(beside(to)) as note:
                note.write(manifest.text(to.name).encode())
        self.stderr.style_func = None  # no error, but not for the standard output either
        self.stderr.write(f"{manifest.rows:,} labels, {manifest.bytes:,} bytes, SHA-256 {manifest.sha256}")
