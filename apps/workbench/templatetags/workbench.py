"""Filters of the worker's pages."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core import markdown
from apps.core.languages import language
from apps.core.text import told
from apps.reports.offers import Offer
from apps.work.models import Assignment
from apps.workbench import aftermath, wording
from apps.workbench.held_back import HeldBack, held_back, is_of_this_site

register = template.Library()
register.filter("sentence", wording.sentence)
register.filter("duration", wording.duration)
register.filter("amount", wording.amount)
register.filter("needs", wording.needs)
register.filter("approval_in_short", wording.approval_in_short)
register.filter("language", language)
register.filter("told", told)


@register.filter
def each(offer: Offer) -> str:
    """Write what one question of a full page pays."""
    return wording.share(offer.price, offer.campaign.page_size, offer.campaign.currency)


@register.filter
def from_markdown(text: str, below: int = 1) -> str:
    """Return Markdown as safe HTML, its headings below a heading of that level."""
    return markdown.render(text, below=below)


@register.filter
def written_in(name: str, language: str) -> SafeString:
    """Write a name that a requester gave: said in its own language, where that is known, and in its own direction."""
    return format_html('<bdi lang="{}">{}</bdi>', language, name) if language else format_html("<bdi>{}</bdi>", name)


@register.filter
def percent(share: float) -> str:
    """Write a share in [0, 1] in whole percent."""
    return f"{share:.0%}"


@register.inclusion_tag("workbench/aftermath.html", takes_context=True, name="aftermath")
def show_aftermath(context: dict[str, Any], page: Assignment) -> dict[str, Any]:
    """Show what comes after a page was handed in: changing it, its answers, what it taught, disputes, a result."""
    request: HttpRequest = context["request"]
    return {"request": request, "csrf_token": context.get("csrf_token"), "after": aftermath.of(page), "page": page}


@register.simple_tag(takes_context=True, name="held_back")
def show_held_back(context: dict[str, Any]) -> HeldBack | None:
    """Return what a form without a good token sent, where it is one of ours: it was opened before the last log-in."""
    request: HttpRequest | None = context.get("request")
    return held_back(request) if request is not None and is_of_this_site(request) else None
