"""What the API says of itself: its schema, pages about it, and who a token is."""

from functools import cache
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import rates
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
    """The schema, for everybody: it is the same on every installation, and tells nothing of this one.

    Making it takes a second, so a process makes it once, whoever asks how often.
    """

    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        rates.check_address(request)
        super().initial(request, *args, **kwargs)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        answer = HttpResponse(_written(renderer.media_type), content_type=f"{renderer.media_type}{charset}")
        answer["Content-Disposition"] = f'inline; filename="labelcrowd.{renderer.format}"'
        return answer


@cache
def _written(media_type: str) -> bytes:
    """Return the schema in one of the forms that there are, which are four."""
    forms: Any = Schema.renderer_classes
    renderer = next(each for each in forms if each.media_type == media_type)
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    written: bytes = renderer().render(schema, renderer_context={})
    return written


@extend_schema(exclude=True)
@method_decorator(csp_replace(RELAXED), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """Pages about the schema, from our own files alone."""

    authentication_classes = []
    url_name = "api:schema"
    url_self = None
