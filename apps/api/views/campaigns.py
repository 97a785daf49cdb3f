"""Campaigns: made from their file, checked, launched, and brought through their life."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.finding import campaigns, one, organization
from apps.api.paging import choice, text, uid
from apps.api.problems import CONTENT_TYPE, about
from apps.api.verbs import verb
from apps.api.views.datasets import accepted
from apps.api.wire.base import Empty, ProblemOut
from apps.api.wire.campaigns import (
    CampaignIn,
    CampaignOut,
    CheckOut,
    CloneIn,
    GuidelinesIn,
    GuidelinesOut,
    LabelExportIn,
    LabelStudioIn,
    LabelStudioOut,
    MethodIn,
    PreviewOut,
    ProgressOut,
    TermsIn,
    TopUpIn,
)
from apps.api.wire.operations import OperationOut
from apps.campaigns import label_studio, services, spec
from apps.campaigns.models import Campaign, Guidelines
from apps.core import money
from apps.pipeline import flow, preflight
from apps.reports.page import write_html
from apps.reports.progress import progress
from apps.work import previews


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


class FromLabelStudio(Endpoint):
    @verb("Make a campaign, a draft, of a labeling configuration", takes=LabelStudioIn, gives=CampaignOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Campaign:
        asked = label_studio.spec_of(given["config"], name=given["name"], dataset=given["dataset"])
        return services.create(organization(self.caller), spec=asked, by=self.caller.user)


class ForLabelStudio(Endpoint):
    @verb("Show a campaign as a labeling configuration", gives=LabelStudioOut)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        config = label_studio.config_of(one(campaigns(self.caller), pk=campaign_id))
        if config is None:
            raise Http404("Label Studio has no question like this one")
        return Response({"config": config})


class Check(Endpoint):
    @verb("Tell what stands against a launch, and the most it can cost", gives=CheckOut)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        found = preflight.outlook(campaign)
        findings, planned = found.findings, found.size
        return Response(
            {
                "ready": not any(finding.severity == "block" for finding in findings),
                "items": planned.items,
                "left_out": planned.left_out,
                "places": planned.places,
                "worst_cost": planned.worst_cost,
                "fees": planned.fees,
                "reports_cost": planned.reports_cost,
                "findings": [{"severity": found.severity, "sentence": found.sentence} for found in findings],
            }
        )


class Launch(Endpoint):
    def ask(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> None:
        flow.ask_for_launch(one(campaigns(self.caller), pk=campaign_id))

    @verb("Fund and launch a draft", takes=Empty, gives=OperationOut, status=202, asks=ask)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Response:
        by = self.caller.user
        campaign = flow.launch_asked(one(campaigns(self.caller), pk=campaign_id), by=by)
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
        with about("price"):
            price = money.to_minor(given["price"], campaign.currency)
            return flow.change_terms(campaign, redundancy=given["redundancy"], price=price, by=self.caller.user)


class Anew(Endpoint):
    @verb("Have items asked anew that were answered by older guidelines", takes=Empty, gives=CampaignOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        flow.ask_anew(campaign, by=self.caller.user)
        return campaign


class Method(Endpoint):
    @verb("Combine the answers otherwise; every label is made anew", takes=MethodIn, gives=CampaignOut)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Campaign:
        return flow.change_method(one(campaigns(self.caller), pk=campaign_id), by=self.caller.user, **given)


class Preview(Endpoint):
    @verb("Tell where the page can be seen as workers would see it", gives=PreviewOut)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        signed = previews.sign(one(campaigns(self.caller), pk=campaign_id))
        address = reverse("workbench:preview", args=[signed])
        return Response({"url": request.build_absolute_uri(address), "seconds": previews.SECONDS})


class Report(Endpoint):
    @extend_schema(
        summary="Fetch the campaign's report, a page of HTML that needs nothing else",
        responses={(200, "text/html"): OpenApiTypes.BINARY, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request, campaign_id: UUID) -> HttpResponse:
        campaign = one(campaigns(self.caller), pk=campaign_id)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.html"
            write_html([campaign], path)
            answer = HttpResponse(path.read_bytes(), content_type="text/html; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="report-{campaign.pk}.html"'
        return answer


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
