"""What workers do: lease a page, hand it in. The API's hot path: each is one domain call and few statements besides."""

from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import showing
from apps.api.base import Endpoint, sent
from apps.api.callers import Caller
from apps.api.problems import Problem
from apps.campaigns.models import Campaign
from apps.core.statements import rows
from apps.pipeline import flow
from apps.work import queries as work_queries
from apps.work import services as work
from apps.workforce import queries as workforce
from apps.workforce.models import Worker


class Assignments(Endpoint):
    def post(self, request: Request, campaign_id: UUID) -> Response:
        """Lease a page, or answer with the one in hand; with `after` (its id), the page behind it."""
        after = _after(request)
        launched = "WHERE t.id = %s AND t.organization_id = %s AND t.launched_at IS NOT NULL"
        found = rows(Campaign, launched, [campaign_id, self.caller.organization])
        if not found:
            raise Http404(f"there is no campaign {campaign_id} for you")
        campaign = found[0]
        page = work.lease(campaign, worker=worker_of(self.caller, channel=campaign.channel), after=after)
        return Response(showing.page(page))


class Submit(Endpoint):
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Hand a page in: {"answers": {token: {"answer": …} or {"skip": "why"} or {"broken": "what"}}}.

        The same again changes nothing and is answered alike.
        """
        answers = sent(request).get("answers")
        if not isinstance(answers, dict):
            raise _field(
                "answers", f"is {answers!r}, it should be an object of places' tokens and what is given for each"
            )
        page = flow.submit(assignment_id, worker=worker_of_page(self.caller, assignment_id), answers=answers)
        return Response(showing.handed_in(page))


def worker_of(caller: Caller, *, channel: str) -> Worker:
    """Return the worker as whom the caller works on a channel; raise `Http404` for who is none."""
    bearer = caller.bearer
    worker = workforce.worker_of(bearer.organization, channel=channel, user=bearer.user, worker=bearer.worker)
    if worker is None:
        raise Http404("you are not a worker there")
    return worker


def worker_of_page(caller: Caller, assignment_id: UUID) -> Worker:
    """Return the worker in whose hands the caller has the page, one statement; raise `Http404` for another's."""
    bearer = caller.bearer
    worker = work_queries.holder(
        assignment_id, organization=bearer.organization, user=bearer.user, worker=bearer.worker
    )
    if worker is None:
        raise Http404("you have no such page")
    return worker


def _after(request: Request) -> UUID | None:
    given = sent(request)
    after = given.get("after", request.query_params.get("after"))
    if unknown := sorted(set(given) - {"after"}):
        raise _field(unknown[0], "is not a field of this request; it may have 'after'")
    if after is None:
        return None
    try:
        return UUID(str(after))
    except ValueError:
        raise _field("after", f"is {after!r}, it should be the id of a page in your hands") from None


def _field(name: str, detail: str) -> Problem:
    return Problem(400, f"{name} {detail}", errors=[{"field": name, "detail": detail}])
