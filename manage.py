#!/usr/bin/env python3
"""Django's command line for labelcrowd: `./manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415  # says how to set up, if it is missing
    except ImportError as missing:
        raise SystemExit(f"{missing}: run `make env` first, then .venv/bin/python manage.py") from missing
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
