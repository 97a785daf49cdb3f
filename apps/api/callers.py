"""Who calls: the bearer of a token. Cookies count for nothing here, so no other site's page can call for anybody."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.core import clock
from apps.members import queries as members
from apps.members import services
from apps.members.models import User
from apps.members.queries import Bearer

USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Caller:
    """A bearer, as DRF's `request.user`: of one organization, as a member with roles or as a worker."""

    bearer: Bearer
    is_authenticated = True

    @property
    def organization(self) -> UUID:
        return self.bearer.organization

    @property
    def user(self) -> User:
        """Return the member; one query. A worker's token has none, and no right to what needs one."""
        if self.bearer.user is None:
            raise PermissionDenied("this is a worker's token; it should be a member's")
        return User.objects.get(pk=self.bearer.user)


class BearerAuthentication(BaseAuthentication):
    """Read `Authorization: Bearer …`; say the same to every token that lets nobody in."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        given: str = request.META.get("HTTP_AUTHORIZATION", "")
        if not given:
            return None
        way, _, secret = given.partition(" ")
        if way.lower() != "bearer" or not secret.strip():
            raise AuthenticationFailed("the header Authorization should be 'Bearer' and a token, as in 'Bearer lc_…'")
        found = members.bearer(secret.strip())
        if found is None:
            raise AuthenticationFailed("this token lets nobody in: it is unknown, has ended, or was revoked")
        if found.last_used_at is None or found.last_used_at < clock.now() - USE_NOTED_EVERY:
            services.note_use(found.token)
        return Caller(found), None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="labelcrowd"'


def caller_of(request: Request | HttpRequest) -> Caller:
    """Return who calls; permissions let no stranger come so far."""
    caller = request.user
    if not isinstance(caller, Caller):
        raise AuthenticationFailed("this needs a token")
    return caller
