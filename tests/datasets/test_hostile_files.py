"""S5, P15: files that mean harm or were damaged: refused, or taken but for the bad rows; soon, and in little memory."""

import os
import stat
import struct
import time
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.datasets import formats, limits, services
from apps.datasets.entries import Bad, Refused
from apps.datasets.source import Source
from tests.datasets.makers import bad, counts, imported, picture, rows, wrote, zipped
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db

ONE_IN_THE_MIDDLE = {
    "U+0000 in JSON": (
        "x.jsonl",
        b'{"t":"a"}\n{"t":"b\\u0000"}\n{"t":"c"}\n',
        "t holds the character U+0000 at position 1, which can't be stored",
    ),
    "U+0000 in a name": ("x.jsonl", b'{"t":"a"}\n{"b\\u0000":"b"}\n{"t":"c"}\n', "U+0000"),
    "U+0000 in an id": ("x.jsonl", b'{"t":"a"}\n{"external_id":"\\u0000","t":"b"}\n{"t":"c"}\n', "external_id holds"),
    "U+0000 in CSV": ("x.csv", b"t,u\na,1\nb\x00,2\nc,3\n", "t holds the character U+0000 at position 1"),
    "a raw U+0000 in JSON": (
        "x.jsonl",
        b'{"t":"a"}\n{"t":"b\x00"}\n{"t":"c"}\n',
        "is not JSON: Invalid control character",
    ),
    "a lone surrogate": ("x.jsonl", b'{"t":"a"}\n{"t":"\\ud83d"}\n{"t":"c"}\n', "U+D83D at position 0"),
    "a surrogate in text": (
        "x.json",
        b'[{"t":"a"},{"v":{"media":"\\udc00"}},{"t":"c"}]',
        "v.media holds the character U+DC00",
    ),
    "Latin-1 in CSV": ("x.csv", b"t,u\na,1\nb\xe9,2\nc,3\n", "is not UTF-8: byte 2 of line 3 is 0xE9"),
    "Latin-1 in JSONL": ("x.jsonl", b'{"t":"a"}\n{"t":"\xe9"}\n{"t":"c"}\n', "is not UTF-8: byte 7 of line 2 is 0xE9"),
    "Latin-1 in JSON": ("x.json", b'[{"t":"a"},{"t":"\xe9"},{"t":"c"}]', "is not UTF-8: character 7 is the byte 0xE9"),
    "NaN": ("x.jsonl", b'{"t":"a"}\n{"t":NaN}\n{"t":"c"}\n', "holds NaN, which is not a number that JSON has"),
    "-Infinity": ("x.json", b'[{"t":"a"},{"t":-Infinity},{"t":"c"}]', "holds -Infinity"),
    "a number past floats": ("x.jsonl", b'{"t":"a"}\n{"t":1e999}\n{"t":"c"}\n', "holds a number too large to be kept"),
    "a number of many digits": (
        "x.jsonl",
        b'{"t":"a"}\n{"t":' + b"9" * 5000 + b'}\n{"t":"c"}\n',
        "holds a number with too many digits",
    ),
    "deep JSON": ("x.jsonl", b'{"t":"a"}\n' + b'{"a":' * 100_000 + b'\n{"t":"c"}\n', "is nested too deeply"),
    "deep closed JSON": (
        "x.json",
        b'[{"t":"a"},' + b"[" * 100_000 + b"]" * 100_000 + b',{"t":"c"}]',
        "is nested too deeply",
    ),
    "a list in a field": (
        "x.jsonl",
        b'{"t":"a"}\n{"t":[1]}\n{"t":"c"}\n',
        "field 't' is a list; it should be text, a number",
    ),
    "an object in a field": ("x.jsonl", b'{"t":"a"}\n{"t":{"x":1}}\n{"t":"c"}\n', "field 't' is an object"),
    "no object": ("x.jsonl", b'{"t":"a"}\n["b"]\n{"t":"c"}\n', "is a list; it should be an object"),
    "no JSON": ("x.jsonl", b'{"t":"a"}\n{t:1}\n{"t":"c"}\n', "is not JSON: Expecting property name"),
    "no JSON in a list": ("x.json", b'[{"t":"a"}, {t:1, "u":[2]} ,{"t":"c"}]', "is not JSON: Expecting property name"),
    "no comma in a list": (
        "x.json",
        b'[{"t":"a"}, {"t":"b"} } "x", {"t":"c"}]',
        "is followed by '}'; there should be a comma",
    ),
    "an empty object": ("x.jsonl", b'{"t":"a"}\n{"external_id":"b"}\n{"t":"c"}\n', "has no fields besides external_id"),
    "too many fields": (
        "x.jsonl",
        b'{"t":"a"}\n{' + b",".join(b'"f%d":1' % n for n in range(501)) + b'}\n{"t":"c"}\n',
        "has 501 fields, 500 are the most",
    ),
    "a long field name": (
        "x.jsonl",
        b'{"t":"a"}\n{"' + b"n" * 201 + b'":1}\n{"t":"c"}\n',
        "whose name has 201 characters",
    ),
    "a long external_id": (
        "x.jsonl",
        b'{"t":"a"}\n{"external_id":"' + b"n" * 201 + b'","t":1}\n{"t":"c"}\n',
        "external_id has 201 characters, 200 are the most",
    ),
    "a huge field in JSONL": (
        "x.jsonl",
        b'{"t":"a"}\n{"t":"' + b"x" * 3_000_000 + b'"}\n{"t":"c"}\n',
        "is longer than 1,024 KiB",
    ),
    "a huge field in JSON": (
        "x.json",
        b'[{"t":"a"},{"t":"' + b'x\\"' * 3_000_000 + b'"},{"t":"c"}]',
        "is longer than 1,024 KiB",
    ),
    "a huge field in CSV": ("x.csv", b't,u\na,1\n"' + b"x" * 3_000_000 + b'",2\nc,3\n', "is longer than 1,024 KiB"),
    "a ragged row": ("x.csv", b"t,u\na,1\nb\nc,3\n", "has 1 fields where the header has 2"),
    "a row too long": ("x.csv", b"t,u\na,1\nb,2,3\nc,3\n", "has 3 fields where the header has 2"),
    "an open quote at the end": ("x.csv", b't,u\na,1\nc,3\n"b,2\n', "opens a quote that isn't closed"),
    "an open quote before a quoted row": ("x.csv", b't,u\na,1\n"b,2\n"c",3\n', "opens a quote that isn't closed"),
    "text after a quote": ("x.csv", b't,u\na,1\n"b"b,2\nc,3\n', "has text after a closing quote"),
    "old Macintosh lines": ("x.csv", b"t,u\na,1\nb,2\rb,3\nc,3\n", "has a carriage return outside quotes"),
    "media that isn't there": (
        "x.jsonl",
        b'{"t":"a"}\n{"t":{"media":"no.png"}}\n{"t":"c"}\n',
        "field 't' names 'no.png'",
    ),
}


