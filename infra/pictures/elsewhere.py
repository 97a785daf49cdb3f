"""Pages that stand elsewhere than in the workbench: in a requester's or a market's frame, on paper, beside the API."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect

from apps.kinds import names, of
from apps.kinds.framed import FramedKind
from apps.quality import services as quality
from apps.reports.page import write_html
from apps.turkapi import names as turk_names
from apps.turkapi.models import QualificationType
from apps.work import previews
from apps.work import services as work
from infra.pictures.rows import Rows
from infra.pictures.shot import Shot
from tests.running import running
from tests.turkapi.test_qualifying import TEST

REQUESTERS = Path(__file__).parents[2] / "tests/browser/requester.xml"
UNKNOWN = "This page was only shown for a look: take it first, then hand it in."


def shots(rows: Rows) -> list[Shot]:
    """Return the pages, and make the few rows that they alone show."""
    lights = rows.campaigns["lights"]
    framed = _framed(rows)
    asks = f"/mturk/requestqualification?qualificationId={turk_names.written(_qualification(rows).pk)}"
    return [
        Shot("framed", f"/work/pages/{framed}/"),
        Shot("framed-sample", f"/work/{rows.campaigns['framed'].pk}/"),
        Shot("framed-alone", f"/work/pages/{framed}/", act=_alone),
        Shot("slot-handing-over", "/work/slot/", template="workbench/slot_over.html",
             given={"to": "/", "fields": {"assignmentId": "3EXAMPLE7SLOT02"}}, script="slot_over.js"),
        Shot("preview", f"/work/preview/{previews.sign(lights)}/", who=""),
        Shot("preview-over", "/work/preview/forged/", who=""),
        Shot("erased", "/work/erased/", template="workbench/erased.html"),
        Shot("qualification", asks),
        Shot("qualification-test", asks, act=_begun),
        Shot("api", "/api/v1/docs/", who=""),
        Shot("api-groups", "/api/v1/docs/?about=groups", who=""),
        Shot("report", "/work/report/", body=_report(rows)),
    ]  # fmt: skip


def _framed(rows: Rows) -> str:
    """Return the page of a question that is a requester's own document."""
    kind = next(name for name in names() if isinstance(of(name), FramedKind))
    campaign = running(
        kind=kind, settings=of(kind).examples.settings, items=2, page_size=1, redundancy=20, price=5,
        name="Animals, on a page of ours", dataset__organization=rows.organization,
    )  # fmt: skip
    campaign.dataset.items.update(data={"question": REQUESTERS.read_text()})
    rows.campaigns["framed"] = campaign
    return str(work.lease(campaign, worker=rows.worker).pk)


def _qualification(rows: Rows) -> QualificationType:
    return QualificationType.objects.create(
        organization=rows.organization, name="Knows the night", description="Tells which animals sleep by day.",
        test=TEST, test_seconds=600,
    )  # fmt: skip


def _report(rows: Rows) -> str:
    quality.combine(rows.campaigns["signs"], whole=True)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        write_html([rows.campaigns["signs"]], path)
        return path.read_text()


def _alone(page: Page) -> None:
    """Open the requester's document outside its frame, and hand in."""
    page.goto(page.locator("#frame").evaluate("frame => frame.src"))
    page.get_by_label("A cat").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#said")).to_contain_text("Nothing was handed in")


def _begun(page: Page) -> None:
    begin = page.get_by_role("button", name="Begin the test")
    if begin.count():
        begin.click()
    expect(page.locator("#frame")).to_be_visible()
