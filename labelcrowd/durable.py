"""What survives power loss."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have what a file holds, or what a folder's files are called, on the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
