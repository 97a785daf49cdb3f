"""Campaigns: drafts, launched ones, and what can be done with each."""

from functools import partial
from typing import Any

import yaml
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from apps.campaigns import services, spec
from apps.campaigns.models import Campaign
from apps.console import downloads, permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms import campaigns as forms
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, Scoped
from apps.console.showing import amount, pill, prose
from apps.core import money
from apps.kinds import names, of
from apps.members.models import Organization
from apps.pipeline import flow, preflight
from apps.quality import queries as quality
from apps.quality.models import Review
from apps.reports.progress import progress

State = Campaign.State
OPEN = (State.LAUNCHING, State.RUNNING, State.PAUSED, State.STOPPING)
FIELDSETS = (
    (_("What is asked"), {"fields": ("dataset", "name", "kind", "settings", "show", "guidelines")}),
    (_("Of how many, at what price"), {"fields": ("redundancy", "page_size", "price", "currency", "budget")}),
    (_("Gold"), {"fields": ("gold_share", "early_gold", "when_gold_is_used_up", "least_gold_accuracy",
                            "least_gold_answers")}),
    (_("Who may work"), {"fields": ("channel", "groups", "languages", "least_skill", "skill_scope", "most_pages")}),
    (_("Rules"), {"fields": ("method", "lease_seconds", "approve_after_seconds", "broken_after")}),
)  # fmt: skip
FIELDS = [name for _title, part in FIELDSETS for name in part["fields"]]
SHOWN_AS = {"price": "shown_price", "budget": "shown_budget", "guidelines": "shown_guidelines", "kind": "shown_kind"}


