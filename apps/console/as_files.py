"""Campaigns as files: from and to YAML, from and to Label Studio's labeling configurations."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from apps.campaigns import label_studio, services, spec
from apps.campaigns.models import Campaign
from apps.console import downloads, permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms import campaigns as forms
from apps.console.permissions import actor
from apps.console.scope import Scoped
from apps.console.wizard.pages import next_step, step_address
from apps.datasets.models import Dataset
from apps.members.models import Organization


class AsFiles(Scoped):
    """An admin page of campaigns that come from files and can be kept as such."""

    @button(_("Export as YAML"), path="yaml", icon="code")
    def to_yaml(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return _file(spec.to_yaml(row), f"{row.name}.yaml", "application/yaml")

    @button(_("Export for Label Studio"), path="label-studio", icon="code")
    def to_label_studio(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        config = label_studio.config_of(row)
        if config is None:
            messages.error(request, _("Label Studio has no question like this one."))
            return HttpResponseRedirect(address(self, row))
        return _file(config, f"{row.name}.xml", "application/xml")

    @button(_("From YAML"), path="from-yaml", icon="code")
    def from_yaml(self, request: HttpRequest) -> HttpResponseBase:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Campaign))

        def act(form: forms.FromYaml) -> str:
            given = form.cleaned_data
            made = services.create(given["organization"], spec=spec.from_yaml(given["text"]), by=actor(request))
            return address(self, made)

        return ask(
            self, request, title=_("A campaign from YAML"), form=partial(forms.FromYaml, own=own), act=act,
            go=_("Create a draft"), done=_("The draft is made; check it, then launch it."),
        )  # fmt: skip

    @button(_("From Label Studio"), path="from-label-studio", icon="code")
    def from_label_studio(self, request: HttpRequest) -> HttpResponseBase:
        self.require(request, "add")
        own = Dataset.objects.filter(organization__in=permissions.organizations(request, "add", Campaign))

        def form(*typed: Any) -> forms.FromLabelStudio:
            made = forms.FromLabelStudio(*typed)
            made.fields["dataset"].queryset = own.order_by("name")  # type: ignore[attr-defined]
            return made

        def act(form: forms.FromLabelStudio) -> str:
            given = form.cleaned_data
            asked = label_studio.spec_of(given["text"], name=given["name"], dataset=given["dataset"].name)
            made = services.create(given["dataset"].organization, spec=asked, by=actor(request))
            return step_address(made, next_step(made))

        return ask(
            self, request, title=_("A campaign from Label Studio"), form=form, act=act, go=_("Create a draft"),
            done=_("The draft asks what the configuration did; go on with the steps."),
        )  # fmt: skip


def _file(text: str, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = downloads.attachment(name)
    return response
