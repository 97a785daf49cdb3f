"""A campaign under way, as its requester watches it: its numbers and what stands behind them, every second."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from apps.campaigns.models import Campaign
from apps.console import permissions
from apps.console.scope import Scoped
from apps.console.showing import pill
from apps.console.wizard.pages import next_step, step_address, trail
from apps.pipeline import flow, market_idle
from apps.quality import queries as quality
from apps.quality.models import Review
from apps.reports import kept, live
from apps.work.models import Task

State = Campaign.State
OPEN = (State.LAUNCHING, State.RUNNING, State.PAUSED, State.STOPPING)


class Watched(Scoped):
    """An admin page of campaigns whose numbers come by themselves."""

    def get_urls(self) -> list[URLPattern]:
        views = {"progress": self.progress, "behind": self.behind, "broken": self.broken}
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"campaigns_campaign_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def watched(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        """Return what the page of a campaign shows above what it asks."""
        if row.state == State.DRAFT:
            own = row if self.has_change_permission(request, row) else None
            return {"trail": trail(own, None), "next": step_address(row, next_step(row))}
        return {"waiting": market_idle.sentences(row), **self._numbers(request, row)}

    def progress(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the numbers alone; the page fetches them again every second, and all of it in another state."""
        row = self.row(request, object_id, "view")
        if request.GET.get("state", row.state) != row.state:
            return HttpResponse(headers={"HX-Refresh": "true"})  # its buttons are others
        return TemplateResponse(request, "console/progress.html", {"original": row, **self._numbers(request, row)})

    def behind(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return what stands behind the numbers: labels, times, workers, hardest items; nothing if it was seen."""
        row = self.row(request, object_id, "view")
        found = live.behind(row)
        as_of = kept.as_of(found.at)
        suggested_as_of = kept.as_of(found.suggested.at) if found.suggested else None
        seen = hashlib.sha256(f"{row.state} {found} {as_of} {suggested_as_of}".encode()).hexdigest()[:16]
        if request.GET.get("seen") == seen:
            return HttpResponse(status=204)  # what is on the page stays, with what is marked there
        context = {"original": row, "live": row.state in OPEN, "behind": found, "seen": seen}
        context |= {"as_of": as_of, "suggested_as_of": suggested_as_of}
        return TemplateResponse(request, "console/behind.html", context)

    def broken(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the tasks that workers reported as broken, with what they said; offer one again on POST."""
        row = self.row(request, object_id, "change" if request.method == "POST" else "view")
        if request.method == "POST":
            return self._put_back(request, row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("Reported as broken"),
            "tasks": live.broken(row),
            "may_change": self.has_change_permission(request, row),
            "back": reverse("admin:campaigns_campaign_change", args=[row.pk]),
        }
        return TemplateResponse(request, "console/broken.html", context)

    def _put_back(self, request: HttpRequest, row: Campaign) -> HttpResponse:
        chosen = [pk for pk in request.POST.getlist("task") if pk.isdecimal()]
        tasks = Task.objects.filter(campaign=row, pk__in=chosen)
        done = sum(flow.put_back(task, by=permissions.actor(request)) for task in tasks)
        self.message_user(request, _("%(n)s offered again.") % {"n": done})
        return HttpResponseRedirect(request.path)

    def _numbers(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        progress = None if row.state == State.DRAFT else live.numbers(row)
        may_review = bool(permissions.organizations(request, "view", Review))
        return {
            "state": pill(State(row.state)),
            "live": row.state in OPEN,
            "progress": progress,
            "as_of": kept.as_of(progress.at) if progress else None,
            "undecided": quality.undecided(row).count() if may_review else None,
            "review_list": f"{reverse('admin:quality_review_changelist')}?assignment__campaign__id__exact={row.pk}",
        }
