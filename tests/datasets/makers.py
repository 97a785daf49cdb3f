"""Files to import, and imports of them."""

import io
import struct
import wave
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

from apps.datasets import services
from apps.datasets.models import Dataset, Import, Item
from tests.factories import DatasetFactory


def imported(path: Path, dataset: Dataset | None = None, **values: Any) -> Import:
    """Import a file and return how it went."""
    batch_rows = values.pop("batch_rows", 10_000)
    job = services.start_import(dataset or DatasetFactory(), path=path, **values)
    return services.run_import(job.pk, batch_rows=batch_rows)


def wrote(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(folder: Path, entries: dict[str, bytes | str], name: str = "media.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries.items():
            archive.writestr(entry, content)
    return path


def rows(dataset: Dataset) -> list[tuple[str, dict[str, Any]]]:
    """Return what the dataset holds, in order."""
    return list(Item.objects.filter(dataset=dataset).order_by("id").values_list("external_id", "data"))


def bad(job: Import) -> list[tuple[str, int, str]]:
    """Return what was refused: file, line, reason."""
    return list(job.bad_rows.order_by("file", "line").values_list("file", "line", "reason"))


def counts(job: Import) -> tuple[int, int, int]:
    return job.rows_added, job.rows_known, job.rows_bad


def picture(kind: str = "PNG", *, color: int = 1, size: tuple[int, int] = (4, 4)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (color % 256, color // 256 % 256, 0)).save(buffer, kind)
    return buffer.getvalue()


def sound() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(struct.pack("<100h", *range(100)))
    return buffer.getvalue()


# The first bytes of what no library here writes; the rest does not matter to us.
FIRST_BYTES = {
    "x.ogg": b"OggS\0\2" + bytes(22) + b"\x01vorbis",
    "x.flac": b"fLaC" + bytes(38),
    "x.mp3": (b"\xff\xfb\x90\x64" + bytes(413)) * 3,
    "tagged.mp3": b"ID3\x04" + bytes(60),
    "x.m4a": b"\0\0\0\x20ftypM4A " + bytes(20),
    "x.mp4": b"\0\0\0\x20ftypisom" + bytes(20),
    "x.webm": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(20),
}
