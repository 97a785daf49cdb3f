"""What the API says of itself: its schema, pages about it, and who a token is."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.finding import organization
from apps.api.verbs import verb
from apps.api.wire.me import MeOut

# Swagger's page styles its elements from its script; scripts themselves still come from here alone.
RELAXED = {"style-src": [SELF, "'unsafe-inline'"]}


class Me(Endpoint):
    @verb("Tell who the token is", gives=MeOut)
    def get(self, request: Request) -> Response:
        bearer = self.caller.bearer
        of = organization(self.caller)
        return Response(
            {
                "organization": of.slug,
                "organization_name": of.name,
                "user": None if bearer.user is None else str(bearer.user),
                "worker": None if bearer.worker is None else str(bearer.worker),
                "roles": sorted(bearer.roles),
                "scopes": sorted(bearer.scopes),
            }
        )


@extend_schema(exclude=True)
class Schema(SpectacularAPIView):
    """The schema, for everybody: it is the same on every installation, and tells nothing of this one."""

    authentication_classes = []


@extend_schema(exclude=True)
@method_decorator(csp_replace(RELAXED), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """Pages about the schema, from our own files alone."""

    authentication_classes = []
    url_name = "api:schema"
    url_self = None
