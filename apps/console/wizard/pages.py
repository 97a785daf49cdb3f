"""The pages of making a campaign: each keeps what it was told in the draft's row, and leads to the next."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from apps.campaigns import services
from apps.campaigns.models import Campaign
from apps.campaigns.spec import BadSpec
from apps.console import base, beside, permissions
from apps.console.asking import REFUSALS, address, sentences
from apps.console.forms import steps as asked
from apps.console.permissions import actor
from apps.console.scope import Scoped
from apps.console.wizard import steps, wages
from apps.console.wizard.steps import STEPS, Step
from apps.datasets.models import Dataset


def step_address(campaign: Campaign, step: str) -> str:
    """Return the address of a step of making the campaign; of none, that of the check before the launch."""
    if not step:
        return reverse("admin:campaigns_campaign_launch", args=[campaign.pk])
    return reverse(f"admin:campaigns_campaign_setup_{step}", args=[campaign.pk])


def next_step(campaign: Campaign) -> str:
    """Return the name of the first step that is not done, "" if all are."""
    return next((step.name for step in STEPS if not step.is_done(campaign)), "")


class MadeInSteps(Scoped):
    """An admin page of campaigns that are made step by step."""

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/setup/{step.name}/",
                self.admin_site.admin_view(partial(self.step, step=step)),
                name=f"campaigns_campaign_setup_{step.name}",
            )
            for step in STEPS
        ]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for what makes a draft a row; the other steps come after."""
        self.require(request, "add")
        own = Dataset.objects.filter(organization__in=permissions.organizations(request, "add", Campaign))
        form = asked.Data(request.POST or None, initial={"dataset": request.GET.get("dataset")})
        form.fields["dataset"].queryset = own.order_by("name")  # type: ignore[attr-defined]
        if form.is_bound and form.is_valid():
            given = form.cleaned_data
            if given["dataset"].organization_id not in permissions.organizations(request, "add", Campaign):
                raise PermissionDenied
            try:
                made = services.begin(**given, by=actor(request))
            except BadSpec as refusal:
                steps.tell([form], refusal.problems)
            else:
                self.log_addition(request, made, _("begun"))
                return HttpResponseRedirect(step_address(made, steps.after(STEPS[0])))
        context = self._context(request, None, STEPS[0], [form])
        return TemplateResponse(request, "console/begin.html", {**context, "has_datasets": own.exists()})

    def step(self, request: HttpRequest, object_id: str, *, step: Step) -> HttpResponseBase:
        """Show a step; keep what is posted and go on, or stay where `then` says so.

        `?read` shows what is typed as workers will read it, in the frame beside the step, and keeps nothing.
        """
        row = self.row(request, object_id)
        if row.state != Campaign.State.DRAFT:
            return HttpResponseRedirect(address(self, row))
        given = step.ask(row, request.POST if request.method == "POST" else None)
        if step.is_read and "read" in request.GET:
            return beside.guidelines(request, **_typed(given[0]))
        if request.method == "POST" and all([form.is_valid() for form in given]):
            try:
                services.amend(row, values=steps.values(given), by=actor(request))
            except REFUSALS as refusal:
                steps.tell(given, sentences(refusal))
            else:
                return HttpResponseRedirect(self._to(request, row, step))
        if request.POST.get("then") == "preview":
            return beside.in_frame(request, "console/unready.html", {"forms": given})
        context = {**self._context(request, row, step, given), **_about(request, row)}
        if step.is_read and request.method == "POST":  # it was refused: the frame would show what is kept
            context["typed"] = beside.typed_guidelines(request, **_typed(given[0]))
        return TemplateResponse(request, step.template, context)

    def _to(self, request: HttpRequest, row: Campaign, step: Step) -> str:
        then = request.POST.get("then", "")
        if then == "preview":
            return reverse("admin:campaigns_campaign_preview", args=[row.pk])
        return step_address(row, step.name if then == "stay" else steps.after(step))

    def _context(self, request: HttpRequest, row: Campaign | None, step: Step, given: steps.Forms) -> dict[str, Any]:
        for form in given:
            base.dress(form)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("A new campaign") if row is None else str(row),
            "step": step,
            "trail": trail(row, step),
            "forms": given,
            "back": address(self, row),
        }


def _typed(form: Form) -> dict[str, str]:
    return {"text": form["guidelines"].value() or "", "language": form["language"].value() or ""}


def _about(request: HttpRequest, row: Campaign) -> dict[str, Any]:
    """Return what steps show besides their forms."""
    return {"gold_count": row.gold.count(), "wage": wages.of(row, wanted=request.GET.get("hourly", ""))}


def trail(campaign: Campaign | None, now: Step | None) -> list[dict[str, Any]]:
    """Return the steps as the head of the pages shows them."""
    return [
        {
            "title": step.title,
            "address": step_address(campaign, step.name) if campaign else "",
            "done": campaign is not None and step.is_done(campaign),
            "now": step is now,
        }
        for step in STEPS
    ]
