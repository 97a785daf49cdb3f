"""Audits: drawn, judged blind, and decided with both answers side by side."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import campaigns, one
from apps.api.paging import flag, uid
from apps.api.verbs import verb
from apps.api.wire.audits import AdjudicationIn, AuditedOut, AuditIn, AuditOut, FoundOut, TruthIn
from apps.quality import audits, services
from apps.quality.models import Audit, AuditedTask


class Audits(Endpoint):
    @verb("List audits", lists=AuditOut, filters={"campaign": uid("campaign")})
    def get(self, request: Request) -> QuerySet[Audit]:
        return own(self.caller)


class Draw(Endpoint):
    @verb("Draw labels of a campaign for an expert to judge", takes=AuditIn, gives=AuditOut, status=201)
    def post(self, request: Request, campaign_id: UUID, given: dict[str, Any]) -> Audit:
        return services.draw_audit(one(campaigns(self.caller), pk=campaign_id), by=self.caller.user, **given)


class OneAudit(Endpoint):
    @verb("Tell what an audit found", gives=FoundOut)
    def get(self, request: Request, audit_id: int) -> Response:
        row = one(own(self.caller), pk=audit_id)
        found = audits.found(row)
        share = found.accuracy
        shown = {**AuditOut(row).data, "drawn": found.drawn, "judged": found.judged, "right": found.right,
                 "accuracy": share.value if share else None, "low": share.low if share else None,
                 "high": share.high if share else None}  # fmt: skip
        return Response(FoundOut(shown).data)


class Audited(Endpoint):
    @verb("List the labels of an audit", lists=AuditedOut, filters={"unjudged": flag("right__isnull")}, orders=("id",))
    def get(self, request: Request, audit_id: int) -> QuerySet[AuditedTask]:
        return audited(self.caller).filter(audit=one(own(self.caller), pk=audit_id))


class Judge(Endpoint):
    @verb("Give the expert's own answer; the label is shown with it", takes=TruthIn, gives=AuditedOut)
    def post(self, request: Request, audited_id: int, given: dict[str, Any]) -> AuditedTask:
        return services.judge(one(audited(self.caller), pk=audited_id), truth=given["answer"], by=self.caller.user)


class Adjudicate(Endpoint):
    @verb("Decide whether the label holds", takes=AdjudicationIn, gives=AuditedOut)
    def post(self, request: Request, audited_id: int, given: dict[str, Any]) -> AuditedTask:
        return services.adjudicate(one(audited(self.caller), pk=audited_id), by=self.caller.user, **given)


def own(caller: Caller) -> QuerySet[Audit]:
    return Audit.objects.filter(campaign__organization=caller.organization).select_related("campaign")


def audited(caller: Caller) -> QuerySet[AuditedTask]:
    rows = AuditedTask.objects.filter(audit__campaign__organization=caller.organization)
    return rows.select_related("task__item", "audit__campaign")
