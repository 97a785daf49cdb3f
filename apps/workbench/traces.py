"""Where somebody works, as traces by which two accounts of one person are found (see `workforce.linking`).

Noted once a day and session, when a page is asked for: the hot path stays as it is. Simulated workers share a machine
by their nature, and leave none.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.core import clock
from apps.workforce import linking
from apps.workforce.models import Channel, Trace, Worker

COOKIE = "labelcrowd_browser"
AGE = 180 * 86400
NOTED = "traces_noted"


def leave(request: HttpRequest, worker: Worker) -> str:
    """Note the browser and the range of addresses that the worker works from; return the name of a new browser.

    It is "" for one that has its name already, which is a random one.
    """
    today = clock.now().date().isoformat()
    if worker.channel != Channel.INTERNAL or request.session.get(NOTED) == today:
        return ""
    browser = request.COOKIES.get(COOKIE, "")
    new = "" if 20 <= len(browser) <= 100 else secrets.token_urlsafe(24)
    linking.note(worker, kind=Trace.Kind.DEVICE, value=new or browser)
    if network := linking.range_of(_address(request)):
        linking.note(worker, kind=Trace.Kind.NETWORK, value=network)
    request.session[NOTED] = today
    return new


def name(response: HttpResponse, browser: str) -> HttpResponse:
    """Let a browser that is new keep its name."""
    if browser:
        response.set_cookie(
            COOKIE, browser, max_age=AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


def _address(request: HttpRequest) -> str:
    """Return the address that the request came from, by the word of the proxies that we know to stand before us."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    passed = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
    if proxies and len(passed) >= proxies:
        return str(passed[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))
