"""Campaigns: made from their file, checked, launched, and brought through their life."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.finding import campaigns, one, organization
from apps.api.paging import choice, text, uid
from apps.api.verbs import verb
from apps.api.views.datasets import accepted
from apps.api.wire.base import Empty
from apps.api.wire.campaigns import (
    AddedOut,
    CampaignIn,
    CampaignOut,
    CheckOut,
    CloneIn,
    GoldIn,
    GoldOut,
    GuidelinesIn,
    GuidelinesOut,
    LabelExportIn,
    ProgressOut,
    TermsIn,
    TopUpIn,
)
from apps.api.wire.operations import OperationOut
from apps.campaigns import services, spec
from apps.campaigns.models import Campaign, GoldQuestion, Guidelines
from apps.campaigns.spec import Gold
from apps.core import money
from apps.pipeline import flow, preflight
from apps.reports.progress import progress


class Campaigns(Endpoint):
    @verb(
        "List campaigns",
        lists=CampaignOut,
        filters={"name": text("name"), "state": choice("state", Campaign.State.values), "dataset": uid("dataset")},
        orders=("-id", "name"),
    )
    def get(self, request: Request) -> QuerySet[Campaign]:
        return campaigns(self.caller)

    @verb("Make a campaign, a draft, from its file", takes=CampaignIn, gives=CampaignOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Campaign:
        return services.create(organization(self.caller), spec=spec.read(given), by=self.caller.user)


class OneCampaign(Endpoint):
    @verb("Show a campaign", gives=CampaignOut)
    def get(self, request: Request, campaign_id: UUID) -> Campaign:
        return one(campaigns(self.caller), pk=campaign_id)

    @verb("Change what a draft asks, by its file", takes=CampaignIn, gives=CampaignOut)
    def put(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        return services.revise(one(campaigns(self.caller), pk=campaign_id), spec=spec.read(given), by=self.caller.user)


class File(Endpoint):
    @verb("Show a campaign as its file has it", gives=CampaignIn)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        return Response(spec.written(one(campaigns(self.caller), pk=campaign_id)))


class Check(Endpoint):
    @verb("Tell what stands against a launch, and the most it can cost", gives=CheckOut)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        findings = preflight.check(campaign)
        planned = preflight.plan(campaign)
        return Response(
            {
                "ready": not any(finding.severity == "block" for finding in findings),
                "items": planned.items,
                "places": planned.places,
                "worst_cost": planned.worst_cost,
                "findings": [{"severity": found.severity, "sentence": found.sentence} for found in findings],
            }
        )


class Launch(Endpoint):
    @verb("Fund and launch a draft", takes=Empty, gives=OperationOut, status=202)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Response:
        by = self.caller.user
        campaign = flow.launch(one(campaigns(self.caller), pk=campaign_id), by=by)
        asked = {"campaign": str(campaign.pk)}
        return accepted(flow.ask_for(campaign.organization, verb="launch", subject=campaign.key, asked=asked, by=by))


class Move(Endpoint):
    """Bring a campaign along its life: each address names one verb of the belt."""

    verb_of_flow: Callable[..., Campaign] = staticmethod(flow.pause)

    @verb("Pause, resume or stop", takes=Empty, gives=CampaignOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        return type(self).verb_of_flow(one(campaigns(self.caller), pk=campaign_id), by=self.caller.user)


class Pause(Move):
    """Hand out no new pages."""


class Resume(Move):
    """Hand out pages again."""

    verb_of_flow = staticmethod(flow.resume)


class Stop(Move):
    """End as soon as the pages in hand are settled."""

    verb_of_flow = staticmethod(flow.stop)


class TopUp(Endpoint):
    @verb("Add to a launched campaign's budget", takes=TopUpIn, gives=CampaignOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        amount = money.to_minor(given["amount"], campaign.currency)
        return flow.top_up(campaign, amount=amount, reference=given["reference"], by=self.caller.user)


class Terms(Endpoint):
    @verb("Change what each item gets and what a page pays from now on", takes=TermsIn, gives=CampaignOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        price = money.to_minor(given["price"], campaign.currency)
        return flow.change_terms(campaign, redundancy=given["redundancy"], price=price, by=self.caller.user)


class Clone(Endpoint):
    @verb("Make a draft that asks the same", takes=CloneIn, gives=CampaignOut, status=201)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        changed = spec.written(campaign) | given["changes"] | {"name": given["name"]}
        return services.create(campaign.organization, spec=spec.read(changed), by=self.caller.user)


class Progress(Endpoint):
    @verb("Tell how far a campaign is", gives=ProgressOut)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        now = progress(campaign)
        return Response(ProgressOut({**vars(now), "share": now.share, "state": campaign.state}).data)


class GuidelinesOfCampaign(Endpoint):
    @verb("List versions of the guidelines", lists=GuidelinesOut)
    def get(self, request: Request, campaign_id: UUID) -> QuerySet[Guidelines]:
        return Guidelines.objects.filter(campaign=one(campaigns(self.caller), pk=campaign_id))

    @verb("Publish a version of the guidelines", takes=GuidelinesIn, gives=GuidelinesOut, status=201)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Guidelines:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        return services.publish_guidelines(campaign, text=given["text"], by=self.caller.user)


class GoldOfCampaign(Endpoint):
    @verb("List gold questions", lists=GoldOut, filters={"item": text("item__external_id")})
    def get(self, request: Request, campaign_id: UUID) -> QuerySet[GoldQuestion]:
        return GoldQuestion.objects.filter(campaign=one(campaigns(self.caller), pk=campaign_id)).select_related("item")

    @verb("Add gold questions", takes=GoldIn, gives=AddedOut, status=201)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Response:
        rows = [Gold(**row) for row in given["rows"]]
        added = flow.add_gold(one(campaigns(self.caller), pk=campaign_id), rows=rows)
        return Response({"added": added}, status=201)


class Exports(Endpoint):
    @verb("Write a campaign's labels to a file", takes=LabelExportIn, gives=OperationOut, status=202)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Response:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        asked = {"campaign": str(campaign.pk), **given}
        return accepted(
            flow.ask_for(
                campaign.organization, verb="export_labels", subject=campaign.key, asked=asked, by=self.caller.user
            )
        )
