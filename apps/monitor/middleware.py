"""What a request's log lines tell: which request, which campaign and page, how it ended and how long it took."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from apps.core.ids import new_id

log = logging.getLogger(__name__)

NAMED = re.compile(r"[\w.-]{8,64}")
# The names that routes have for rows which operators look for.
ROWS = ("campaign_id", "assignment_id", "dataset_id", "operation_id")


class LogContextMiddleware:
    """Bind a request's ids to every line that is logged while it is served, and log its end (level INFO).

    A proxy's X-Request-ID is kept when it is a plain word; the answer carries it, so that a user can tell it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if NAMED.fullmatch(given) else new_id().hex
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if log.isEnabledFor(logging.INFO):
                _tell(request, response, time.perf_counter() - began)
            structlog.contextvars.unbind_contextvars(*ROWS)
        response["X-Request-ID"] = request_id
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]) -> None:
        """Bind the rows that the route names."""
        structlog.contextvars.bind_contextvars(**{name: str(kwargs[name]) for name in ROWS if name in kwargs})


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    # The route and not the path: a path may hold a signed address.
    route = request.resolver_match.route if request.resolver_match else "no route"
    log.info("%s %s %s in %.0f ms", request.method, route, response.status_code, seconds * 1000)
