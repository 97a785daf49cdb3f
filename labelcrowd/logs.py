"""Log lines that tell of which request, campaign and page they are, as JSON for machines or as lines for people.

`structlog.contextvars` carries what was bound around a request or a step into every line of any logger below it.
"""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# What a line must never tell, whoever wrote it: our tokens, whatever comes as a bearer token, AWS' signatures.
SECRET = re.compile(r"(?i)\b(lc_[\w-]{8})[\w-]+|(bearer\s+)[\w.~+/=-]+|(signature=)[0-9a-f]+")
SECRET_NAMES = frozenset({"authorization", "cookie", "password", "secret", "secret_key", "token"})


def without_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out secrets in a line that is about to be written.

    >>> without_secrets(None, "info", {"event": "Authorization: Bearer abc.def", "password": "hunter2"})
    {'event': 'Authorization: Bearer ***', 'password': '***'}
    """
    for name, value in line.items():
        if name.lower() in SECRET_NAMES:
            line[name] = "***"
        elif isinstance(value, str):
            line[name] = SECRET.sub(lambda found: f"{found[1] or found[2] or found[3]}***", value)
    return line


def config(*, level: str, form: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything to stderr; `form` is json or line."""
    before = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    at_last = structlog.processors.JSONRenderer() if form == "json" else _line
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": before,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_secrets,
                    at_last,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        # Refusals (a 404, a 409) are told to who asked; only our own faults belong in the log.
        "loggers": {"django.request": {"level": "ERROR"}},
        "root": {"handlers": ["stderr"], "level": level},
    }


def _line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    at, level, name = line.pop("timestamp"), line.pop("level"), line.pop("logger")
    event, trace = line.pop("event"), line.pop("exception", None)
    around = "".join(f" {key}={value}" for key, value in line.items())
    return f"{at} {level.upper()} {name} {event}{around}" + (f"\n{trace}" if trace else "")
