"""What a model suggests: who sees it, how good it is, and what seeing it does."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.finding import campaigns, one
from apps.api.verbs import verb
from apps.api.wire.campaigns import CampaignOut
from apps.api.wire.suggestions import SuggestionsIn, SuggestionsOut
from apps.campaigns.models import Campaign
from apps.pipeline import flow
from apps.reports.suggested import suggested

MEASURED = ("unseen", "seen", "pull", "labels")


class Suggestions(Endpoint):
    @verb("Tell how good what a model suggests is, and what seeing it does", gives=SuggestionsOut)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        found = suggested(campaign)
        return Response(
            SuggestionsOut(
                {
                    "suggested_to": campaign.suggested_to,
                    "suggestion_withheld": campaign.suggestion_withheld,
                    "model": campaign.suggestion_model,
                    **{name: getattr(found, name, None) for name in MEASURED},
                }
            ).data
        )

    @verb("Change who sees what a model suggests, from now on", takes=SuggestionsIn, gives=CampaignOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        withheld = given.get("suggestion_withheld", campaign.suggestion_withheld)
        asked = {"to": given["suggested_to"], "withheld": withheld, "reason": given["reason"]}
        return flow.change_suggestions(campaign, by=self.caller.user, **asked)
