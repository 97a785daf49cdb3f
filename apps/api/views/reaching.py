"""What an outside market is asked for besides: to have offers again, and to reach or block its people.

The market is asked outside of transactions; repeated with the same Idempotency-Key, it is not asked again.
"""

from typing import Any
from uuid import UUID

from rest_framework.request import Request

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import campaigns, one, workers
from apps.api.problems import Conflict, not_asked
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.markets import BlockOut, DecisionIn, ForgivenOut, MessageIn, MessageOut
from apps.campaigns.models import Campaign
from apps.channels.base import ChannelError
from apps.pipeline import market_again, market_people
from apps.workforce.models import OUTSIDE


class OfferAgain(Endpoint):
    @verb("Have offers made again that a market refused, after somebody mended why", takes=Empty, gives=ForgivenOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> dict[str, int]:
        return {"offers": market_again.offer_again(_outside(self.caller, campaign_id), by=self.caller.user)}


class Notify(Endpoint):
    failed: dict[str, str] = {}

    def ask(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> None:
        campaign = _outside(self.caller, campaign_id)
        try:
            self.failed = market_people.notify(campaign, by=self.caller.user, **given)
        except ChannelError as error:
            not_asked(error)

    @verb("Write once to everybody whose work of a campaign its market has seen", takes=MessageIn, gives=MessageOut,
          asks=ask)  # fmt: skip
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
        return {"failed": [{"worker": name, "problem": why} for name, why in self.failed.items()]}


class Block(Endpoint):
    problem = ""

    def ask(self, request: Request, worker_id: UUID, given: dict[str, Any]) -> None:
        worker = one(workers(self.caller).select_related("organization"), pk=worker_id)
        try:
            market_people.block(worker, by=self.caller.user, **given)
        except market_people.NotBlocked as error:
            self.problem = str(error)

    @verb("Block a worker at their market, who is stopped here already: it leaves a mark on their account",
          takes=DecisionIn, gives=BlockOut, asks=ask)  # fmt: skip
    def post(self, request: Request, worker_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
        return {"blocked": not self.problem, "problem": self.problem}


def _outside(caller: Caller, campaign_id: UUID) -> Campaign:
    campaign = one(campaigns(caller), pk=campaign_id)
    if campaign.channel not in OUTSIDE:
        said = f"campaign {campaign} is offered at no outside market"
        raise Conflict(said, field="campaign.channel", found=campaign.channel, wanted=sorted(OUTSIDE))
    return campaign
