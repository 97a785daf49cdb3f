"""The belt's own book-keeping: steps that were given up, and what is done by the clock."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import one
from apps.api.paging import flag, text
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.operations import ScheduleOut, SchedulesOut, StepOut
from apps.pipeline import flow, watching
from apps.pipeline.models import Delivery, Schedule


class Steps(Endpoint):
    @verb("List steps that were begun and have not ended well", lists=StepOut, filters={
          "step": text("step"), "key": text("key"), "parked": flag("parked_at__isnull", no=True)})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Delivery]:
        return steps(self.caller)


class Unpark(Endpoint):
    @verb("Try a step again that was given up", takes=Empty, gives=StepOut)
    def post(self, request: Request, step_id: int, given: dict[str, Any]) -> Response:
        row = one(steps(self.caller), pk=step_id)
        shown = StepOut(row).data  # before: a step that ends well leaves no row
        flow.unpark(row)
        return Response(shown)


class Schedules(Endpoint):
    @verb("Tell what is done by the clock, and when it was last", gives=SchedulesOut)
    def get(self, request: Request) -> Response:
        return Response({"results": ScheduleOut(Schedule.objects.order_by("name"), many=True).data})


def steps(caller: Caller) -> QuerySet[Delivery]:
    return watching.deliveries_of([caller.organization])
