"""What every endpoint has in common."""

from contextlib import ExitStack
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import rates
from apps.api.callers import Caller, caller_of
from apps.api.problems import BadField
from apps.members import trail


class Endpoint(APIView):
    """An address of the API; what is common to all is in the settings (REST_FRAMEWORK). Nothing of it is cached."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]  # the schema tells what OPTIONS would

    @property
    def caller(self) -> Caller:
        return caller_of(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.told:
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
            return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        rates.check_address(request)
        super().initial(request, *args, **kwargs)
        rates.check_caller(request, self.caller)
        self._check_parameters(request)
        bearer = self.caller.bearer
        if bearer.made_by is not None and not bearer.is_own:
            self.told.enter_context(trail.through(token=bearer.token, made_by=bearer.made_by))

    def _check_parameters(self, request: Request) -> None:
        """Refuse query parameters that the schema does not name, or that are given twice, as none is a list.

        A filter with a slip in it would let everything by, and of two one would be left out.
        """
        if not request.query_params:
            return
        known = self._parameters("get" if request.method == "HEAD" else str(request.method).lower())
        for name in request.query_params:
            if name not in known:
                shown = name[:60].encode("ascii", "backslashreplace").decode()
                there_is = f"which has {sorted(known)}" if known else "which has none"
                raise BadField(shown, f"{shown!r} is not a parameter of this address, {there_is}")
            if len(request.query_params.getlist(name)) > 1:
                raise BadField(name, f"{name} is given twice, it should be given once")

    def _parameters(self, verb: str) -> frozenset[str]:
        """Return the query parameters that a verb takes here, as its handler tells the schema."""
        schema = getattr(getattr(self, verb, None), "kwargs", {}).get("schema")
        if schema is None:
            return frozenset()
        told = schema()
        told.view = self
        return frozenset(each.name for each in told.get_override_parameters() if each.location == "query")

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        if getattr(response, "accepted_media_type", "") == "application/json":  # a file has none
            # What is no page gets the strictest policy as it is: composing the pages' own costs more than the rest.
            response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response


def body_of(request: Request) -> bytes:
    """Return what was sent, whole: raise `BadBody` for what was cut off, before anything is done or kept."""
    body: bytes = request._request.body  # noqa: SLF001 - DRF hides it
    return body


def sent(request: Request) -> dict[str, Any]:
    """Return the JSON object that was sent, {} where nothing was."""
    body_of(request)  # one in chunks has a length from then on, without which DRF reads none
    data = request.data
    if data == {} or data is None:
        return {}
    if not isinstance(data, dict):
        raise ParseError(f"the request is a {type(data).__name__}, it should be a JSON object")
    return data
