"""Translations as gettext reads them, made of the catalogs in labelcrowd/locale where that was not done yet."""

import os
import tempfile
from pathlib import Path

SOURCE = Path(__file__).parent / "locale"


def compiled(into: Path, *, source: Path = SOURCE) -> Path:
    """Compile what is newer in `source` than in `into`; return `into`. Safe to run by many processes at once."""
    for po in source.glob("*/LC_MESSAGES/*.po"):
        mo = into / po.relative_to(source).with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            _compile(po, mo)
    return into


def _compile(po: Path, mo: Path) -> None:
    from babel.messages.mofile import write_mo  # noqa: PLC0415  # a tenth of a second that only the first start needs
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with po.open("rb") as file:
        catalog = read_po(file)
    mo.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=mo.parent, delete=False) as written:
        write_mo(written, catalog)
    Path(written.name).chmod(0o644)
    os.replace(written.name, mo)
