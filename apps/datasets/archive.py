"""Media files with or without a list of items: what a ZIP and a folder have in common."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple

from apps.datasets import formats, names
from apps.datasets.entries import Bad, Entry, File, Refused, Row, storable
from apps.datasets.limits import MAX_ENTRIES, MAX_MEDIA_NAME
from apps.datasets.source import Source

LIST = "items"  # the list of items is named so, with a suffix of a format of rows


class Member(NamedTuple):
    """One file in an archive or folder."""

    number: int
    name: str
    size: int  # as it is claimed
    packed: int  # bytes of the archive it takes
    open: Callable[[], BinaryIO]
    problem: str = ""


def read(source: Source, members: Sequence[Member]) -> Iterator[Entry]:
    """Yield every file, then the rows of the list of items if there is one; without it, each file is an item.

    The list lies at the top or in a folder, and names files as seen from there.
    """
    if not members:
        raise Refused(f"{source.name!r} holds no files")
    listing = _listing(members, source.name)
    base = listing.name[: listing.name.rfind("/") + 1] if listing else ""
    for member in members:
        if member is listing:
            continue
        name = member.name.removeprefix(base)
        if reason := member.problem or names.problem(name):
            yield Bad(member.number, reason, storable(member.name[:MAX_MEDIA_NAME]))
        else:
            yield File(member.number, name, member.open, member.size, is_item=listing is None)
        source.bytes_read += member.packed
    if listing:
        inner = source.enter_context(Source(listing.name, open_inner=listing.open))
        for entry in formats.of(listing.name).read(inner):
            match entry:
                case Row(line, data, size):
                    yield Row(line, data, size, listing.name)
                case Bad(line, reason):
                    yield Bad(line, reason, listing.name)
        source.bytes_read += listing.packed


def check_count(count: int, name: str) -> None:
    if count > MAX_ENTRIES:
        raise Refused(f"{name!r} holds more than {MAX_ENTRIES:,} files; import it in parts")


def _listing(members: Sequence[Member], name: str) -> Member | None:
    """Return the file that lists the items: the one nearest to the top. Raise `Refused` if that is not one."""
    found = [member for member in members if not member.problem and not names.problem(member.name) and _lists(member)]
    if not found:
        return None
    top = min(member.name.count("/") for member in found)
    nearest = [member for member in found if member.name.count("/") == top]
    if len(nearest) > 1:
        raise Refused(f"{name!r} has two lists of items: {nearest[0].name!r} and {nearest[1].name!r}")
    return nearest[0]


def _lists(member: Member) -> bool:
    path = PurePosixPath(member.name)
    form = formats.by_suffix().get(path.suffix.lower())
    return path.stem.lower() == LIST and form is not None and form.ROWS