@pytest.mark.parametrize("case", ONE_IN_THE_MIDDLE)
def test_a_bad_row_is_told_with_its_reason_and_loses_no_other(tmp_path: Path, case: str):
    name, content, reason = ONE_IN_THE_MIDDLE[case]

    job = imported(wrote(tmp_path, name, content))

    assert (job.state, counts(job)) == ("done", (2, 0, 1))
    assert [data["t"] for _, data in rows(job.dataset)] == ["a", "c"]
    [(_, line, told)] = bad(job)
    assert reason in told
    assert line == (4 if case == "an open quote at the end" else 3 if name.endswith(".csv") else 2)


REFUSED = {
    "nothing": ("x.csv", b"", "'x.csv' is empty"),
    "nothing in JSON": ("x.json", b"", "'x.json' is empty"),
    "a byte order mark only": ("x.jsonl", b"\xef\xbb\xbf", "'x.jsonl' is empty"),
    "blank lines": ("x.csv", b"\n\n\r\n", "'x.csv' holds nothing but blank lines"),
    "a header only": ("x.csv", b"text\n", "'x.csv' holds no rows"),
    "an empty list": ("x.json", b" [ ] ", "'x.json' holds no rows"),
    "UTF-16": ("x.csv", "text\na\n".encode("utf-16"), "'x.csv' is written in UTF-16; save it as UTF-8"),
    "two columns of one name": ("x.csv", b"a,b,a\n1,2,3\n", "'x.csv' has two columns 'a': 1 and 3"),
    "a column without name": ("x.csv", b"a,,c\n1,2,3\n", "column 2 of 'x.csv' has no name in the header"),
    "a long column name": (
        "x.csv",
        b"a," + b"b" * 201 + b"\n1,2\n",
        "the name of column 2 of 'x.csv' has more than 200",
    ),
    "too many columns": (
        "x.csv",
        b",".join(b"c%d" % n for n in range(501)) + b"\n",
        "has 501 columns, 500 are the most",
    ),
    "nothing but ids": ("x.csv", b"external_id\n1\n", "'x.csv' has no column besides external_id"),
    "semicolons": ("x.csv", b"a;b\n1;2\n", "the header of 'x.csv' has semicolons"),
    "a header that isn't UTF-8": (
        "x.csv",
        b"a\xff\n1\n",
        "the header of 'x.csv' is not UTF-8: byte 2 of line 1 is 0xFF",
    ),
    "one gigantic line": ("x.csv", b"x" * 5_000_000, "the header of 'x.csv' is longer than 1,024 KiB"),
    "no list": ("x.json", b'{"rows": [{"t": 1}]}', "'x.json' does not hold a list; it should be a list of objects"),
    "a number": ("x.json", b"7", "'x.json' does not hold a list"),
    "items that are no list": ("x.json", b'{"items": {"t": 1}}', "'x.json' does not hold a list"),
    "deep keys": ("x.json", b'{"a":' * 100_000, "'x.json' does not hold a list"),
    "a list that ends early": ("x.json", b'[{"t": 1}', "'x.json' ends before its list does, in item 1 or after it"),
    "a bracket never closed": ("x.json", b'[{"t": [' + b"[" * 3_000_000, "'x.json' ends before its list does"),
    "no ZIP": ("x.zip", b"PK\x03\x04 but not really", "'x.zip' is not a ZIP that can be read"),
    "an empty ZIP": ("x.zip", b"PK\x05\x06" + bytes(18), "'x.zip' holds no files"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_can_not_be_imported_fails_with_a_sentence(tmp_path: Path, case: str):
    name, content, problem = REFUSED[case]

    job = imported(wrote(tmp_path, name, content))

    assert job.state == "failed"
    assert problem in job.problem


def test_rows_before_the_end_of_a_damaged_list_are_kept(tmp_path: Path):
    job = imported(wrote(tmp_path, "x.json", '[{"t": 1}, {"t": 2}, {"t": '))

    assert job.state == "failed"
    assert [data for _, data in rows(job.dataset)] == [{"t": 1}, {"t": 2}]


def test_rows_behind_a_quote_that_is_never_closed_are_read(tmp_path: Path):
    many = "".join(f"{n},row {n} {'x' * 100}\n" for n in range(15_000))

    job = imported(wrote(tmp_path, "x.csv", f'external_id,text\nfirst,"open\n{many}'))

    assert counts(job) == (15_000, 0, 1)
    assert bad(job) == [("", 2, "opens a quote that isn't closed within 1,024 KiB")]


def test_a_file_full_of_open_quotes_is_refused_before_it_takes_quadratic_time(tmp_path: Path):
    line = '"' + 'x""' * 300 + "\n"  # opens where it stands alone, and goes on where it stands in quotes

    entries, seconds, _ = measured(wrote(tmp_path, "x.csv", "text\n" + line * 10_000))

    assert entries[-1].startswith("'x.csv' has more than 100 rows with quotes that aren't closed")
    assert seconds < 20


def measured(path: Path) -> tuple[list[str], float, int]:
    """Read a file to its end; return what was wrong, how long it took, and the most memory it held."""
    problems: deque[str] = deque(maxlen=3)
    tracemalloc.start()
    start = time.process_time()
    try:
        with Source(path.name, path=path) as source:
            for entry in formats.of(path.name, is_folder=path.is_dir()).read(source):
                if isinstance(entry, Bad):
                    problems.append(entry.reason)
    except Refused as refusal:
        problems.append(str(refusal))
    seconds = time.process_time() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return list(problems), seconds, peak


LONG: dict[str, Callable[[], Iterator[bytes]]] = {
    "line.jsonl": lambda: (b"x" * 2**20 for _ in range(40)),
    "line.csv": lambda: (b"x" * 2**20 for _ in range(40)),
    "text.json": lambda: iter([b'[{"t":"', *(b"x" * 2**20 for _ in range(40)), b'"}]']),
    "quotes.csv": lambda: iter([b"t\n", *(b'"""\n' * 2**15 for _ in range(2))]),
    "brackets.json": lambda: iter([b"[", b"[" * 2**18, b"]" * 2**18]),
    "commas.json": lambda: iter([b"[", b"x," * 2**16]),
    "key.json": lambda: iter([b'{"', *(b"x" * 2**20 for _ in range(20))]),
    "blanks.json": lambda: iter([b"[", *(b" " * 2**20 for _ in range(40))]),
    "backslashes.json": lambda: iter([b'["', b"\\" * 2**20]),
    "small.csv": lambda: iter([b"t\n", b"x\n" * 2**16]),
}


@pytest.mark.parametrize("name", LONG)
def test_no_file_takes_more_memory_than_a_few_rows_or_more_time_than_its_length(tmp_path: Path, name: str):
    path = tmp_path / name
    with path.open("wb") as file:
        file.writelines(LONG[name]())

    _, seconds, peak = measured(path)

    assert peak < 10 * limits.MIB
    assert seconds < 30


# Archives


def refused_in(folder: Path, path: Path) -> dict[str, str]:
    """Import an archive that holds one good picture; return what was refused in it."""
    job = imported(path)
    assert (job.state, job.problem) == ("done", "")
    assert [data for _, data in rows(job.dataset)] == [{"image": {"media": "good.png"}}]
    return {file: reason for file, _, reason in bad(job)}


def test_names_that_lead_elsewhere_are_refused(tmp_path: Path):
    names = ["../up.png", "a/../../up.png", "/etc/cat.png", "C:/cat.png", "a\\b.png", "tab\t.png", "n" * 401 + ".png"]

    found = refused_in(tmp_path, zipped(tmp_path, {name: picture() for name in [*names, "good.png"]}))

    assert list(found.values()) == [found[name[:400]] for name in sorted(names)]
    assert found["../up.png"] == found["a/../../up.png"] == "leads out of the archive by '..'"
    assert found["/etc/cat.png"] == found["C:/cat.png"] == "has an absolute name"
    assert "backslash" in found["a\\b.png"]
    assert "U+0009" in found["tab\t.png"]
    assert "405 characters" in found["n" * 400]


def test_links_encrypted_and_oddly_packed_entries_are_refused(tmp_path: Path):
    path = zipped(tmp_path, {"good.png": picture()})
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("lzma.png", picture(), zipfile.ZIP_LZMA)
        archive.writestr("bzip2.png", picture(), zipfile.ZIP_BZIP2)
        archive.writestr("secret.png", picture())
    raw = bytearray(path.read_bytes())
    entry = raw.rindex(b"PK\x01\x02")
    raw[entry + 8] |= 1
    path.write_bytes(raw)

    found = refused_in(tmp_path, path)

    assert found["link.png"] == "is a symbolic link"
    assert found["secret.png"] == "is encrypted"
    assert "only 'stored' and 'deflated' are" in found["lzma.png"]
    assert "only 'stored' and 'deflated' are" in found["bzip2.png"]


def test_a_damaged_entry_is_refused_and_the_others_are_taken(tmp_path: Path):
    path = zipped(tmp_path, {"bad.png": picture(size=(64, 64)) + os.urandom(5000), "good.png": picture()})
    raw = bytearray(path.read_bytes())
    raw[1000:1010] = bytes(10)
    path.write_bytes(raw)

    assert refused_in(tmp_path, path)["bad.png"].startswith("is damaged: ")


def test_a_bomb_in_media_is_refused_after_a_bounded_number_of_bytes(tmp_path: Path):
    zeros = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(100 * limits.MIB)
    path = zipped(tmp_path, {"good.png": picture(), "z.webm": zeros})

    job = imported(path)

    assert job.state == "failed"
    assert job.problem == "'media.zip' inflates to more than 200 times its size, as only a ZIP bomb does"
    assert [external_id for external_id, _ in rows(job.dataset)] == ["good.png"]


def test_a_bomb_in_the_list_of_items_is_refused(tmp_path: Path):
    path = zipped(tmp_path, {"items.csv": b"text\n" + (b"x" * 102_399 + b"\n") * 1000})

    job = imported(path)

    assert "as only a ZIP bomb does" in job.problem


def test_entries_that_share_their_bytes_count_each_time(tmp_path: Path):
    """David Fifield's bomb: many names for the same packed bytes, so that no entry's own ratio is high."""
    path = zipped(tmp_path, {"a.webm": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(30 * limits.MIB)})
    raw = path.read_bytes()
    start = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry = raw[start:end]
    ending = bytearray(raw[end:])
    struct.pack_into("<HHI", ending, 8, 6, 6, len(entry) * 6)
    path.write_bytes(raw[:start] + entry * 6 + ending)

    job = imported(path)

    # Some Pythons refuse entries that overlap by themselves: then the first one is all that comes in.
    refused_by_python = job.state == "done" and counts(job) == (1, 0, 5)
    assert refused_by_python or "as only a ZIP bomb does" in job.problem


def test_a_table_of_contents_that_would_fill_the_memory_is_refused_unread(tmp_path: Path):
    path = zipped(tmp_path, {"a.png": picture()})
    raw = path.read_bytes()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    ending = bytearray(raw[end:])
    entries = 250_000
    struct.pack_into("<I", ending, 12, (end - start) * entries)
    path.write_bytes(raw[:start] + raw[start:end] * entries + ending)

    [problem], _, peak = measured(path)

    assert problem == "'media.zip' holds more than 200,000 files; import it in parts"
    assert peak < 2 * limits.MAX_DIRECTORY_BYTES


def test_a_folder_with_links_pipes_and_strange_names_gives_only_what_is_a_file(tmp_path: Path):
    folder = tmp_path / "media"
    wrote(folder, "good.png", picture())
    (tmp_path / "secret").write_bytes(picture())
    (folder / "link.png").symlink_to(tmp_path / "secret")
    (folder / "outside").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.png")
    (folder / "\udcff.png").write_bytes(picture())

    found = refused_in(tmp_path, folder)

    assert found["link.png"] == found["outside"] == "is a symbolic link"
    assert found["pipe.png"] == "is not a regular file"
    assert found["\\udcff.png"] == "has the character U+DCFF in its name"


def test_a_device_is_no_file_to_import(tmp_path: Path):
    os.mkfifo(tmp_path / "x.csv")

    job = services.run_import(services.start_import(DatasetFactory(), path=tmp_path / "x.csv").pk)

    assert (job.state, job.problem) == ("failed", "'x.csv' is not a regular file")
