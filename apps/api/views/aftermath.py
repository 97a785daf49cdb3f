"""What comes after a page, for its worker: the verdict, what teaching questions taught, and answering back."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.paging import choice, uid
from apps.api.verbs import verb
from apps.api.views.working import page_of, workers_of
from apps.api.wire.account import ContestIn, ContestOut, OutcomeOut
from apps.api.wire.work import AssignmentOut
from apps.payments.queries import HANDED_IN
from apps.quality import lessons as told
from apps.quality import services as quality
from apps.quality.models import Dispute, Review
from apps.work.given import Given, given_on
from apps.work.models import Assignment


class OwnPages(Endpoint):
    @verb("List the worker's own pages", lists=AssignmentOut, filters={
          "state": choice("state", Assignment.State.values), "campaign": uid("campaign")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Assignment]:
        return Assignment.objects.filter(worker__in=workers_of(self.caller))


class Outcome(Endpoint):
    @verb("Tell what became of a page, and what it taught", gives=OutcomeOut)
    def get(self, request: Request, assignment_id: UUID) -> Response:
        return Response(_outcome(page_of(self.caller, assignment_id)))


class Contest(Endpoint):
    @verb("Say that a known answer, which one was told, is wrong", takes=ContestIn, gives=ContestOut, status=201)
    def post(self, request: Request, assignment_id: UUID, given: dict[str, Any]) -> Response:
        page = page_of(self.caller, assignment_id)
        made = quality.contest(given["gold"], page=page, worker=page.worker, text=given["text"])
        shown = {"gold": made.gold_id, "text": made.text, "created_at": made.created_at}
        return Response(ContestOut(shown).data, status=201)


def _outcome(page: Assignment) -> dict[str, Any]:
    handed_in = page.state in HANDED_IN
    review = Review.objects.filter(assignment=page).first() if handed_in else None
    dispute = Dispute.objects.filter(assignment=page).first() if handed_in else None
    rejected = page.state == Assignment.State.REJECTED
    return {
        "id": str(page.pk),
        "campaign": str(page.campaign_id),
        "state": page.state,
        "pay": page.pay,
        "currency": page.currency,
        "changeable_until": page.review_after if page.state == Assignment.State.SUBMITTED else None,
        "reason": review.reason if review is not None and rejected else "",
        "disputable_until": page.disputable_until if rejected else None,
        "dispute": "" if dispute is None else dispute.outcome or "open",
        "dispute_reason": "" if dispute is None else dispute.reason,
        "answers": [_given(one) for one in given_on([page])[page.pk]] if handed_in else [],
        "lessons": [_lesson(lesson) for lesson in told.lessons(page)],
        "result": _result(page) if handed_in and not page.campaign.is_work else None,
    }


def _given(one: Given) -> dict[str, Any]:
    return {"token": one.token, "state": one.state, "answer": one.answer, "note": one.note}


def _lesson(lesson: told.Lesson) -> dict[str, Any]:
    return {
        "gold": lesson.gold.pk,
        "position": lesson.position,
        "answer": lesson.answer,
        "right": lesson.is_right,
        "answers": lesson.gold.answers,
        "reason": lesson.gold.reason,
        "contested": lesson.contest is not None,
    }


def _result(page: Assignment) -> dict[str, Any] | None:
    found = told.result(page.worker, campaign=page.campaign)
    if not found.is_complete:
        return None
    return {
        "right": found.right,
        "questions": found.questions,
        "share": found.share,
        "pass_share": found.pass_share,
        "passed": found.is_passed,
    }
