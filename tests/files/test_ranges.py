"""Which part of a file a Range header asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.files import ranges
from apps.files.ranges import Range, Unsatisfiable


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", Range(0, 1)),
        ("bytes=2-", Range(2, 10)),
        ("bytes=2-5", Range(2, 6)),
        ("bytes=2-500", Range(2, 10)),
        ("bytes=-3", Range(7, 10)),
        ("bytes=-500", Range(0, 10)),
        ("BYTES= 2-5 ", Range(2, 6)),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=٣-٥", None),
        ("items=0-1", None),
        ("bytes=" + "9" * 10_000 + "-", None),
    ],
)
def test_one_range_of_bytes_is_read_and_anything_else_means_the_whole(header: str, part: Range | None):
    assert ranges.read(header, size=10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_part_outside_of_the_file_can_not_be_sent(header: str):
    with pytest.raises(Unsatisfiable):
        ranges.read(header, size=10)


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,3}-\d{0,3}", fullmatch=True), st.integers(0, 500))
def test_whatever_is_asked_for_a_part_lies_inside_of_the_file(header: str, size: int):
    try:
        part = ranges.read(header, size=size)
    except Unsatisfiable:
        return

    assert part is None or 0 <= part.start < part.stop <= size
