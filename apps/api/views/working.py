"""What workers do: find a campaign, lease a page, hand it in, or not.

Leasing and handing in are the API's hot path: each is one domain call and few statements besides.
"""

import math
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from structlog.contextvars import bind_contextvars

from apps.api import repeating, showing
from apps.api.base import Endpoint, body_of, sent
from apps.api.callers import Caller
from apps.api.problems import CONTENT_TYPE, BadField, Problem
from apps.api.verbs import query_of, verb
from apps.api.wire.base import Empty, ProblemOut
from apps.api.wire.work import (
    AssignmentOut,
    ChangeIn,
    DisputeIn,
    EarningsPage,
    HandedInOut,
    LeaseIn,
    OffersOut,
    PageOut,
    SubmitIn,
)
from apps.campaigns.models import Campaign
from apps.members import consent
from apps.members.queries import Bearer
from apps.payments import queries as payments
from apps.pipeline import flow
from apps.quality import services as quality
from apps.work import services as work
from apps.work.errors import NotYours, NoWork
from apps.work.models import Assignment
from apps.workforce import queries as workforce
from apps.workforce.models import Worker


class Assignments(Endpoint):
    @extend_schema(
        summary="Lease a page, or get the one in hand again",
        request=LeaseIn,
        parameters=[OpenApiParameter("after", description="As in the body."), repeating.KEY],
        responses={200: PageOut, ("default", CONTENT_TYPE): ProblemOut},
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        """Lease a page, or answer with the one in hand; with `after` (its id), the page behind it."""

        def do() -> Response:
            after = _after(request)
            bearer = self.caller.bearer
            try:
                page = work.lease_to(
                    campaign_id, organization=bearer.organization, user=bearer.user, worker=bearer.worker, after=after
                )
            except NotYours:
                _check_worker(self.caller, campaign_id)  # says what is not there
                raise
            except NoWork as none:
                raise (_terms_waiting(bearer) if none.reason == "terms" else none) from None
            _log_of(page)
            return Response(showing.page(page))

        return repeating.once(request, do, body=body_of(request))


class Submit(Endpoint):
    @extend_schema(
        summary="Hand a page in; the same again changes nothing",
        request=SubmitIn,
        parameters=[repeating.KEY],
        responses={200: HandedInOut, ("default", CONTENT_TYPE): ProblemOut},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        def do() -> Response:
            answers, active = _answers(request), _active_seconds(request)
            bearer = self.caller.bearer
            try:
                page = flow.submit_by(
                    assignment_id,
                    organization=bearer.organization,
                    user=bearer.user,
                    worker=bearer.worker,
                    answers=answers,
                    active_seconds=active,
                )
            except NotYours:
                raise Http404("you have no such page") from None
            _log_of(page)
            return Response(showing.handed_in(page))

        return repeating.once(request, do, body=body_of(request))


class Change(Endpoint):
    @verb("Give other answers for a page, until its review", takes=ChangeIn, gives=HandedInOut)
    def post(self, request: Request, assignment_id: UUID, given: dict[str, Any]) -> Response:
        worker = page_of(self.caller, assignment_id).worker
        return Response(showing.handed_in(flow.change(assignment_id, worker=worker, answers=given["answers"])))


class Page(Endpoint):
    @extend_schema(
        summary="Show a page in hand with its questions",
        responses={200: PageOut, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request, assignment_id: UUID) -> Response:
        check_agreed(self.caller)
        page = page_of(self.caller, assignment_id)
        if page.state != Assignment.State.LEASED:
            raise Http404(f"this page is {page.get_state_display()}, and no longer in your hands")
        return Response(showing.page(page))


class Extend(Endpoint):
    @verb("Get more time for a page", takes=Empty, gives=AssignmentOut)
    def post(self, request: Request, assignment_id: UUID, given: dict[str, Any]) -> Assignment:
        return work.extend(assignment_id, worker=page_of(self.caller, assignment_id).worker)


class GiveBack(Endpoint):
    @verb("Give a page back, so that others get its questions", takes=Empty, gives=AssignmentOut)
    def post(self, request: Request, assignment_id: UUID, given: dict[str, Any]) -> Assignment:
        return work.give_back(assignment_id, worker=page_of(self.caller, assignment_id).worker)


class Show(Endpoint):
    @verb("Start the clock of a page that was fetched ahead", takes=Empty, gives=AssignmentOut)
    def post(self, request: Request, assignment_id: UUID, given: dict[str, Any]) -> Assignment:
        return work.show(assignment_id, worker=page_of(self.caller, assignment_id).worker)


class Release(Endpoint):
    @verb("Give a page back that was fetched ahead and never shown", takes=Empty, gives=AssignmentOut)
    def post(self, request: Request, assignment_id: UUID, given: dict[str, Any]) -> Assignment:
        return work.release_unshown(assignment_id, worker=page_of(self.caller, assignment_id).worker)


class Dispute(Endpoint):
    @verb("Appeal against a rejection", takes=DisputeIn, gives=AssignmentOut, status=201)
    def post(self, request: Request, assignment_id: UUID, given: dict[str, Any]) -> Assignment:
        page = page_of(self.caller, assignment_id)
        quality.dispute(page, worker=page.worker, text=given["text"])
        page.refresh_from_db()
        return page


class Offers(Endpoint):
    @extend_schema(
        summary="List the campaigns that are open to the worker, with their terms",
        responses={200: OffersOut, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request) -> Response:
        check_agreed(self.caller)
        return Response({"results": showing.offers(workers_of(self.caller))})


class Earnings(Endpoint):
    @verb("Tell what the worker earned, by currency", gives=EarningsPage)
    def get(self, request: Request) -> Response:
        return Response({"results": [vars(row) for row in payments.earnings(workers_of(self.caller))]})


def check_agreed(caller: Caller) -> None:
    """Raise `Problem` (403) before the worker agreed to the terms in force, as the workbench asks whoever looks.

    Somebody else's token is asked for its own organization's alone, and can't agree: that is the person's word.
    """
    bearer = caller.bearer
    for user in {worker.user for worker in workers_of(caller) if worker.user is not None}:
        own = workforce.own_organizations(user)
        asked = own if bearer.is_own else own.filter(pk=bearer.organization)
        if consent.not_agreed(user, organizations=asked).exists():
            raise _terms_waiting(bearer)


def _terms_waiting(bearer: Bearer) -> Problem:
    if not bearer.is_own:
        return Problem(403, "there are new terms to agree to: on the worker's own pages, or by a token of their own")
    return Problem(403, "there are new terms to agree to: GET /api/v1/account/agreements, and POST which you agree to")


def workers_of(caller: Caller) -> list[Worker]:
    """Return the workers as whom the caller works in the token's organization."""
    bearer = caller.bearer
    own = Worker.objects.filter(organization=bearer.organization).select_related("user").order_by("created_at")
    return list(own.filter(pk=bearer.worker) if bearer.worker else own.filter(user=bearer.user))


def _check_worker(caller: Caller, campaign_id: UUID) -> None:
    """Raise `Http404` for who sees no such campaign, or is no worker on its channel."""
    bearer = caller.bearer
    campaign = Campaign.objects.filter(pk=campaign_id, organization=bearer.organization, launched_at__isnull=False)
    if (found := campaign.first()) is None:
        raise Http404(f"there is no campaign {campaign_id} for you")
    worker = workforce.worker_of(bearer.organization, channel=found.channel, user=bearer.user, worker=bearer.worker)
    if worker is None or worker.channel != found.channel:
        raise Http404("you are not a worker there")


def page_of(caller: Caller, assignment_id: UUID) -> Assignment:
    """Return a page of the caller's with its worker, one statement; raise `Http404` for another's."""
    bearer = caller.bearer
    page = Assignment.objects.filter(pk=assignment_id, worker__organization=bearer.organization)
    page = page.filter(worker=bearer.worker) if bearer.worker else page.filter(worker__user=bearer.user)
    found = page.select_related("worker", "campaign").first()
    if found is None:
        raise Http404("you have no such page")
    _log_of(found)
    return found


def _log_of(page: Assignment) -> None:
    """Have the request's log lines tell of which page and campaign they are, where the address names one of the two."""
    bind_contextvars(assignment_id=str(page.pk), campaign_id=str(page.campaign_id))


def _after(request: Request) -> UUID | None:
    given = {**query_of(request), **sent(request)}
    _refuse_others(given, "after")
    if (after := given.get("after")) is None:
        return None
    try:
        return UUID(str(after))
    except ValueError:
        raise BadField("after", f"after is {after!r}, it should be the id of a page in your hands") from None


def _answers(request: Request) -> dict[str, Any]:
    given = sent(request)
    _refuse_others(given, "answers", "active_seconds")
    answers = given.get("answers")
    if not isinstance(answers, dict):
        raise BadField("answers", f"answers is {answers!r}, it should be an object: each place's token and its answer")
    return answers


def _active_seconds(request: Request) -> float | None:
    seconds = sent(request).get("active_seconds")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
        said = f"active_seconds is {seconds!r}, it should be a number of seconds, 0 or more"
        raise BadField("active_seconds", said)
    return seconds


def _refuse_others(given: dict[str, Any], *known: str) -> None:
    if unknown := sorted(set(given) - set(known)):
        there_is = " and ".join(repr(name) for name in known)
        raise BadField(unknown[0], f"there is no field {unknown[0]!r} here; there is {there_is}")
