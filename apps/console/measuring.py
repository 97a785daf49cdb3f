"""A campaign's quality page: what speaks for its labels, who should be looked at, and where audits begin."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console import permissions
from apps.console.asking import ask
from apps.console.base import button
from apps.console.forms.audits import Method, Size
from apps.console.permissions import actor
from apps.console.scope import Scoped
from apps.pipeline import flow
from apps.quality import services
from apps.quality.models import Audit
from apps.quality.suspicions import suspicions
from apps.reports.evidence import evidence
from apps.reports.evidence.view import EvidenceView
from apps.reports.page import style
from apps.reports.portrait.hardest import hardest
from apps.reports.snapshot import snapshot

SIGNS = {
    "fast": _("far faster than the others"),
    "constant": _("says one answer more often than others do of the same items"),
    "chance": _("agrees with the others hardly more than chance"),
    "learnt": _("right on gold, and not on the rest"),
    "reports": _("reports more items as broken than the campaign expects"),
    "together": _("give the same answers, wrong ones too, more often than honest work explains"),
}


class Measured(Scoped):
    """An admin page of campaigns whose labels can be measured."""

    def has_measure_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "view", obj)

    @button(_("Quality"), path="quality", icon="monitoring")
    def quality(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show what speaks for the labels; on POST, draw an audit."""
        row: Campaign = self.row(request, object_id, "measure")
        may_draw = row.organization_id in permissions.organizations(request, "add", Audit)
        if request.method == "POST" and not may_draw:
            raise PermissionDenied

        def act(form: Size) -> str:
            drawn = services.draw_audit(row, size=form.cleaned_data["size"], by=actor(request))
            return reverse("admin:quality_audit_change", args=[drawn.pk])

        with snapshot():  # answers and what is known of them belong together
            shown, signs, hard = EvidenceView(evidence(row), str), suspicions(row), hardest(row, {})
        return ask(
            self, request, row=row, title=_("Quality of %(name)s") % {"name": row}, form=Size, act=act,
            go=_("Draw an audit"), template="console/quality.html", evidence=shown,
            chart_style=style("charts.css"), rounds=row.audits.order_by("-number"), may_draw=may_draw,
            suspicions=[(one, SIGNS[one.sign]) for one in signs], hardest=hard,
        )  # fmt: skip

    @button(_("Combine otherwise"), path="method", icon="functions")
    def method(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Ask for another method; every label is made anew by it."""
        row: Campaign = self.row(request, object_id)

        def act(form: Method) -> None:
            flow.change_method(row, method=form.cleaned_data["method"], by=actor(request))

        return ask(
            self, request, row=row, title=_("Combine the answers of %(name)s otherwise") % {"name": row}, act=act,
            form=partial(Method, initial={"method": row.method}), go=_("Combine them so"),
            done=_("The labels are being combined anew; their versions tell which are."),
        )  # fmt: skip
