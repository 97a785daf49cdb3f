"""What a report file holds, so that who receives it can tell that it is whole."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Manifest:
    """Nothing in it depends on when or where the report was written: the same rows give the same manifest.

    rows: without the header. about: what the rows were chosen by. totals: exact decimals as text, by currency.
    """

    format: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str
    about: Mapping[str, Any] = field(default_factory=dict)
    totals: Mapping[str, str] = field(default_factory=dict)

    def text(self, file: str) -> str:
        """Return it as JSON, for the file of this name."""
        return json.dumps({"file": file, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"


def beside(path: Path) -> Path:
    """Return where the manifest of a file lies.

    >>> beside(Path("may/payments.csv")).name
    'payments.csv.manifest.json'
    """
    return path.with_name(f"{path.name}.manifest.json")
