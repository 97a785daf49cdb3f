"""Django's own middleware, where a machine's request needs none of it.

At the machine's door (`/api/`) no cookie counts, so there is no session, nobody who is signed in by one, and no message
to show: each would be set up for every request and never looked at.
"""

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

MACHINES = "/api/"


class _PastMachines:
    """Goes before a middleware, and lets a machine's request past it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(MACHINES):
            return self.get_response(request)  # type: ignore[attr-defined,no-any-return]
        return super().__call__(request)  # type: ignore[misc,no-any-return]


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
