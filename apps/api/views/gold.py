"""Questions with known answers: added, taken away, contested by workers, asked again."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import campaigns, one
from apps.api.paging import flag, text, uid, whole
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.campaigns import AddedOut, ContestOfGoldOut, GoldIn, GoldOut
from apps.campaigns import services
from apps.campaigns.models import Contest, GoldQuestion
from apps.campaigns.spec import Gold
from apps.pipeline import flow
from apps.quality import services as quality


class GoldOfCampaign(Endpoint):
    @verb("List gold questions", lists=GoldOut, filters={
          "item": text("item__external_id"), "teaching": flag("teaching"),
          "suspended": flag("suspended_at__isnull", no=True)})  # fmt: skip
    def get(self, request: Request, campaign_id: UUID) -> QuerySet[GoldQuestion]:
        return gold(self.caller).filter(campaign=one(campaigns(self.caller), pk=campaign_id))

    @verb("Add gold questions", takes=GoldIn, gives=AddedOut, status=201)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Response:
        rows = [Gold(**row) for row in given["rows"]]
        added = flow.add_gold(one(campaigns(self.caller), pk=campaign_id), rows=rows)
        return Response({"added": added}, status=201)


class OneGold(Endpoint):
    @verb("Show a gold question", gives=GoldOut)
    def get(self, request: Request, gold_id: int) -> GoldQuestion:
        return one(gold(self.caller), pk=gold_id)

    @verb("Take a gold question of a draft away", status=204)
    def delete(self, request: Request, gold_id: int) -> None:
        services.drop_gold(one(gold(self.caller), pk=gold_id))


class Reinstate(Endpoint):
    @verb("Ask a contested question again: its answer is right", takes=Empty, gives=GoldOut)
    def post(self, request: Request, gold_id: int, given: dict[str, Any]) -> GoldQuestion:
        row = one(gold(self.caller), pk=gold_id)
        quality.reinstate(row, by=self.caller.user)
        row.refresh_from_db()
        return row


class Contests(Endpoint):
    @verb("List what workers say against known answers", lists=ContestOfGoldOut, filters={
          "campaign": uid("gold__campaign"), "gold": whole("gold"), "worker": uid("worker")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Contest]:
        return Contest.objects.filter(gold__campaign__organization=self.caller.organization)


def gold(caller: Caller) -> QuerySet[GoldQuestion]:
    own = GoldQuestion.objects.filter(campaign__organization=caller.organization)
    return own.select_related("item", "campaign")
