"""What no view of the API answers: addresses that there are not, and faults of ours. Pages have their own."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

from apps.api.problems import CONTENT_TYPE
from labelcrowd.middleware import MACHINES


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such address, to machines in a problem's form (RFC 9457)."""
    if not request.path_info.startswith(MACHINES):
        return defaults.page_not_found(request, exception)
    return _problem(404, f"there is no address {request.path_info[:200]!r} here; /api/v1/schema/ tells which there are")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request asks for what can't be asked, to machines in a problem's form."""
    if request.path_info.startswith(MACHINES):
        return _problem(400, "this request can't be read, or names what can't be asked for; nothing was done")
    if not hasattr(request, "user"):  # before it was told who asks: of the address of another house, for example
        return HttpResponse("this request can't be read\n", status=400, content_type="text/plain; charset=utf-8")
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, to machines in a problem's form."""
    if not request.path_info.startswith(MACHINES):
        return defaults.server_error(request)
    return _problem(500, "something went wrong on our side; it is in the log, and the same request may be sent again")


def _problem(status: int, detail: str) -> HttpResponse:
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
