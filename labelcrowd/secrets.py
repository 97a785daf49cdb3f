"""Secrets that this instance makes for itself at its first start, readable by its owner alone."""

import os
import secrets
from pathlib import Path


def read_or_make(path: Path) -> str:
    """Return the secret kept in `path`, made now if there is none; two first starts at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # fails if another start was faster; never replaces a key in use
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
