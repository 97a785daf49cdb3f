"""Django's own middleware, where a machine's request needs none of it.

At the machine's door (`/api/`) no cookie counts, so there is no session, nobody who is signed in by one, and no message
to show: each would be set up for every request and never looked at.
"""

from collections.abc import Awaitable

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

MACHINES = "/api/"


class _PastMachines(MiddlewareMixin):
    """Goes before a middleware, and lets a machine's request past it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if request.path_info.startswith(MACHINES):
            return self.get_response(request)
        return super().__call__(request)


class Sessions(_PastMachines, SessionMiddleware):
    """Whose session it is, on pages."""


class SignedIn(_PastMachines, AuthenticationMiddleware):
    """Who is signed in by a session."""


class Messages(_PastMachines, MessageMiddleware):
    """What the next page is to say."""


class Policies(CSPMiddleware):
    """What a page may load and run. What brings a policy of its own is left as it is: composing one costs more."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "Content-Security-Policy" in response.headers:
            return response
        return super().process_response(request, response)
