"""What a campaign is put through by its requester: launched, paused, resumed, stopped, topped up, changed."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console.asking import ask
from apps.console.base import button
from apps.console.forms import campaigns as forms
from apps.console.permissions import actor
from apps.console.scope import Scoped
from apps.console.wizard.pages import next_step, step_address, trail
from apps.console.wizard.steps import MENDED_IN
from apps.core import money
from apps.pipeline import flow, preflight
from apps.workforce.models import OUTSIDE


class Steered(Scoped):
    """An admin page of campaigns that are steered by confirmed clicks, each of which may be done twice."""

    @button(_("Go on with the steps"), path="set-up", icon="arrow_forward", variant="main")
    def set_up(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        return HttpResponseRedirect(step_address(row, next_step(row)))

    @button(_("Preview"), path="look", icon="visibility")
    def look(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        self.row(request, object_id)
        return HttpResponseRedirect("../framed/")

    @button(_("Check and launch"), path="launch", icon="rocket_launch")
    def launch(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        return ask(
            self, request, row=row, title=_("Launch %(name)s") % {"name": row}, template="console/launch.html",
            act=lambda form: flow.launch(row, by=actor(request)), go=_("Launch"), done=_("The campaign is launching."),
            about=lambda: _outlook(row),
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
            note=_("Its pilot is over: all of its items are handed out now.") if row.in_pilot else "",
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

    @button(_("Stop and clean up at the market"), path="stop-outside", icon="cleaning_services", variant="danger")
    def stop_outside(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        return ask(
            self, request, row=row, title=_("Stop %(name)s at its market?") % {"name": row}, go=_("Stop"), danger=True,
            note=_("Its offers are taken off, who is at work may finish, what was handed in is judged and paid, the "
                   "offers then deleted, with the qualifications that were made for them. Slots by which one worker "
                   "gets what is owed are kept till they are taken or expire. It may be asked for again, and can't be "
                   "undone."),
            act=lambda form: flow.stop_outside(row, by=actor(request)), done=_("The campaign is being cleaned up."),
        )  # fmt: skip

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        """Return whether a button is offered; what is for outside markets only on campaigns that are on one."""
        if name == "stop_outside" and row.channel not in OUTSIDE:
            return False
        return super().offers(request, row, name)

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

    @button(_("Change answers or price"), path="change-terms", icon="tune")
    def change_terms(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)

        def act(form: forms.Terms) -> None:
            given = form.cleaned_data
            price = money.to_minor(given["price"], row.currency)
            flow.change_terms(row, redundancy=given["redundancy"], price=price, by=actor(request))

        initial: dict[str, Any] = {
            "redundancy": row.redundancy, "price": str(money.to_decimal(row.price, row.currency)),
        }  # fmt: skip
        return ask(
            self, request, row=row, title=_("Change %(name)s while it runs") % {"name": row}, go=_("Change"),
            form=partial(forms.Terms, initial=initial), act=act, done=_("The campaign is changed."),
            note=_("Pages that were handed out keep the price they had. Answers that were given stay: with fewer "
                   "asked for, items that have enough are done; with more, they are offered again."),
        )  # fmt: skip

    @button(_("Change who sees suggestions"), path="change-suggestions", icon="smart_toy")
    def change_suggestions(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)

        def act(form: forms.WhoSees) -> None:
            given = form.cleaned_data
            to, withheld = given["suggested_to"], given["suggestion_withheld"]
            flow.change_suggestions(row, to=to, withheld=withheld, reason=given["reason"], by=actor(request))

        initial = {name: getattr(row, name) for name in ("suggested_to", "suggestion_withheld")}
        return ask(
            self, request, row=row, title=_("Who sees suggestions in %(name)s") % {"name": row}, go=_("Change"),
            form=partial(forms.WhoSees, initial=initial), act=act, done=_("The campaign is changed."),
            note=_("Pages that were handed out keep what they showed. What seeing a suggestion does is measured anew, "
                   "by answers to pages that are handed out from now on."),
            cannot="" if row.suggestion_field else _("This campaign was launched without a field that holds "
                   "suggestions, and one can't be added: what was asked would not be what is asked. A clone of it can "
                   "name one, in the step Suggestions."),
        )  # fmt: skip

    @button(_("Ask anew by the new guidelines"), path="ask-anew", icon="restart_alt")
    def ask_anew(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id)
        return ask(
            self, request, row=row, title=_("Ask the items of %(name)s anew?") % {"name": row}, go=_("Ask anew"),
            note=_("What was answered by older guidelines counts no longer, and is asked of other workers: who "
                   "answered an item is not asked about it again. Answers stay and stay paid. The new ones cost what "
                   "the old ones did, and that must be in the budget. Pages that are still judged, gold, and items "
                   "that a person settled stay as they are."),
            act=lambda form: flow.ask_anew(row, by=actor(request)), done=_("The items are asked anew."),
        )  # fmt: skip


def _outlook(row: Campaign) -> dict[str, Any]:
    """Return what the page before a launch shows: what it asks for, and what stands against it."""
    found = preflight.outlook(row)
    size, is_draft = found.size, row.state == Campaign.State.DRAFT
    return {
        "findings": [(finding, _mended(row, finding) if is_draft else "") for finding in found.findings],
        "size": size,
        "worst": money.show(size.worst_cost, row.currency),
        "budget": money.show(row.budget, row.currency),
        "reports": size.reports_cost and money.show(size.reports_cost, row.currency),
        "rewards": money.show(size.rewards, row.currency),
        "fees": size.fees and money.show(size.fees, row.currency),
        "blocked": any(finding.severity == "block" for finding in found.findings) or not is_draft,
        "trail": trail(row, None) if is_draft else None,
    }


def _mended(campaign: Campaign, finding: preflight.Finding) -> str:
    """Return the address where what was found is mended, "" where none of ours is."""
    if finding.about == "contact":
        return reverse("admin:members_organization_change", args=[campaign.organization_id])
    step = MENDED_IN.get(finding.about, "")
    return step_address(campaign, step) if step else ""
