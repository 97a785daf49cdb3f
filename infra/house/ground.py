"""The ground of a house of one's own: a temporary folder and Django set up on it, before any model is imported.

from infra.house import ground
ground.prepare()               # then import what needs the settings
"""

import os
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]


def prepare(*, database: str = "", broker: str = "") -> Path:
    """Set Django up on a new temporary folder; return it. Without `database` (a URL) there is an embedded one in it."""
    folder = Path(tempfile.mkdtemp(prefix="labelcrowd-house-"))
    for name, value in {"DATABASE_URL": database, "BROKER_URL": broker}.items():
        os.environ.pop(name, None)
        if value:
            os.environ[name] = value
    os.environ |= {
        "LABELCROWD_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "labelcrowd.settings",
        "PYTHONPATH": str(ROOT),
    }
    django.setup()
    return folder
