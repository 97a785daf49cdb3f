"""Secrets that this instance makes for itself at its first start, readable by its owner alone."""

import os
import secrets
import tempfile
from pathlib import Path


def read_or_make(path: Path) -> str:
    """Return the secret kept in `path`, made now if there is none; two first starts at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path)
        try:
            os.link(draft, path)  # fails if another start was faster; never replaces a key in use
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def _draft(path: Path) -> Path:
    """Write a new secret beside `path`, under a name of its own and with mode 0600; whole, should the power fail."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with open(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
