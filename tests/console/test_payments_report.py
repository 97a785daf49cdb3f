"""The payments report: sums, the rows that they come from, and files."""

import csv
import hashlib
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from apps.console import exports
from apps.core import clock
from apps.members import services as services_of_members
from apps.members.models import Role, User
from apps.payments import services
from apps.payments.models import Obligation
from apps.reports.payments.period import month_of
from apps.reports.payments.selection import Selection
from tests import belt
from tests.console.house import client_of
from tests.console.test_money_pages import owing, text
from tests.factories import member

pytestmark = pytest.mark.django_db


def test_a_report_equals_the_books_and_leads_to_the_rows():
    _of, browser = owing(pages=2)
    campaign = Obligation.objects.first().campaign

    report = text(browser.get("/admin/payments/obligation/report/"))
    by_worker = next(link for link in re.findall(r'href="(\?[^"]*by=worker[^"]*)"', unescape(report)))
    inside = unescape(text(browser.get("/admin/payments/obligation/report/" + by_worker)))
    rows_link = re.search(r'href="(/admin/payments/obligation/\?[^"]*worker__id__exact[^"]*)"', inside)
    rows = text(browser.get(rows_link[1]))

    assert "say the same, to the unit" in report
    assert "0.20 USD" in report
    assert campaign.name in report
    assert rows.count("0.10 USD") == 2


@pytest.mark.parametrize(
    ("until", "sentence"), [("2026-11-01", "It is before the first day"), ("9999-12-31", "There is no day after it")]
)
def test_a_report_of_days_that_are_no_period_says_so(until, sentence):
    of, browser = owing()
    asked = f"?organization={of.pk}&since=2026-11-30&until={until}&by=campaign"

    report = browser.get("/admin/payments/obligation/report/" + asked)
    file = browser.get("/admin/payments/obligation/download/" + asked)

    assert sentence in unescape(text(report))
    assert file.status_code == 302


def test_a_report_that_the_books_contradict_says_so_and_gives_no_file():
    of, browser = owing()
    Obligation.objects.create(
        kind="bonus", organization=of, worker=Obligation.objects.get().worker, amount=1, currency="USD",
        reference="by hand", reason="in no book", owed_at=clock.now(),
    )  # fmt: skip

    file = browser.get("/admin/payments/obligation/download/?by=kind", follow=True)

    assert "0.01 more than" in text(file)
    assert "Download as CSV" not in text(file)


def test_a_report_leads_an_officer_of_two_organizations_to_the_rows_of_one():
    of, browser = owing()
    other, _ = owing()
    services_of_members.enrol(User.objects.get(pk=browser.session["_auth_user_id"]), organization=other, role="finance")

    report = unescape(text(browser.get(f"/admin/payments/obligation/report/?organization={of.pk}&by=kind")))
    rows = browser.get(re.search(r'href="(/admin/payments/obligation/\?[^"]*kind__exact[^"]*)"', report)[1])

    assert [row.organization for row in rows.context["cl"].result_list] == [of]


@pytest.mark.parametrize("by", ["campaign", "worker", "kind"])
def test_the_rows_that_a_line_leads_to_sum_to_it_and_name_their_pages(by):
    of, browser = owing(pages=3)
    earlier = Obligation.objects.filter(organization=of).first()
    services.adjust(earlier.worker, amount=-5, currency="USD", reference="r", reason="too much", by=member(of))

    report = browser.get(f"/admin/payments/obligation/report/?organization={of.pk}&by={by}")
    lines = list(report.context["lines"])
    led = [follow(browser, link, line) for line, link in lines]

    assert sum(line.amount for line, _link in lines) == report.context["totals"]["USD"] == 25
    for (line, _link), rows in zip(lines, led, strict=True):
        assert [(one["amount"], one["n"]) for one in rows.context["sums"]] == [(line.amount, line.rows)]
        assert sum(row.amount for row in rows.context["cl"].result_list) == line.amount
        assert f"{line.amount / 100:.2f} USD" in text(rows)
        for row in rows.context["cl"].result_list:
            assert row.assignment_id is None or str(row.assignment_id) in text(rows)


def follow(browser, link: str, line):
    """Return the list that a line of a report leads to, through the workers of a campaign if it has some."""
    if link.startswith("?"):
        inside = browser.get("/admin/payments/obligation/report/" + link)
        [(inner, link)] = inside.context["lines"]
        assert inner.amount == line.amount
    return browser.get(link)


def test_a_report_is_downloaded_as_it_is_shown():
    of, browser = owing(pages=2)
    today = clock.now().date().isoformat()

    file = browser.get(f"/admin/payments/obligation/download/?organization={of.pk}&since={today}&until={today}")

    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert [row["amount"] for row in rows] == ["0.10", "0.10"]


