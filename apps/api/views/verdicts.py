"""Verdicts by people: on pages that a rule put before them, and on disputes."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import one, organization
from apps.api.paging import choice, flag, text, uid
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.books import RejectionPolicyIn, RejectionPolicyOut
from apps.api.wire.work import DecideDisputeIn, DecideIn, DisputeOut, ReviewOut
from apps.core.states import IllegalMove
from apps.pipeline import flow
from apps.quality import services as quality
from apps.quality.models import Dispute, RejectionPolicy, Review


class Reviews(Endpoint):
    @verb(
        "List reviews",
        lists=ReviewOut,
        filters={
            "campaign": uid("assignment__campaign"),
            "worker": uid("assignment__worker"),
            "assignment": uid("assignment"),
            "proposal": choice("proposal", Review.Verdict.values),
            "verdict": choice("verdict", Review.Verdict.values),
            "undecided": flag("decided_at__isnull"),
        },
    )
    def get(self, request: Request) -> QuerySet[Review]:
        return reviews(self.caller)


class OneReview(Endpoint):
    @verb("Show a review", gives=ReviewOut)
    def get(self, request: Request, review_id: int) -> Review:
        return one(reviews(self.caller), pk=review_id)


class Decide(Endpoint):
    @verb("Approve or reject a page; a rejection says why", takes=DecideIn, gives=ReviewOut)
    def post(self, request: Request, review_id: int, given: dict[str, Any]) -> Review:
        return flow.decide(one(reviews(self.caller), pk=review_id), by=self.caller.user, **given)


class TakeBack(Endpoint):
    @verb("Take back what was asked for and has not taken effect", takes=Empty, gives=ReviewOut)
    def post(self, request: Request, review_id: int, given: dict[str, Any]) -> Review:
        review = one(reviews(self.caller), pk=review_id)
        if not flow.take_back(review, by=self.caller.user):
            raise IllegalMove(
                "nothing was asked for that could be taken back: the page is decided, or waits",
                field="review.asked", found=review.asked, wanted=["approve", "reject"],
            )  # fmt: skip
        review.refresh_from_db()
        return review


class Disputes(Endpoint):
    @verb(
        "List disputes",
        lists=DisputeOut,
        filters={
            "campaign": uid("assignment__campaign"),
            "outcome": choice("outcome", Dispute.Outcome.values),
            "undecided": flag("decided_at__isnull"),
        },
    )
    def get(self, request: Request) -> QuerySet[Dispute]:
        return disputes(self.caller)


class OneDispute(Endpoint):
    @verb("Show a dispute", gives=DisputeOut)
    def get(self, request: Request, dispute_id: int) -> Dispute:
        return one(disputes(self.caller), pk=dispute_id)


class DecideDispute(Endpoint):
    @verb("Uphold a rejection or overturn it, as somebody else", takes=DecideDisputeIn, gives=DisputeOut)
    def post(self, request: Request, dispute_id: int, given: dict[str, Any]) -> Dispute:
        return flow.decide_dispute(one(disputes(self.caller), pk=dispute_id), by=self.caller.user, **given)


class RejectionPolicies(Endpoint):
    @verb("List from which amount on two people reject", lists=RejectionPolicyOut, filters={
          "currency": text("currency")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[RejectionPolicy]:
        return limits(self.caller)

    @verb("Set from which amount on two people reject", takes=RejectionPolicyIn, gives=RejectionPolicyOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> RejectionPolicy:
        return quality.set_rejection_limit(organization(self.caller), by=self.caller.user, **given)


class OneRejectionPolicy(Endpoint):
    @verb("Let one person alone reject again", status=204)
    def delete(self, request: Request, limit_id: int) -> None:
        quality.forget_rejection_limit(one(limits(self.caller), pk=limit_id), by=self.caller.user)


def limits(caller: Caller) -> QuerySet[RejectionPolicy]:
    return RejectionPolicy.objects.filter(organization=caller.organization)


def reviews(caller: Caller) -> QuerySet[Review]:
    return Review.objects.filter(assignment__organization=caller.organization).select_related("assignment__campaign")


def disputes(caller: Caller) -> QuerySet[Dispute]:
    return Dispute.objects.filter(assignment__organization=caller.organization).select_related("assignment__campaign")
