"""Frames beside a form, which show what is typed in it as workers will see it; nothing of it is kept."""

from typing import Any

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

READ = "console/read.html"


def in_frame(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer in the frame beside a form: no other page of the admin is ever shown in one."""
    answer = TemplateResponse(request, template, context)
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # noqa: SLF001  # its API
    return answer


def guidelines(request: HttpRequest, text: str, *, language: str) -> HttpResponse:
    """Answer with guidelines as workers read them."""
    return in_frame(request, READ, {"text": text, "written_in": language})


def typed_guidelines(request: HttpRequest, text: str, *, language: str) -> str:
    """Return the same as a document that stands in the page itself: after a refusal what is typed is nowhere else."""
    return render_to_string(READ, {"text": text, "written_in": language}, request)
