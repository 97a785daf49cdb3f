"""Payments and tax years as files: at once where there are few rows, and by a worker where there are many."""

import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.http import FileResponse

from apps.console import written
from apps.console.written import Written
from apps.members.models import Organization, User
from apps.payments import services
from apps.pipeline import flow, operations
from apps.pipeline.models import Operation
from apps.reports import payments
from apps.reports.manifest import beside
from apps.reports.payments import tax
from apps.reports.payments.selection import Selection

MOST_AT_ONCE = 50_000  # rows, about three seconds of a browser's waiting
FORMATS = payments.format_names
VERB = "export_payments"
VERBS = (VERB, operations.TAX_YEAR)


def asked(selection: Selection, *, format_: str) -> dict[str, str]:
    """Return a selection as an address asks for it; `until` is its last day."""
    last = selection.period.until - timedelta(days=1)
    only = {name: str(getattr(selection, name) or "") for name in ("campaign", "worker", "currency", "kind")}
    return {
        "organization": str(selection.organization.pk),
        "since": f"{selection.period.since:%Y-%m-%d}",
        "until": f"{last:%Y-%m-%d}",
        "format": format_,
        **{name: value for name, value in only.items() if value},
    }


def is_long(selection: Selection) -> bool:
    """Return whether there are more rows than a browser should wait for."""
    return selection.obligations()[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE


def now(selection: Selection, *, format_: str, manifest: bool = False) -> FileResponse:
    """Return the file, or the manifest that tells whether that file is whole."""
    name = _name(selection, format_)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        manifested = _write(selection, format_, path)
        wanted = beside(path) if manifest else path
        file = wanted.open("rb")  # stays readable when its name is gone
    response = FileResponse(file, as_attachment=True, filename=wanted.name)
    response["X-SHA256"] = manifested.sha256
    return response


def start(selection: Selection, *, format_: str, by: User) -> Operation:
    """Have a worker write the file."""
    wanted = {
        "format": format_,
        "since": selection.period.since.isoformat(),
        "until": selection.period.until.isoformat(),
        **{
            name: str(value)
            for name in ("campaign", "worker", "currency", "kind")
            if (value := getattr(selection, name))
        },
    }
    subject = f"organization:{selection.organization.pk}"
    return flow.ask_for(selection.organization, verb=VERB, subject=subject, asked=wanted, by=by)


def is_long_year(organization: Organization, *, year: int) -> bool:
    """Return whether more were paid in the year than a browser should wait for."""
    return tax.is_longer(organization, year=year, than=MOST_AT_ONCE)


def start_year(organization: Organization, *, year: int, by: User) -> Operation:
    """Have a worker write the file of a tax year; who asks again while one is written gets that one."""
    subject, under_way = f"organization:{organization.pk}", (Operation.State.WAITING, Operation.State.RUNNING)
    asked_before = Operation.objects.filter(
        organization=organization, verb=operations.TAX_YEAR, asked={"year": year}, state__in=under_way
    )
    if (before := asked_before.first()) is not None:
        return before
    return flow.ask_for(organization, verb=operations.TAX_YEAR, subject=subject, asked={"year": year}, by=by)


def of(organizations: Iterable[Organization]) -> list[Written]:
    """Return the newest long exports of these organizations."""
    rows = Operation.objects.filter(organization__in=organizations, verb__in=VERBS)
    return written.newest(rows, opened_by="admin:payments_obligation_file", name=_asked_name)


def _asked_name(row: Operation) -> str:
    """Return what a file that is still being made will be called, as far as people care."""
    if row.verb == operations.TAX_YEAR:
        return f"{row.asked['year']}, csv"
    since, until = (datetime.fromisoformat(row.asked[name]) for name in ("since", "until"))
    return f"{since:%Y-%m-%d} – {until - timedelta(days=1):%Y-%m-%d}, {row.asked.get('format')}"


def opened(signed: str, *, organizations: Iterable[Organization], by: User, manifest: bool = False) -> FileResponse:
    """Return the file that a signed link opens to a member of its organization, or its manifest; raise `Http404` once
    it is over. Who takes one that names people is written down."""
    row = written.operation_of(signed, verbs=VERBS, organizations=organizations)
    answer = written.served(row, manifest=manifest)
    if row.verb == operations.TAX_YEAR and not manifest:
        services.note_download(row.organization, file=str(row.result["file"]), subject=row.subject, by=by)
    return answer


def _write(selection: Selection, format_: str, path: Path) -> Any:
    only = {name: value for name in ("campaign", "worker", "currency", "kind") if (value := getattr(selection, name))}
    period = selection.period
    return payments.write_payments(
        selection.organization, since=period.since, until=period.until, format=format_, path=path, **only
    )


def _name(selection: Selection, format_: str) -> str:
    last = selection.period.until - timedelta(days=1)
    return f"payments-{selection.organization.slug}-{selection.period.since:%Y-%m-%d}-{last:%Y-%m-%d}.{format_}"
