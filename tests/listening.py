"""Every log line of a run, as it would be written, and which of them tell a secret (S15)."""

import logging
import re

from django.conf import settings

from labelcrowd import logs

SECRETS = (
    re.compile(r"\blc_[\w-]{20,}"),
    re.compile(r"(?i)bearer\s+(?!\*)[\w.~+/=-]{16,}"),
    re.compile(r"(?i)whsec_[\w+/=]{16,}"),
    re.compile(r"(?i)signature=[0-9a-f]{16,}"),
    re.compile(r"/(?:files|frames|slots|preview)/[\w-]{4,}:[\w-]+:[\w-]{20,}"),  # a signed address
    re.compile(r"(?i)\b(password|passwd)\b['\"]?\s*[:=]\s*['\"]?(?!\*)[^\s'\",*]{6,}"),
)


class Ear(logging.Handler):
    """Keeps what is logged since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        given = dict(logs.config(level="INFO", form="json")["formatters"]["structured"])
        self.setFormatter(given.pop("()")(**given))
        self.addFilter(logs.route_for_path)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def heard(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


def telling(lines: list[str]) -> list[str]:
    """Return the lines that tell a secret: a token, a bearer word, a signature, a password, a key of this run."""
    keys = [settings.SECRET_KEY, *settings.VAULT_KEYS]
    return [line for line in lines if any(each.search(line) for each in SECRETS) or any(key in line for key in keys)]
