"""Outside markets: what they offer for us and who took it there, their books against ours, and what a person decides
where both can't be brought together."""

import io
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import campaigns, one, organization, waiting
from apps.api.paging import choice, flag, text, uid
from apps.api.problems import CONTENT_TYPE, Conflict, not_asked
from apps.api.verbs import verb
from apps.api.wire.base import Empty, ProblemOut
from apps.api.wire.campaigns import CampaignOut
from apps.api.wire.markets import (
    ClaimOut,
    CompareIn,
    DecisionIn,
    PublicationOut,
    PursesOut,
    ReconciliationOut,
    TakeOffIn,
    UnpaidIn,
)
from apps.campaigns.models import Campaign
from apps.channels.base import ChannelError
from apps.channels.models import Claim, Publication, Reconciliation
from apps.pipeline import flow, market_again, market_decisions, market_orphans, market_purses
from apps.reports.payments.market_file import write_reconciliation


class StopOutside(Endpoint):
    @verb("Stop a campaign and clean up at its market; may be asked again", takes=Empty, gives=CampaignOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        return flow.stop_outside(one(campaigns(self.caller), pk=campaign_id), by=self.caller.user)


class Publications(Endpoint):
    @verb("List offers at outside markets", lists=PublicationOut, filters={
          "campaign": uid("campaign"), "name": text("name"),
          "state": choice("state", Publication.State.values)})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Publication]:
        return publications(self.caller)


class OnePublication(Endpoint):
    @verb("Show an offer", gives=PublicationOut)
    def get(self, request: Request, publication_id: UUID) -> Publication:
        return one(publications(self.caller), pk=publication_id)


class Accept(Endpoint):
    def ask(self, request: Request, publication_id: UUID, given: dict[str, Any]) -> None:
        market_decisions.ask_of_offer(one(publications(self.caller), pk=publication_id), **given)

    @verb("Take for settled what both sides have of an offer", takes=DecisionIn, gives=PublicationOut, asks=ask)
    def post(self, request: Request, publication_id: UUID, given: dict[str, Any]) -> Publication:
        market_decisions.accept_asked(one(publications(self.caller), pk=publication_id), by=self.caller.user, **given)
        return one(publications(self.caller), pk=publication_id)


class Claims(Endpoint):
    @verb("List slots that workers took at outside markets", lists=ClaimOut, filters={
          "publication": uid("publication"), "campaign": uid("publication__campaign"), "worker": uid("worker"),
          "state": choice("state", Claim.State.values), "settled": flag("settled"),
          "stuck": flag("stuck")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Claim]:
        return claims(self.caller)


class OneClaim(Endpoint):
    @verb("Show a slot", gives=ClaimOut)
    def get(self, request: Request, claim_id: UUID) -> Claim:
        return one(claims(self.caller), pk=claim_id)


class PayBesides(Endpoint):
    def ask(self, request: Request, claim_id: UUID, given: dict[str, Any]) -> None:
        market_decisions.ask_of_claim(one(claims(self.caller), pk=claim_id), **given)

    @verb("Have a slot that its market won't pay paid besides", takes=UnpaidIn, gives=ClaimOut, asks=ask)
    def post(self, request: Request, claim_id: UUID, given: dict[str, Any]) -> Claim:
        market_decisions.pay_besides_asked(one(claims(self.caller), pk=claim_id), by=self.caller.user, **given)
        return one(claims(self.caller), pk=claim_id)


class BookAsPaid(Endpoint):
    def ask(self, request: Request, claim_id: UUID, given: dict[str, Any]) -> None:
        market_decisions.ask_of_slot(one(claims(self.caller), pk=claim_id), **given)

    @verb("Book that the market paid a slot, as somebody saw", takes=DecisionIn, gives=ClaimOut, asks=ask)
    def post(self, request: Request, claim_id: UUID, given: dict[str, Any]) -> Claim:
        market_decisions.book_as_paid_asked(one(claims(self.caller), pk=claim_id), by=self.caller.user, **given)
        return one(claims(self.caller), pk=claim_id)


class Reconciliations(Endpoint):
    @verb("List comparisons of a market's payments with ours", lists=ReconciliationOut, filters={
          "channel": text("channel"), "open": flag("ended_at__isnull")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Reconciliation]:
        return reconciliations(self.caller)

    @verb("Compare a market's payments with ours, as of now; poll what is returned", takes=CompareIn,
          gives=ReconciliationOut, status=201, or_found=True)  # fmt: skip
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        found = market_again.compare(organization(self.caller), channel=given["channel"], by=self.caller.user)
        if found is None:
            said = f"nothing of yours is offered at {given['channel']}: there is nothing to compare"
            raise Conflict(said, field="publications", found="none", wanted="some at this market")
        row, is_new = found
        return Response(ReconciliationOut(row).data, status=201 if is_new else 200)


class OneReconciliation(Endpoint):
    @verb("Show a comparison", gives=ReconciliationOut)
    def get(self, request: Request, reconciliation_id: int) -> Reconciliation:
        return one(reconciliations(self.caller), pk=reconciliation_id)


class TakeOff(Endpoint):
    def ask(self, request: Request, reconciliation_id: int, given: dict[str, Any]) -> None:
        row = one(reconciliations(self.caller), pk=reconciliation_id)
        try:
            market_orphans.take_off(row, by=self.caller.user, **given)
        except ChannelError as error:
            not_asked(error)

    @verb("Take an offer off the market that nothing here watches", takes=TakeOffIn, gives=ReconciliationOut, asks=ask)
    def post(self, request: Request, reconciliation_id: int, given: dict[str, Any]) -> Reconciliation:
        return one(reconciliations(self.caller), pk=reconciliation_id)


class Purses(Endpoint):
    @verb("Tell what markets hold, and what your open offers there may still cost", gives=PursesOut)
    def get(self, request: Request) -> dict[str, Any]:
        return {"results": market_purses.shown([self.caller.organization])}


class ReconciliationFile(Endpoint):
    @extend_schema(
        summary="Fetch a comparison as CSV: the same bytes every time",
        responses={(200, "text/csv"): OpenApiTypes.BINARY, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request, reconciliation_id: int) -> HttpResponse:
        row = one(reconciliations(self.caller), pk=reconciliation_id)
        if row.ended_at is None:
            raise Http404("this comparison has no file yet: it goes on until every list was read")
        content = io.BytesIO()
        told = write_reconciliation(row, content)
        answer = HttpResponse(content.getvalue(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{row.channel}-{row.made_at:%Y-%m-%dT%H%M%S}.csv"'
        answer["X-SHA256"] = told.sha256
        return answer


def publications(caller: Caller) -> QuerySet[Publication]:
    own = Publication.objects.filter(campaign__organization=caller.organization).select_related("campaign")
    return waiting(own, "publication", caller)


def claims(caller: Caller) -> QuerySet[Claim]:
    own = Claim.objects.filter(publication__campaign__organization=caller.organization)
    stuck = Exists(market_decisions.stuck().filter(pk=OuterRef("pk"), besides=False))
    return waiting(own.annotate(stuck=stuck), "claim", caller)


def reconciliations(caller: Caller) -> QuerySet[Reconciliation]:
    return Reconciliation.objects.filter(organization=caller.organization)
