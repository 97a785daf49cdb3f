"""Files that a worker writes because they are long: how far each is, and a link that opens one for a while."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.urls import reverse

from apps.members.models import Organization
from apps.pipeline import operations
from apps.pipeline.models import Operation
from apps.reports.manifest import beside

SHOWN = 20
LINK_SECONDS = 3600  # how long a link opens the file
GONE = "This file is kept no longer: export it again."
ENDED = (Operation.State.DONE, Operation.State.FAILED)
_signer = signing.TimestampSigner(salt="console.written")


@dataclass(frozen=True)
class Written:
    """One file; `link` is "" before it is done, and again when it is kept no longer. `total` is 0 while not known."""

    operation: Operation
    name: str
    link: str
    done: int
    total: int

    @property
    def under_way(self) -> bool:
        return self.operation.state not in ENDED


def newest(rows: QuerySet[Operation], *, opened_by: str, name: Callable[[Operation], str]) -> list[Written]:
    """Return the newest of these.

    `opened_by` is the name of the address that opens a signed link; `name` tells one that is still being made.
    """
    return [_of(row, opened_by, name) for row in rows.order_by("-pk")[:SHOWN]]


def _of(row: Operation, opened_by: str, name: Callable[[Operation], str]) -> Written:
    done, total = operations.progress(row)
    link = ""
    if row.state == Operation.State.DONE and operations.file_of(row) is not None:
        link = f"{reverse(opened_by)}?{urlencode({'signed': _signer.sign(row.pk.hex)})}"
    return Written(row, str(row.result.get("file") or name(row)), link, done, total)


def opened(
    signed: str, *, verb: str, organizations: Iterable[Organization | UUID], manifest: bool = False
) -> FileResponse:
    """Return the file that a signed link opens to a member of its organization, or its manifest; raise `Http404` once
    it is over."""
    return served(operation_of(signed, verbs=[verb], organizations=organizations), manifest=manifest)


def operation_of(signed: str, *, verbs: Iterable[str], organizations: Iterable[Organization | UUID]) -> Operation:
    """Return what made the file that a signed link opens; raise `Http404` for others, and once it is over."""
    try:
        pk = UUID(_signer.unsign(signed, max_age=LINK_SECONDS))
    except signing.BadSignature:
        raise Http404("This link has expired: load the page again that showed it.") from None
    row = Operation.objects.filter(pk=pk, verb__in=verbs, organization__in=organizations).first()
    if row is None:
        raise Http404(GONE)
    return row


def served(row: Operation, *, manifest: bool) -> FileResponse:
    """Return the file, or its manifest; raise `Http404` where it is kept no longer."""
    path = operations.file_of(row)
    if path is None:
        raise Http404(GONE)
    wanted = beside(path) if manifest else path
    response = FileResponse(wanted.open("rb"), as_attachment=True, filename=wanted.name)
    response["X-SHA256"] = str(row.result.get("sha256", ""))
    return response
