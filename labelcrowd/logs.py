"""Log lines that tell of which request, campaign and page they are, as JSON for machines or as lines for people.

`structlog.contextvars` carries what was bound around a request or a step into every line of any logger below it.
"""

import logging
import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import structlog

# What a line must never tell, whoever wrote it: our tokens, whatever comes as a bearer token, AWS' signatures,
# our webhooks' secrets, passwords in addresses, and what a text itself calls a secret, as a printed dict does.
SECRET = re.compile(
    r"(?i)\b(lc_[\w-]{8})[\w-]+|(bearer\s+)[\w.~+/=-]+|(signature=)[0-9a-f]+|\b(whsec_)[\w+/=-]+"
    r"|(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,200}:)[^\s/@]{1,500}(?=@)"
    r"|(cookie['\"]?\s{0,3}[:=]\s{0,3}(?:b?['\"])?)[^'\"\n]+"
    r"|(authorization['\"]?\s{0,3}[:=]\s{0,3}(?:b?['\"])?(?:(?:basic|bearer|digest|aws4-hmac-sha256)\s+)?)[^\s'\",]+"
    r"|((?:\b(?:access_|refresh_)?token|\bsessionid|password|passwd|secret|secret_key|secret_access_key|api_key)['\"]?\s{0,3}[:=]\s{0,3}(?:b?['\"])?)[^\s'\",]+"
)
# One of these is in all that it finds. Looking for them costs a hundredth, and most of what is written has none.
SIGNS = (
    "lc_", "bearer", "signature=", "whsec_", "://", "cookie", "authorization", "password", "passwd", "secret",
    "api_key", "token", "sessionid",
)  # fmt: skip
SECRET_NAME = re.compile(
    r"(?i)(?:^|[\W_])(?:authorization|cookie|passwords?|passwd|secrets?|secret_key|secret_access_key|api_key|token)$"
)
DEEPEST = 8  # what lies deeper in what is logged is written as text


def without_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out secrets in a line that is about to be written, however deep they lie.

    >>> without_secrets(None, "info", {"event": "Authorization: Bearer abc.def", "password": "hunter2"})
    {'event': 'Authorization: Bearer ***', 'password': '***'}
    >>> without_secrets(None, "info", {"given": [{"new_password": "hunter2"}, ValueError("whsec_c2VjcmV0")]})
    {'given': [{'new_password': '***'}, "ValueError('whsec_***')"]}
    """
    line.update({name: _blotted_value(str(name), value, depth=0) for name, value in line.items()})
    return line


@lru_cache(maxsize=1000)
def _names_a_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _blotted_value(name: str, value: Any, *, depth: int) -> Any:
    if _names_a_secret(name):
        return "***"
    if isinstance(value, str):
        return blotted(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {blotted(str(key)): _blotted_value(str(key), each, depth=depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < DEEPEST:
        return [_blotted_value("", each, depth=depth + 1) for each in value]
    return blotted(repr(value) if isinstance(value, BaseException) else str(value))


def blotted(text: str) -> str:
    """Return a text without its secrets.

    >>> blotted("amqp://user:hunter2@host and whsec_c2VjcmV0")
    'amqp://user:***@host and whsec_***'
    >>> blotted("{'email': 'a@x.org', 'password': 'hunter2'}")
    "{'email': 'a@x.org', 'password': '***'}"
    """
    lower = text.lower()
    if not any([sign in lower for sign in SIGNS]):
        return text
    return SECRET.sub(lambda found: f"{found[found.lastindex or 0]}***", text)


def route_for_path(record: logging.LogRecord) -> bool:
    """Let a line about a request tell its route: a path may be a signed address, or hold the key to a new password.

    Django's own lines, of faults and of refusals, tell the path.
    """
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if path and isinstance(record.args, tuple):
        found = getattr(request, "resolver_match", None)
        route = f"/{found.route}" if found else "an address without a route"
        record.args = tuple(route if each == path else each for each in record.args)
    return True


def not_slow(record: logging.LogRecord) -> bool:
    """Leave out requests that were sent away as slow: `labelcrowd.bodies` tells of all of them in a line."""
    fault = getattr(getattr(getattr(record, "request", None), "incoming", None), "raised", None)
    return getattr(fault, "status", None) != 503


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
        "filters": {"route_for_path": {"()": lambda: route_for_path}, "not_slow": {"()": lambda: not_slow}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured", "filters": ["route_for_path"]}
        },
        # Refusals (a 404, a 409) are told to who asked; only our own faults belong in the log.
        "loggers": {
            "django.request": {"level": "ERROR", "filters": ["not_slow"]},
            # At INFO it tells each whole address that it asks: of a webhook the path may be its secret.
            **{name: {"level": "WARNING"} for name in ("httpx", "httpcore")},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }


def _line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    at, level, name = line.pop("timestamp"), line.pop("level"), line.pop("logger")
    event, trace = line.pop("event"), line.pop("exception", None)
    around = "".join(f" {key}={value}" for key, value in line.items())
    return f"{at} {level.upper()} {name} {event}{around}" + (f"\n{trace}" if trace else "")
