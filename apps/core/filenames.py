"""Names of files that people are given."""

from django.utils.text import get_valid_filename

LONGEST_STEM = 150  # bytes: systems take 255, and what is beside a file or not yet whole has a longer name


def file_name(stem: str, suffix: str) -> str:
    """Return a name that every system takes, whatever somebody called the thing that is in the file.

    >>> file_name("Cats / dogs, 2026", "jsonl")
    'Cats__dogs_2026.jsonl'
    >>> len(file_name("動" * 100, "csv").encode())
    154
    """
    name = get_valid_filename(f"{stem}.{suffix}")
    kept = name.removesuffix(f".{suffix}").encode()[:LONGEST_STEM].decode(errors="ignore")
    return f"{kept}.{suffix}"
