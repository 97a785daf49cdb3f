"""What is installed is pinned by hash, and from wherever the machine gets its packages."""

import re

import pytest
from source import ROOT

LOCKS = ["requirements.lock", "infra/bootstrap/uv.lock", "infra/bootstrap/node.lock"]


def faults(lock: str) -> list[str]:
    """Return what makes a lock's text less than an exact list of files that any index may bring."""
    addresses = re.findall(r"\S*://\S*", lock)
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE).strip())
    loose = [entry.split()[0] for entry in entries if not re.match(r"\S+==\S+", entry)]
    unhashed = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    return addresses + loose + unhashed


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_files_and_names_no_address(lock):
    assert faults((ROOT / lock).read_text()) == []


def test_an_address_a_range_and_a_missing_hash_are_found():
    hashed = " \\\n    --hash=sha256:00\n"
    lock = f"--index-url https://example.org/simple\ngood==1{hashed}loose>=2{hashed}bare==1\n"

    assert set(faults(lock)) == {"https://example.org/simple", "--index-url", "loose>=2", "bare==1"}
