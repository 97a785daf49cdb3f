"""What became of a campaign's items: tasks, pages, judgments and labels."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import campaigns, one
from apps.api.paging import choice, flag, moment, text, uid, whole
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.work import AssignmentOut, ConsensusOut, JudgmentOut, TaskOut, WordIn, WordOut
from apps.pipeline import flow
from apps.quality.models import Adjudication, Consensus
from apps.work.models import Assignment, Judgment, Task

ASSIGNMENT_FILTERS = {
    "state": choice("state", Assignment.State.values),
    "worker": uid("worker"),
    "submitted_since": moment("submitted_at__gte"),
    "submitted_until": moment("submitted_at__lt"),
}


class Tasks(Endpoint):
    @verb(
        "List a campaign's tasks",
        lists=TaskOut,
        filters={
            "external_id": text("item__external_id"),
            "state": choice("state", Task.State.values),
            "gold": flag("gold"),
        },
        orders=("id",),
    )
    def get(self, request: Request, campaign_id: UUID) -> QuerySet[Task]:
        return Task.objects.filter(campaign=one(campaigns(self.caller), pk=campaign_id)).select_related("item")


class PutBack(Endpoint):
    @verb("Offer a task again that was reported as broken", takes=Empty, gives=TaskOut)
    def post(self, request: Request, task_id: int, given: dict[str, Any]) -> Task:
        task = one(own(self.caller), pk=task_id)
        flow.put_back(task, by=self.caller.user)
        task.refresh_from_db()
        return task


class Word(Endpoint):
    @verb("Give a task's label by a person's word; it is asked no more", takes=WordIn, gives=WordOut)
    def put(self, request: Request, task_id: int, given: dict[str, Any]) -> Adjudication:
        return flow.adjudicate(one(own(self.caller), pk=task_id), by=self.caller.user, **given)

    @verb("Take that word back: the label is combined from the workers' answers again", status=204)
    def delete(self, request: Request, task_id: int) -> None:
        flow.withdraw_adjudication(one(own(self.caller), pk=task_id), by=self.caller.user)


def own(caller: Caller) -> QuerySet[Task]:
    return Task.objects.filter(campaign__organization=caller.organization).select_related("item", "campaign")


class Judgments(Endpoint):
    @verb(
        "List a campaign's judgments",
        lists=JudgmentOut,
        filters={
            "external_id": text("task__item__external_id"),
            "task": whole("task"),
            "worker": uid("worker"),
            "counted": flag("counted"),
        },
        orders=("id",),
    )
    def get(self, request: Request, campaign_id: UUID) -> QuerySet[Judgment]:
        own = Judgment.objects.filter(campaign=one(campaigns(self.caller), pk=campaign_id))
        return own.select_related("task__item", "place")


class Labels(Endpoint):
    @verb(
        "List a campaign's consensus, an answer for each task",
        lists=ConsensusOut,
        filters={"external_id": text("task__item__external_id"), "final": flag("final")},
        orders=("task_id",),
    )
    def get(self, request: Request, campaign_id: UUID) -> QuerySet[Consensus]:
        own = Consensus.objects.filter(campaign=one(campaigns(self.caller), pk=campaign_id))
        return own.select_related("task__item")


class Assignments(Endpoint):
    @verb(
        "List assignments, the pages that were handed out",
        lists=AssignmentOut,
        filters={**ASSIGNMENT_FILTERS, "campaign": uid("campaign")},
    )
    def get(self, request: Request) -> QuerySet[Assignment]:
        return Assignment.objects.filter(organization=self.caller.organization)


class OneAssignment(Endpoint):
    @verb("Show an assignment", gives=AssignmentOut)
    def get(self, request: Request, assignment_id: UUID) -> Assignment:
        return one(Assignment.objects.filter(organization=self.caller.organization), pk=assignment_id)
