"""What the API says of itself: its schema, pages about it, and who a token is."""

from functools import cache
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import rates
from apps.api.base import Endpoint
from apps.api.finding import organization
from apps.api.reading import Group, groups, shapes
from apps.api.verbs import verb
from apps.api.wire.me import MeOut


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
    written: bytes = renderer().render(_schema(), renderer_context={})
    return written


@cache
def _schema() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@extend_schema(exclude=True)
class Docs(APIView):
    """A page about the schema for everybody, under the policy of every other page."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        rates.check_address(request)
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> HttpResponse:
        about = request.GET.get("about", "")
        if about and about not in _groups():
            raise Http404
        return render(request._request, "api/docs.html", {"about": about, "body": _read_by_people(about)})  # noqa: SLF001  # a page of Django's


@cache
def _groups() -> dict[str, Group]:
    return groups(_schema())


@cache
def _read_by_people(about: str) -> SafeString:
    """Return what the page says of all groups together, or of one."""
    if not about:
        return render_to_string("api/contents.html", {"groups": _groups().values()})
    group = _groups()[about]
    return render_to_string("api/operations.html", {"group": group, "shapes": shapes(_schema(), group)})
