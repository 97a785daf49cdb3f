"""Trying a campaign out: the page as workers see it, and answering items oneself, which is timed and may make gold."""

from statistics import median
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from apps.campaigns import queries as questions
from apps.campaigns import services
from apps.campaigns.models import Campaign
from apps.campaigns.spec import BadSpec, Gold
from apps.console.asking import address
from apps.console.scope import Scoped, storable
from apps.console.showing import Shower
from apps.console.wizard.pages import step_address
from apps.core import clock
from apps.datasets.models import Item
from apps.kinds import of, rendering
from apps.kinds.errors import Bad, BadAnswer
from apps.kinds.forms import relative
from apps.pipeline import flow
from apps.work import previews
from apps.work.queries import shown

ENOUGH = 5
LONGEST = 600.0  # seconds for one question; who took longer was elsewhere
PLACE = "answer"
_SALT = "console.trying"


class TriedOut(Scoped):
    """An admin page of campaigns that can be tried out by those who make them."""

    def get_urls(self) -> list[URLPattern]:
        views = {"answer": self.answer, "preview": self.preview, "framed": self.framed}
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"campaigns_campaign_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the page as a worker would get it, beginning with the item asked for."""
        row = self.row(request, object_id)
        return HttpResponseRedirect(_preview_of(row, request))

    def framed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show that page in a frame that is another site's to the browser: no cookies, as on a market's page."""
        row = self.row(request, object_id)
        items = Item.objects.filter(dataset=row.dataset_id).order_by("pk")
        wanted = storable(request.GET.get("external_id", "")).strip()
        first = items.filter(external_id=wanted).first() if wanted else None
        item = first or items.filter(pk__gt=_number(request, "after")).first() or items.first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("Preview of %(name)s") % {"name": row},
            "item": item,
            "wanted": wanted,
            "missing": bool(wanted) and first is None,
            "frame": _address(row, item),
            "back": address(self, row),
        }
        return TemplateResponse(request, "console/framed.html", context)

    def answer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the requester an item's question; the answer is timed, and becomes gold where that is asked for."""
        row = self.row(request, object_id)
        keeps = bool(request.GET.get("keep"))
        kind = of(row.kind)
        try:
            settings = kind.read_settings(row.settings)
        except Bad as error:
            messages.error(request, _("The question is not finished: %(why)s") % {"why": error})
            return HttpResponseRedirect(step_address(row, "labels") if row.state == "draft" else address(self, row))
        item = self._next(row, _number(request, "after"))
        if item is None:
            messages.info(request, _("There are no further items."))
            return HttpResponseRedirect(self._home(row, keeps))
        raw, problem = None, ""
        if request.method == "POST":
            try:
                raw = kind.read_form(relative(request.POST.lists(), PLACE), settings)
                if raw is None:
                    raise BadAnswer(_("give an answer first"))
                kind.read(raw, settings)
                return self._answered(request, row, item, raw, keeps=keeps)
            except (BadAnswer, BadSpec) as error:
                problem = f"{str(error)[:1].upper()}{str(error)[1:]}"
        return self._ask(request, row, item, raw=raw, problem=problem, keeps=keeps)

    def _ask(
        self, request: HttpRequest, row: Campaign, item: Item, *, raw: Any, problem: str, keeps: bool
    ) -> HttpResponse:
        kind = of(row.kind)
        settings = kind.read_settings(row.settings)
        data = shown(item.data, row)
        shower = Shower(row.dataset_id, [data])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("Answer items of %(name)s yourself") % {"name": row},
            "asked": item,
            "shown": shower.item(data, without=kind.own_fields(settings)),
            "widget": rendering.widget(kind, settings, place=PLACE, item=shower.parts(data), answer=raw, error=problem),
            "script": rendering.script(kind),
            "settings": kind.write_settings(settings),
            "keeps": keeps,
            "done": len(_times(request, row)),
            "enough": ENOUGH,
            "began": signing.dumps([clock.now().timestamp(), questions.question(row)], salt=_SALT),
            "skip": f"?{'keep=1&' if keeps else ''}after={item.pk}",
            "back": self._home(row, keeps),
        }
        return TemplateResponse(request, "console/answer.html", context)

    def _answered(self, request: HttpRequest, row: Campaign, item: Item, raw: Any, *, keeps: bool) -> HttpResponse:
        if keeps:
            reason, teaching = request.POST.get("reason", ""), bool(request.POST.get("teaching"))
            flow.add_gold(row, rows=[Gold(item.external_id, [raw], reason, teaching)])
            return HttpResponseRedirect(f"?keep=1&after={item.pk}")  # not timed: why an answer is right takes longer
        seconds = _seconds(request, row)
        if seconds is None:
            messages.info(request, _("The question was changed meanwhile: how long that took is not counted."))
            return HttpResponseRedirect(f"?after={item.pk}")
        times = [*_times(request, row), seconds]
        request.session[_key(row)] = times
        if len(times) >= ENOUGH:
            services.note_trial(row, seconds=median(times))
            del request.session[_key(row)]
            messages.success(request, _("You needed %(n)s seconds for a question.") % {"n": f"{median(times):.1f}"})
            return HttpResponseRedirect(self._home(row, keeps))
        return HttpResponseRedirect(f"?after={item.pk}")

    def _next(self, row: Campaign, after: int) -> Item | None:
        items = Item.objects.filter(dataset=row.dataset_id, pk__gt=after).exclude(pk__in=row.gold.values("item"))
        return items.order_by("pk").first()

    def _home(self, row: Campaign, keeps: bool) -> str:
        return step_address(row, "gold" if keeps else "pay") if row.state == "draft" else address(self, row)


def _preview_of(row: Campaign, request: HttpRequest) -> str:
    return _address(row, Item.objects.filter(dataset=row.dataset_id, pk__gte=_number(request, "item")).first())


def _address(row: Campaign, item: Item | None) -> str:
    return reverse("workbench:preview", args=[previews.sign(row, item=item.pk if item else None)])


def _number(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else 0


def _seconds(request: HttpRequest, row: Campaign) -> float | None:
    """Return how long the question was looked at, by our clock; None where it was another one.

    A page that was not ours counts as the longest.
    """
    try:
        began, asked = signing.loads(request.POST.get("began", ""), salt=_SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return LONGEST
    if asked != questions.question(row):
        return None
    return min(LONGEST, max(0.1, clock.now().timestamp() - float(began)))


def _key(row: Campaign) -> str:
    """Return what keeps the times of the question as it is now: those of another one are not found by it."""
    return f"tried:{row.pk}:{questions.question(row)[:16]}"


def _times(request: HttpRequest, row: Campaign) -> list[float]:
    return list(request.session.get(_key(row), []))
