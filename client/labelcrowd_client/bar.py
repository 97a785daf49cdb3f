"""A progress bar on a terminal, a line at every tenth elsewhere."""

import sys
from types import TracebackType
from typing import TextIO

WIDTH = 30


class Bar:
    """Shows how much of how much is done, until it is left."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self.what = what
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.tenth = -1

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.live:
            self._write("\n")

    def at(self, done: int, total: int, note: str = "") -> None:
        """Show that `done` of the total is done; a total of 0 is not known yet."""
        share = min(1.0, done / total) if total else 0.0
        if self.live:
            full = round(share * WIDTH)
            bar = "█" * full + "░" * (WIDTH - full)
            self._write(f"\r\x1b[K  {self.what:<24} {bar} {share:4.0%}  {done:,}/{total:,}  {note}")
        elif int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            known = f", {done:,} of {total:,}" if total else ""
            self._write(f"  {self.what}: {share:.0%}{known}{', ' if note else ''}{note}\n")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
