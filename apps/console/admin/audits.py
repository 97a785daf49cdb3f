"""Audits: an expert answers as workers do, blind to the label, then sees both side by side."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.console import permissions
from apps.console.asking import address, ask, capital
from apps.console.forms.audits import Adjudication
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import Shower, answer
from apps.kinds import of, rendering
from apps.kinds.errors import Bad, BadAnswer
from apps.kinds.forms import relative
from apps.quality import audits, services
from apps.quality.models import Audit, AuditedTask
from apps.work.models import Judgment
from apps.work.queries import shown

PLACE = "answer"


@admin.register(Audit)
class AuditAdmin(ReadOnly):
    list_display = ("campaign", "number", "drawn_at", "shown_judged", "shown_accuracy")
    list_filter = (("campaign", OwnRelatedFilter),)
    list_select_related = ("campaign",)
    ordering = ("-drawn_at",)
    empty = gettext_lazy(
        "An expert's check of some labels tells how many of all are right. Draw one on a campaign's quality page."
    )

    @admin.display(description=gettext_lazy("judged"))
    def shown_judged(self, row: Audit) -> str:
        found = audits.found(row)
        return f"{found.judged} / {found.drawn}"

    @admin.display(description=gettext_lazy("accuracy of labels"))
    def shown_accuracy(self, row: Audit) -> str:
        return _shown(audits.found(row)) or "–"

    def has_judge_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.judge)
        return [path("<path:object_id>/judge/", view, name="quality_audit_judge"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show what the round found, and its labels that were judged."""
        row = self.row(request, object_id, "view")
        found = audits.found(row)
        judged = row.tasks.filter(right__isnull=False).select_related("task__item", "judged_by").order_by("right", "pk")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Round %(round)s of %(campaign)s") % {"round": row.number, "campaign": row.campaign},
            "row": row,
            "found": found,
            "accuracy": _shown(found),
            "judged": [
                (one, answer(one.answer, row.campaign), "" if one.truth is None else answer(one.truth, row.campaign))
                for one in judged
            ],
            "may_judge": self.has_judge_permission(request, row),
            "may_draw": row.campaign.organization_id in permissions.organizations(request, "add", Audit),
            "back": reverse("admin:campaigns_campaign_quality", args=[row.campaign_id]),
        }
        return TemplateResponse(request, "console/audit.html", context)

    def judge(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Ask for the expert's own answer to the next label, or to the one asked for; then show both side by side."""
        row = self.row(request, object_id, "judge")
        one = _chosen(row, request)
        if one is None:
            return HttpResponseRedirect(address(self, row))
        return self._blind(request, row, one) if one.truth is None else self._both(request, row, one)

    def _blind(self, request: HttpRequest, row: Audit, one: AuditedTask) -> HttpResponse:
        kind = of(row.campaign.kind)
        settings = kind.read_settings(row.campaign.settings)
        raw, problem = None, ""
        if request.method == "POST":
            try:
                raw = kind.read_form(relative(request.POST.lists(), PLACE), settings)
                if raw is None:
                    raise BadAnswer(_("give an answer first"))
                judged = services.judge(one, truth=raw, by=actor(request))
            except Bad as refusal:
                problem = capital(str(refusal))
            else:
                return HttpResponseRedirect(request.path if judged.right else f"{request.path}?task={one.pk}")
        data = shown(one.task.item.data, row.campaign)
        shower = Shower(row.campaign.dataset_id, [data])
        found = audits.found(row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Audit: what is your answer?"),
            "row": row,
            "one": one,
            "done": found.judged,
            "all": found.drawn,
            "shown": shower.item(data, without=kind.own_fields(settings)),
            "widget": rendering.widget(kind, settings, place=PLACE, item=shower.parts(data), answer=raw, error=problem),
            "script": rendering.script(kind),
            "settings": kind.write_settings(settings),
            "back": address(self, row),
        }
        return TemplateResponse(request, "console/audited.html", context)

    def _both(self, request: HttpRequest, row: Audit, one: AuditedTask) -> HttpResponseBase:
        campaign = row.campaign
        data = shown(one.task.item.data, campaign)
        given = Judgment.objects.filter(task=one.task, counted=True).select_related("worker").order_by("pk")

        def act(form: Adjudication) -> str:
            services.adjudicate(
                one, right=form.cleaned_data["right"], note=form.cleaned_data["note"], by=actor(request)
            )
            return reverse("admin:quality_audit_judge", args=[row.pk])

        return ask(
            self, request, row=row, title=_("Does the label hold?"), form=Adjudication, act=act,
            template="console/both.html", one=one, item=Shower(campaign.dataset_id, [data]).item(data),
            label=answer(one.answer, campaign), truth=answer(one.truth, campaign),
            given=[(judgment.worker, answer(judgment.answer, campaign)) for judgment in given],
        )  # fmt: skip


def _shown(found: audits.Round) -> str:
    share = found.accuracy
    return f"{share.value:.1%} ({share.low:.1%} – {share.high:.1%})" if share else ""


def _chosen(row: Audit, request: HttpRequest) -> AuditedTask | None:
    """Return the label asked for, else the next that was not judged; None when all are."""
    labels = row.tasks.select_related("task__item", "audit__campaign")
    wanted = request.GET.get("task", "")
    if wanted:
        found = labels.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else None
        if found is None:
            raise Http404
        return found
    return labels.filter(right=None).order_by("pk").first()
