"""Writes campaigns as one page of HTML that needs nothing else: no script, no request, no font."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from django.template.loader import render_to_string

from apps.campaigns.models import Campaign
from apps.reports.chapter import Chapter
from apps.reports.portrait import portrait
from apps.reports.sinks import Sink, whole_file
from apps.reports.snapshot import snapshot
from apps.reports.truth import Truth

_STYLES = Path(__file__).with_name("templates") / "reports"


def write_html(
    campaigns: Iterable[Campaign], path: Path | str, truth: Mapping[UUID, Truth] | None = None, *, title: str = ""
) -> str:
    """Write one page about these campaigns, in their order, and return its SHA-256. The same rows give the same page.

    `truth` holds what is known to be true for some of them, by campaign id: raw answers by the items' external ids.
    """
    truth = truth or {}
    with snapshot():
        chapters = [Chapter(portrait(campaign, truth.get(campaign.pk))) for campaign in campaigns]
    page = render_to_string(
        "reports/page.html",
        {
            "title": title or (chapters[0].campaign.name if len(chapters) == 1 else "What the crowd found"),
            "chapters": chapters,
            "style": style("page.css") + style("charts.css"),
        },
    )
    with whole_file(Path(path)) as stream:
        sink = Sink(stream)
        sink.write(page.encode())
    return sink.sha256


def style(name: str) -> str:
    """Return a style sheet of the page, to stand in it."""
    return (_STYLES / name).read_text("utf-8")