@admin.register(Campaign)
class CampaignAdmin(Scoped):
    form = forms.CampaignForm
    list_display = ("name", "shown_state", "dataset", "shown_kind", "shown_price", "shown_budget", "launched_at")
    list_filter = ("state", "channel", ("dataset", OwnRelatedFilter))
    list_select_related = ("dataset", "organization")
    search_fields = ("name",)
    empty = _("A campaign asks workers about the items of a dataset. Make your first one.")
    change_form_template = "console/campaign.html"
    add_form_template = "console/campaign.html"
    actions_list = ("from_yaml",)
    actions_detail = (
        "launch", "resume", "pause", "labels",
        {"title": _("More"), "icon": "more_horiz", "items": [
            "report", "publish_guidelines", "add_gold", "top_up", "clone", "to_yaml", "stop",
        ]},
    )  # fmt: skip
    offered_in = {
        "launch": [State.DRAFT],
        "pause": [State.RUNNING],
        "resume": [State.PAUSED],
        "stop": [State.LAUNCHING, State.RUNNING, State.PAUSED],
        "top_up": [State.LAUNCHING, State.RUNNING, State.PAUSED, State.COMPLETED],
        "labels": set(State) - {State.DRAFT, State.LAUNCHING},
        "report": set(State) - {State.DRAFT, State.LAUNCHING},
        "publish_guidelines": set(State) - {State.STOPPED, State.STOPPING},
        "add_gold": set(State) - {State.STOPPED, State.STOPPING},
    }

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Campaign) -> str:
        return pill(State(row.state))

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, row: Campaign) -> str:
        return of(row.kind).title if row.kind in names() else row.kind

    @admin.display(description=_("price of a page"), ordering="price")
    def shown_price(self, row: Campaign) -> str:
        return amount(row.price, row.currency)

    @admin.display(description=_("budget"), ordering="budget")
    def shown_budget(self, row: Campaign) -> str:
        return amount(row.budget, row.currency)

    @admin.display(description=_("guidelines"))
    def shown_guidelines(self, row: Campaign) -> str:
        newest = row.guidelines.first()
        return prose(newest.text) if newest else "–"

    # The form: a draft's fields may be changed, of a launched campaign nothing

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        if self._may_edit(request, obj):
            return FIELDSETS
        return [(title, {"fields": [SHOWN_AS.get(name, name) for name in part["fields"]]}) for title, part in FIELDSETS]

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        return [] if self._may_edit(request, obj) else [*FIELDS, *SHOWN_AS.values()]

    def _may_edit(self, request: HttpRequest, row: Campaign | None) -> bool:
        return row is None or (row.state == State.DRAFT and self.has_change_permission(request, row))

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        if obj.dataset.organization_id not in permissions.organizations(request, "add", Campaign):
            raise PermissionDenied
        if not change:
            made = services.create(obj.dataset.organization, spec=form.spec, by=actor(request))
            obj.pk = made.pk
        elif hasattr(form, "spec"):
            services.revise(obj, spec=form.spec, by=actor(request))
        obj.refresh_from_db()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, object_id) if object_id else None
        context: dict[str, Any] = {**(extra_context or {}), "kinds": _kinds()}
        if row is not None:
            context |= self._progress(request, row)
        if row is not None and not self._may_edit(request, row):
            context |= {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        return super().changeform_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.progress)
        return [path("<path:object_id>/progress/", view, name="campaigns_campaign_progress"), *super().get_urls()]

    def progress(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        """Return the numbers alone; the page fetches them again every few seconds."""
        row = self.row(request, object_id, "view")
        return TemplateResponse(request, "console/progress.html", {"original": row, **self._progress(request, row)})

    def _progress(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        may_review = bool(permissions.organizations(request, "view", Review))
        return {
            "state": pill(State(row.state)),
            "live": row.state in OPEN,
            "progress": None if row.state == State.DRAFT else progress(row),
            "undecided": quality.undecided(row).count() if may_review else None,
            "gold_count": row.gold.count(),
            "review_list": f"{reverse('admin:quality_review_changelist')}?assignment__campaign__id__exact={row.pk}",
        }

    # What can be done with it

    @button(_("Check and launch"), path="launch", icon="rocket_launch", variant="main")
    def launch(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        findings = preflight.check(row)
        size = preflight.plan(row)
        blocked = any(finding.severity == "block" for finding in findings) or row.state != State.DRAFT
        return ask(
            self, request, row=row, title=_("Launch %(name)s") % {"name": row}, template="console/launch.html",
            act=lambda form: flow.launch(row, by=actor(request)), go=_("Launch"), done=_("The campaign is launching."),
            findings=findings, size=size, worst=money.show(size.worst_cost, row.currency),
            budget=money.show(row.budget, row.currency), blocked=blocked,
        )  # fmt: skip

    @button(_("Pause"), path="pause", icon="pause")
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        return ask(
            self, request, row=row, title=_("Pause %(name)s?") % {"name": row}, go=_("Pause"),
            note=_("No new pages are handed out. Pages in hand may be finished, and are paid."),
            act=lambda form: flow.pause(row, by=actor(request)), done=_("The campaign is paused."),
        )  # fmt: skip

    @button(_("Resume"), path="resume", icon="play_arrow", variant="main")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        return ask(
            self, request, row=row, title=_("Resume %(name)s?") % {"name": row}, go=_("Resume"),
            act=lambda form: flow.resume(row, by=actor(request)), done=_("Pages are handed out again."),
        )  # fmt: skip

    @button(_("Stop for good"), path="stop", icon="stop_circle", variant="danger")
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        return ask(
            self, request, row=row, title=_("Stop %(name)s for good?") % {"name": row}, go=_("Stop"), danger=True,
            note=_("It can't be resumed. Pages in hand may be finished; what is left of the budget is given back."),
            act=lambda form: flow.stop(row, by=actor(request)), done=_("The campaign is stopping."),
        )  # fmt: skip

    @button(_("Add to the budget"), path="top-up", icon="savings")
    def top_up(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)

        def act(form: forms.TopUp) -> None:
            given = form.cleaned_data
            more = money.to_minor(given["amount"], row.currency)
            if more <= 0:
                raise money.BadAmount(f"{given['amount']} adds nothing; it should be above 0")
            flow.top_up(row, amount=more, reference=given["reference"], by=actor(request))

        return ask(
            self, request, row=row, title=_("Add to the budget of %(name)s") % {"name": row}, form=forms.TopUp,
            act=act, go=_("Add"), done=_("The budget was raised."),
            note=_("The budget is %(amount)s now.") % {"amount": money.show(row.budget, row.currency)},
        )  # fmt: skip

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
        return ask(
            self, request, row=row, title=_("Guidelines of %(name)s") % {"name": row}, go=_("Publish"),
            form=partial(forms.NewGuidelines, initial={"text": newest.text if newest else ""}),
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

    @button(_("Export as YAML"), path="yaml", icon="code")
    def to_yaml(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        response = HttpResponse(spec.to_yaml(row), content_type="application/yaml; charset=utf-8")
        response["Content-Disposition"] = downloads.attachment(f"{row.name}.yaml")
        return response

    @button(_("Labels"), path="labels", icon="download", variant="main")
    def labels(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)

        def act(form: forms.Download) -> FileResponse:
            return downloads.labels(row, **form.cleaned_data)

        return ask(
            self, request, row=row, title=_("Labels of %(name)s") % {"name": row}, form=forms.Download, act=act,
            go=_("Download"), note=_("One row for each item, in the order of the dataset; the same labels give the "
                                     "same bytes."),
        )  # fmt: skip

    @button(_("Report as a page"), path="report", icon="analytics")
    def report(self, request: HttpRequest, object_id: str) -> FileResponse:
        return downloads.report(self.row(request, object_id))

    @button(_("From YAML"), path="from-yaml", icon="code")
    def from_yaml(self, request: HttpRequest) -> HttpResponseBase:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Campaign))

        def form(*typed: Any) -> forms.FromYaml:
            made = forms.FromYaml(*typed)
            made.fields["organization"].queryset = own  # type: ignore[attr-defined]
            return made

        def act(form: forms.FromYaml) -> str:
            given = form.cleaned_data
            made = services.create(given["organization"], spec=spec.from_yaml(given["text"]), by=actor(request))
            return address(self, made)

        return ask(
            self, request, title=_("A campaign from YAML"), form=form, act=act, go=_("Create a draft"),
            done=_("The draft is made; check it, then launch it."),
        )  # fmt: skip


def _kinds() -> list[dict[str, Any]]:
    """Return each kind with an example of its settings, as one would type it."""
    return [
        {
            "name": name,
            "title": of(name).title,
            "help": of(name).help,
            "example": yaml.safe_dump(of(name).examples.settings, sort_keys=False, allow_unicode=True),
        }
        for name in names()
    ]
