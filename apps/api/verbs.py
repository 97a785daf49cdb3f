"""What a handler takes and gives, said once: read and checked, done once for a key, and written into the schema.

@verb("Open a dataset", takes=DatasetIn, gives=DatasetOut, status=201)
def post(self, request: Request, given: dict[str, Any]) -> Dataset: ...

@verb("List datasets", lists=DatasetOut, filters={"name": text("name")}, orders=("-id", "name"))
def get(self, request: Request) -> QuerySet[Dataset]: ...
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import paging, repeating
from apps.api.base import body_of, sent
from apps.api.paging import Filter
from apps.api.problems import CONTENT_TYPE
from apps.api.wire.base import In, ProblemOut

Handler = Callable[..., Any]


def verb(
    summary: str,
    *,
    takes: type[In] | None = None,
    gives: type[serializers.Serializer] | None = None,
    lists: type[serializers.Serializer] | None = None,
    status: int = 200,
    filters: Mapping[str, Filter] | None = None,
    orders: Sequence[str] = ("-id",),
    shows_secret: bool = False,
    asks: Handler | None = None,
    or_found: bool = False,
) -> Callable[[Handler], Handler]:
    """Make a handler out of a function that is given what `takes` read, and returns the row that `gives` shows, or the
    rows that `lists` does. A GET of a list is paged, filtered and ordered by what is allowed here and nothing else.
    An answer that `shows_secret` is kept sealed for who repeats the request. `asks` asks others, before a POST and
    outside its transaction: it is called as the handler is, and refuses by raising. `or_found`: what was there before
    is answered with 200.
    """
    narrow = filters or {}

    def decorate(handle: Handler) -> Handler:
        @wraps(handle)
        def run(self: Any, request: Request, **ids: Any) -> Response:
            if lists is not None:
                return _listed(handle(self, request, **ids), request, lists, narrow, orders)

            def given() -> dict[str, Any]:
                return {"given": read(takes, request)} if takes is not None else {}

            def do() -> Response:
                return _shown(handle(self, request, **ids, **given()), gives, status)

            ask = (lambda: asks(self, request, **ids, **given())) if asks is not None else None

            if request.method != "POST":
                return do()
            return repeating.once(request, do, body=body_of(request), seals=shows_secret, asks=ask)

        return extend_schema(
            summary=summary,
            request=takes,
            parameters=_parameters(narrow, orders, is_list=lists is not None, is_post=handle.__name__ == "post"),
            responses=_responses(gives, lists, {status, 200} if or_found else {status}),
        )(run)

    return decorate


def read(takes: type[In], request: Request) -> dict[str, Any]:
    """Return what was sent, checked; raise `ValidationError` with every field that is wrong."""
    serializer = takes(data=sent(request))
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found


def query_of(request: Request) -> dict[str, str]:
    """Return the query parameters; one that was given twice was refused before."""
    return {name: str(request.query_params[name]) for name in request.query_params}


def _listed(rows: Any, request: Request, out: Any, filters: Mapping[str, Filter], orders: Sequence[str]) -> Response:
    given = query_of(request)
    rows = paging.narrowed(rows, given, filters)
    return Response(paging.page(rows, given, orders=orders, show=lambda found: out(found, many=True).data))


def _shown(row: Any, gives: Any, status: int) -> Response:
    if isinstance(row, Response) or gives is None:
        return row if isinstance(row, Response) else Response(status=status)
    return Response(gives(row).data, status=status)


def _responses(gives: Any, lists: Any, statuses: set[int]) -> dict[Any, Any]:
    given = page_of(lists) if lists is not None else gives
    return {
        **dict.fromkeys(statuses, given),
        ("default", CONTENT_TYPE): OpenApiResponse(ProblemOut, "Refused, and why."),
    }


@cache
def page_of(out: Any) -> Any:
    """Return the form of a page of these rows."""
    name = f"{out.__name__.removesuffix('Out')}Page"
    return inline_serializer(name, {"results": out(many=True), "next": serializers.CharField(allow_null=True)})


def _parameters(
    filters: Mapping[str, Filter], orders: Sequence[str], *, is_list: bool, is_post: bool
) -> list[OpenApiParameter]:
    found = [
        OpenApiParameter(name, description=f"Only those: {by.should_be}.", enum=list(by.choices) or None)
        for name, by in filters.items()
    ]
    if is_list:
        found += [
            OpenApiParameter("limit", int, description=f"At most so many, 1 to {paging.MOST}; else {paging.DEFAULT}."),
            OpenApiParameter("cursor", description="`next` of the page before."),
            OpenApiParameter("order", enum=paging.both_ways(orders), description=f"By this; {orders[0]} if left out."),
        ]  # fmt: skip
    if is_post:
        found.append(repeating.KEY)
    return found
