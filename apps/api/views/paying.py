"""Paying a batch by a bank's file, what the bank says became of it, and what is told of it: sums and tax years."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.finding import one, organization
from apps.api.paging import LARGEST
from apps.api.problems import CONTENT_TYPE, BadField
from apps.api.verbs import query_of, verb
from apps.api.views.money import batches
from apps.api.wire.base import ProblemOut
from apps.api.wire.books import (
    BankFormat,
    BegunOut,
    BookedOut,
    ReceiptIn,
    ResultsIn,
    SummedOut,
    TakenOut,
    TaxYearsOut,
)
from apps.api.wire.money import PeriodIn
from apps.core import clock
from apps.payments import services
from apps.payments.models import PayoutBatch
from apps.payments.results import Result
from apps.pipeline import flow
from apps.reports.payments import BooksDiffer, check_books, paying
from apps.reports.payments.period import Period
from apps.reports.payments.selection import GROUPS, Selection, lines
from apps.reports.payments.tax import tax_years

EARLIEST, LATEST = 2000, 9998


class Send(Endpoint):
    @verb("Begin all payouts that a bank's file can pay", takes=BankFormat, gives=BegunOut)
    def post(self, request: Request, batch_id: UUID, given: dict[str, Any]) -> Response:
        batch = one(self._batches(), pk=batch_id)
        return Response({"begun": flow.make_file(batch, format_=given["format"], by=self.caller.user)})

    def _batches(self) -> QuerySet[PayoutBatch]:
        return batches(self.caller).select_related("organization")


class File(Endpoint):
    @extend_schema(
        summary="Fetch the bank's file of a batch: the same bytes every time",
        parameters=[OpenApiParameter("format", required=True, description="As in sepa, paypal, csv.")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponse:
        batch = one(batches(self.caller), pk=batch_id)
        format_ = query_of(request).get("format", "")
        if format_ not in paying.file_formats():
            raise BadField("format", f"format is {format_[:40]!r}, it should be one of {paying.file_formats()}")
        if not batch.payouts.filter(sent_in=format_).exists():
            raise Http404(f"no payout of this batch was sent in a file of {format_}")
        name, content = paying.file_name(batch, format_), paying.write_bank_file(batch, format_=format_)
        services.note_download(organization(self.caller), file=name, subject=f"batch:{batch.pk}", by=self.caller.user)
        answer = HttpResponse(content, content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class Results(Endpoint):
    @verb("Book what the bank says of each payout", takes=ResultsIn, gives=TakenOut)
    def post(self, request: Request, batch_id: UUID, given: dict[str, Any]) -> Response:
        batch = one(batches(self.caller), pk=batch_id)
        told = [Result(number, **row) for number, row in enumerate(given["results"], start=1)]
        return Response(vars(services.take_results(batch, results=told, by=self.caller.user)))


class AllSent(Endpoint):
    @verb("Book every payout that was begun, with one receipt", takes=ReceiptIn, gives=BookedOut)
    def post(self, request: Request, batch_id: UUID, given: dict[str, Any]) -> Response:
        batch = one(batches(self.caller), pk=batch_id)
        return Response({"booked": services.confirm_all(batch, by=self.caller.user, **given)})


class TaxYears(Endpoint):
    @verb("Tell what workers were paid in a calendar year", gives=TaxYearsOut)
    def get(self, request: Request, year: int) -> Response:
        if not EARLIEST <= year <= min(LATEST, LARGEST, clock.now().year):
            raise Http404(f"there is no year {year} in the books")
        of = organization(self.caller)
        found = tax_years(of, year=year)
        services.note_download(of, file=f"tax-{year}", subject=f"organization:{of.pk}", by=self.caller.user)
        return Response({"results": [{**vars(each), "reported": [vars(paid) for paid in each.reported]}
                                     for each in found]})  # fmt: skip


class Summed(Endpoint):
    @extend_schema(
        summary="Tell what was owed in a period, put together",
        parameters=[
            OpenApiParameter("since", OpenApiTypes.DATETIME, required=True),
            OpenApiParameter("until", OpenApiTypes.DATETIME, required=True),
            OpenApiParameter("by", enum=sorted(GROUPS), description="campaign if left out."),
        ],
        responses={200: SummedOut, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request) -> Response:
        given = query_of(request)
        by = given.pop("by", "campaign")
        if by not in GROUPS:
            raise BadField("by", f"by is {by[:40]!r}, it should be one of {sorted(GROUPS)}")
        asked = PeriodIn(data=given)
        asked.is_valid(raise_exception=True)
        selection = Selection(organization(self.caller), Period.of(**asked.validated_data))
        try:
            check_books(selection)
            differs = ""
        except BooksDiffer as error:
            differs = str(error)
        return Response({"results": [vars(line) for line in lines(selection, by=by)], "differs": differs})
