"""A lint: who retries by hand waits at least a second, and only the motor touches messages."""

import ast
from collections.abc import Iterator

LEAST_MS = 1000
RESENDING = {"enqueue", "send_with_options", "message_with_options"}


def faults(source: str, *, may_send: bool = False) -> Iterator[str]:
    """Say each place where a message might be retried at once, or sent again under its own id."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in RESENDING and not may_send:
            yield f"line {node.lineno}: {name}() is for the motor; a step returns Next"
        for keyword in node.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            at_once = isinstance(value, int) and value < LEAST_MS
            if name == "Retry" and keyword.arg == "delay" and at_once:
                yield f"line {node.lineno}: Retry(delay={value}) may lose the message"
            if keyword.arg == "min_backoff" and at_once:
                yield f"line {node.lineno}: min_backoff={value} is under a second"
