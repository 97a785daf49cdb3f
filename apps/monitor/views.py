"""The operator's doors: alive, ready, figures."""

from hmac import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from apps.monitor import figures, health


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """Answer without looking at anything: a process that doesn't is to be started again."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether requests can be served here; 503 with what is wrong if not. Strangers aren't told what."""
    ailments = health.ailments()
    told = ailments if _may_know(request) else sorted(ailments)
    return JsonResponse({"ready": not ailments, "problems": told}, status=503 if ailments else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the figures to whoever brings the monitor's token, or anybody on a machine of one's own."""
    if not _may_know(request):
        return HttpResponse(
            "Bring LABELCROWD_METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain"
        )
    return HttpResponse(figures.text(), content_type=CONTENT_TYPE_LATEST)


def _may_know(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if not token:
        return bool(settings.LOOPBACK)  # LoopbackOnlyMiddleware lets nobody else in then
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(given.encode(), token.encode())