def asked_for(browser, of, way):
    """Ask for this month's rows as the report's link does, or as the form of exports does."""
    today = clock.now().date()
    asked = {"organization": str(of.pk), "since": str(today.replace(day=1)), "until": str(today), "format": "csv"}
    if way == "link":
        return browser.get("/admin/payments/obligation/download/", asked)
    return browser.post("/admin/payments/obligation/export/", asked)


@pytest.mark.parametrize("way", ["link", "form"])
def test_as_many_rows_as_come_at_once_are_a_file_and_one_more_is_a_job(settings, tmp_path, monkeypatch, way):
    settings.EXPORT_ROOT = tmp_path
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 2)
    few, their_browser = owing(pages=2)
    many, browser = owing(pages=3)

    at_once = asked_for(their_browser, few, way)
    later = asked_for(browser, many, way)

    assert len(b"".join(at_once.streaming_content).splitlines()) == 3  # and the head
    assert exports.of([few]) == []
    assert later.url == "/admin/payments/obligation/exports/"
    belt.run()
    [file] = exports.of([many])
    assert len(b"".join(browser.get(file.link).streaming_content).splitlines()) == 4


def test_fifty_thousand_rows_come_at_once_as_shipped_and_as_is_told():
    _of, browser = owing()

    assert exports.MOST_AT_ONCE == 50_000
    assert "more than 50,000 rows are written by a worker" in text(browser.get("/admin/payments/obligation/exports/"))


def test_a_long_export_is_written_by_a_worker_and_fetched_by_a_link_that_ends(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    of, browser = owing(pages=2)
    selection = Selection(of, month_of(clock.now().date()), currency="USD")
    exports.start(selection, format_="csv", by=member(of, Role.FINANCE))
    waiting = text(browser.get("/admin/payments/obligation/exports/"))

    belt.run()
    done = unescape(text(browser.get("/admin/payments/obligation/exports/")))
    link = re.search(r'href="(/admin/payments/obligation/file/\?signed=[^"]*)"', done)[1]

    assert 'hx-trigger="every 2s"' in waiting
    assert b"0.10" in b"".join(browser.get(link).streaming_content)
    assert client_of(owing()[0], Role.FINANCE).get(link).status_code == 404
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert browser.get(link).status_code in (302, 404)  # the session may have ended too


def test_a_long_export_tells_how_far_it_is_while_it_is_written(settings, tmp_path, monkeypatch):
    settings.EXPORT_ROOT = tmp_path
    of, _browser = owing(pages=3)
    selection = Selection(of, month_of(clock.now().date()), currency="USD")
    exports.start(selection, format_="csv", by=member(of, Role.FINANCE))
    monkeypatch.setattr("apps.reports.payments.table.TELL_EVERY", 2)
    seen = []
    monkeypatch.setattr("apps.reports.payments.formats.csv.neutral", lambda cell: (seen.append(far(of)), cell)[1])

    belt.run()

    assert sorted(set(seen)) == [(0, 3), (2, 3)]
    [ended] = exports.of([of])
    assert (ended.done, ended.total, ended.under_way) == (3, 3, False)


def far(of) -> tuple[int, int]:
    """Return how far the only export of an organization is, as its page asks while it is written."""
    [one] = exports.of([of])
    return one.done, one.total


def test_a_long_exports_manifest_comes_by_the_same_link(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    of, browser = owing(pages=2)
    exports.start(Selection(of, month_of(clock.now().date())), format_="json", by=member(of, Role.FINANCE))
    belt.run()
    [one] = exports.of([of])

    file = b"".join(browser.get(one.link).streaming_content)
    manifest = json.loads(b"".join(browser.get(f"{one.link}&manifest=1").streaming_content))

    assert (manifest["rows"], manifest["totals"]) == (2, {"USD": "0.20"})
    assert manifest["sha256"] == hashlib.sha256(file).hexdigest()
    assert manifest["sha256"] in text(browser.get("/admin/payments/obligation/exports/"))


def test_a_report_offers_the_usual_periods_and_each_files_manifest():
    _of, browser = owing(pages=2)

    report = unescape(text(browser.get("/admin/payments/obligation/report/")))
    link = re.search(r'href="([^"]*format=json[^"]*manifest=1)"', report)[1]
    manifest = json.loads(b"".join(browser.get(f"/admin/payments/obligation/{link[3:]}").streaming_content))

    assert all(name in report for name in ("Last month", "This month", "This year"))
    assert (manifest["rows"], manifest["totals"]) == (2, {"USD": "0.20"})
