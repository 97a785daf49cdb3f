"""Numbers too large for their column are refused, as PostgreSQL refuses them when it reads them.

Django says of each parameter how many bytes its column has, and psycopg's compiled code sends just so many: of
3,000,000,000 it kept the lower half, -1,294,967,296, and nobody was told. Here each number is looked at.
"""

from typing import Any

from psycopg import adapters, errors
from psycopg.types.numeric import Int2, Int2BinaryDumper, Int4, Int4BinaryDumper, Int8, Int8BinaryDumper


def refuse_what_does_not_fit() -> None:
    """Have every connection of this process refuse such numbers from now on."""
    for number, written in ((Int2, _Int2), (Int4, _Int4), (Int8, _Int8)):
        adapters.register_dumper(number, written)


def _checked(value: int, bytes_of_it: int) -> int:
    """Return a number that fits; raise what the server would.

    >>> _checked(2**31 - 1, 4)
    2147483647
    >>> _checked(2**31, 4)
    Traceback (most recent call last):
    psycopg.errors.NumericValueOutOfRange: 2147483648 is too large for a column of 4 bytes
    """
    most = 1 << (8 * bytes_of_it - 1)
    if -most <= value < most:
        return value
    raise errors.NumericValueOutOfRange(
        f"{value} is too {'large' if value > 0 else 'small'} for a column of {bytes_of_it} bytes"
    )


class _Int2(Int2BinaryDumper):
    def dump(self, obj: Any) -> Any:
        return super().dump(_checked(obj, 2))


class _Int4(Int4BinaryDumper):
    def dump(self, obj: Any) -> Any:
        return super().dump(_checked(obj, 4))


class _Int8(Int8BinaryDumper):
    def dump(self, obj: Any) -> Any:
        return super().dump(_checked(obj, 8))
