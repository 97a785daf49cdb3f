"""Campaigns: drafts made in steps, launched ones watched, and what can be done with each."""

from functools import partial
from typing import Any

import yaml
from django.contrib import admin
from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from apps.campaigns import services
from apps.campaigns.models import Campaign
from apps.console import beside, downloads, label_files, permissions, written
from apps.console.adjudicating import Adjudicated
from apps.console.as_files import AsFiles
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.decided import decided
from apps.console.forms import campaigns as forms
from apps.console.measuring import Measured
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter
from apps.console.showing import pill
from apps.console.steering import Steered
from apps.console.watching import Watched
from apps.console.wizard.pages import MadeInSteps
from apps.console.wizard.summary import FIELDSETS, Told
from apps.console.wizard.trying import TriedOut
from apps.kinds import names, of
from apps.pipeline import flow

State = Campaign.State
LAUNCHED = set(State) - {State.DRAFT, State.LAUNCHING}
ALIVE = (State.LAUNCHING, State.RUNNING, State.PAUSED)


@admin.register(Campaign)
class CampaignAdmin(Told, Steered, Watched, Measured, Adjudicated, AsFiles, TriedOut, MadeInSteps):
    list_display = ("name", "shown_state", "dataset", "shown_kind", "shown_price", "shown_budget", "launched_at")
    list_filter = ("state", "channel", ("dataset", OwnRelatedFilter))
    list_select_related = ("dataset", "organization")
    search_fields = ("name",)
    empty = _("A campaign asks workers about the items of a dataset. Make your first one.")
    fieldsets = FIELDSETS
    readonly_fields = [name for _title, part in FIELDSETS for name in part["fields"]]
    change_form_template = "console/campaign.html"
    object_history_template = "console/history.html"
    actions_list = ("from_yaml", "from_label_studio")
    actions_detail = (
        "set_up", "launch", "resume", "pause", "quality", "labels",
        {"title": _("More"), "icon": "more_horiz", "items": [
            "look", "report", "publish_guidelines", "ask_anew", "add_gold", "top_up", "change_terms",
            "change_suggestions", "method", "clone", "to_yaml", "to_label_studio", "stop", "stop_outside",
        ]},
    )  # fmt: skip
    offered_in = {
        "set_up": [State.DRAFT],
        "launch": [State.DRAFT],
        "pause": [State.RUNNING],
        "resume": [State.PAUSED],
        "stop": ALIVE,
        "stop_outside": set(State) - {State.DRAFT},
        "top_up": ALIVE,
        "change_terms": ALIVE,
        "change_suggestions": ALIVE,
        "ask_anew": ALIVE,
        "quality": LAUNCHED,
        "method": LAUNCHED,
        "labels": LAUNCHED,
        "report": LAUNCHED,
        "publish_guidelines": set(State) - {State.STOPPED, State.STOPPING, State.COMPLETED},
        "add_gold": set(State) - {State.STOPPED, State.STOPPING, State.COMPLETED},
    }

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Campaign) -> str:
        return pill(State(row.state))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show how far a campaign is; it is changed by its buttons and in its steps, never here."""
        row = self.get_object(request, object_id) if object_id else None
        if row is not None and request.method == "POST":
            return HttpResponseRedirect(address(self, row))
        context: dict[str, Any] = {**(extra_context or {}), "show_save": False}
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        if row is not None:
            context |= self.watched(request, row)
        return super().changeform_view(request, object_id, form_url, context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Show what was decided about a campaign, by whom and why, above what was pressed in the admin."""
        row = self.get_object(request, object_id)
        told = decided(row.key) if row is not None else []
        return super().history_view(request, object_id, {**(extra_context or {}), "decided": told})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @button(_("Clone"), path="clone", icon="content_copy")
    def clone(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)

        def act(form: forms.Clone) -> str:
            copy = services.clone(row, name=form.cleaned_data["name"], by=actor(request))
            return address(self, copy)

        return ask(
            self, request, row=row, title=_("Clone %(name)s") % {"name": row}, go=_("Make a draft"), act=act,
            form=partial(forms.Clone, initial={"name": f"{row.name} (copy)"}),
            done=_("This is the new draft."),
        )  # fmt: skip

    @button(_("Publish guidelines"), path="guidelines", icon="menu_book")
    def publish_guidelines(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        newest = row.guidelines.first()
        kept = newest.text if newest else ""
        typed = request.POST.get("text", kept)
        if "read" in request.GET:
            return beside.guidelines(request, typed, language=row.language)
        return ask(
            self, request, row=row, template="console/publish_guidelines.html", go=_("Publish"),
            title=_("Guidelines of %(name)s") % {"name": row},
            form=partial(forms.NewGuidelines, initial={"text": kept}),
            about=lambda: {"typed": beside.typed_guidelines(request, typed, language=row.language)},
            act=lambda form: services.publish_guidelines(row, text=form.cleaned_data["text"], by=actor(request)),
            note=_("Published as version %(n)s; pages handed out before were shown the earlier one.")
            % {"n": newest.version + 1 if newest else 1},
            done=_("The guidelines are published."),
        )  # fmt: skip

    @button(_("Add gold questions"), path="gold", icon="verified")
    def add_gold(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        example = of(row.kind).examples if row.kind in names() else None
        rows = [{"item": "an external id", "answers": list(example.good[:1]), "reason": "why"}] if example else []
        return ask(
            self, request, row=row, title=_("Gold questions of %(name)s") % {"name": row}, form=forms.Gold,
            act=lambda form: flow.add_gold(row, rows=form.cleaned_data["rows"]), go=_("Add"),
            done=_("The gold questions are kept."), example=yaml.safe_dump(rows, sort_keys=False, allow_unicode=True),
        )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.labels_file)
        return [path("labels-file/", view, name="campaigns_campaign_labels_file"), *super().get_urls()]

    @button(_("Labels"), path="labels", icon="download", variant="main")
    def labels(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Ask in which form labels are wanted; many are written by a worker, and the page tells how far that is."""
        row = self.row(request, object_id)
        files = label_files.of(row)
        shown: dict[str, Any] = {
            "exports": files, "exports_address": request.path, "under_way": any(one.under_way for one in files),
        }  # fmt: skip
        if "HX-Request" in request.headers:
            return TemplateResponse(request, "console/written.html", shown)

        def act(form: forms.Download) -> HttpResponseBase | str:
            if not label_files.is_long(row):
                return label_files.now(row, **form.cleaned_data)
            choices = {name: value for name, value in form.cleaned_data.items() if name != "manifest"}
            label_files.start(row, by=actor(request), **choices)
            self.message_user(request, _("The file is being written: it is here as soon as it is whole."))
            return request.path

        return ask(
            self, request, row=row, title=_("Labels of %(name)s") % {"name": row}, form=forms.Download, act=act,
            go=_("Download"), template="console/label_files.html", is_long=label_files.is_long(row), **shown,
            note=_("One row for each item, in the order of the dataset; the same labels give the same bytes."),
        )  # fmt: skip

    def labels_file(self, request: HttpRequest) -> FileResponse:
        """Return the file of a long export to who has its link, and may have it."""
        own = permissions.organizations(request, "change", Campaign)
        signed, manifest = request.GET.get("signed", ""), "manifest" in request.GET
        return written.opened(signed, verb=label_files.VERB, organizations=own, manifest=manifest)

    @button(_("Report as a page"), path="report", icon="analytics")
    def report(self, request: HttpRequest, object_id: str) -> FileResponse:
        return downloads.report(self.row(request, object_id))
