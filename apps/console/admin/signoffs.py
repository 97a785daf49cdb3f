"""Decisions about markets' money: what waits for a second person, and who signed what was done."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms.money import Reason
from apps.console.owned import OfOrganization
from apps.console.permissions import actor
from apps.console.scope import ReadOnly
from apps.console.showing import amount, link
from apps.core import money
from apps.payments.models import SignOff
from apps.pipeline import market_signing, market_subjects
from apps.pipeline.market_subjects import Subject


class Given(admin.SimpleListFilter):
    """Whether all have signed who must."""

    title = _("signed")
    parameter_name = "given"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("waits for a second person")), ("yes", _("signed or refused"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SignOff]) -> QuerySet[SignOff]:
        waiting = Q(needs_second=True, signed_by=None, refused_by=None)
        return {"no": queryset.filter(waiting), "yes": queryset.exclude(waiting)}.get(self.value() or "", queryset)


@admin.register(SignOff)
class SignOffAdmin(OfOrganization, ReadOnly):
    actions_detail = ("agree", "refuse")
    list_display = ("asked_at", "shown_verb", "shown_amount", "asked_by", "state")
    list_filter = (Given,)
    list_select_related = ("asked_by", "signed_by", "refused_by")
    fields = (
        "organization_name", "shown_verb", "shown_amount", "worker", "campaign", "slot", "market", "told", "reason",
        "asked_by", "asked_at", "state", "rows",
    )  # fmt: skip
    readonly_fields = fields
    empty = _(
        "No decision about a market's money was signed yet. From the limit of the payout policy on, two people sign: "
        "bonuses that a market pays, and what is booked or paid where a market and our books can't be brought together."
    )

    @admin.display(description=_("what"))
    def shown_verb(self, row: SignOff) -> str:
        return str(market_signing.TITLES.get(row.verb, row.verb))

    @admin.display(description=_("amount, fees included"), ordering="amount")
    def shown_amount(self, row: SignOff) -> str:
        return amount(row.amount, row.currency)

    # As words: finance may open neither the worker's page nor the campaign's.
    @admin.display(description=_("worker"))
    def worker(self, row: SignOff) -> str:
        return _about(row).worker or "–"

    @admin.display(description=_("campaign"))
    def campaign(self, row: SignOff) -> str:
        return str(_about(row).campaign or "–")

    @admin.display(description=_("slot at the market"))
    def slot(self, row: SignOff) -> str:
        return _about(row).slot or "–"

    @admin.display(description=_("market"))
    def market(self, row: SignOff) -> str:
        return _about(row).at or "–"

    @admin.display(description=_("said besides"))
    def told(self, row: SignOff) -> str:
        return "; ".join(f"{name}: {value}" for name, value in market_subjects.told(row)) or "–"

    @admin.display(description=_("look at"))
    def rows(self, row: SignOff) -> SafeString:
        """Link to the rows that it is about."""
        found = _about(row)
        named = ((_("what is owed"), found.owed), (_("the slot"), found.claim), (_("the offer"), found.offer))
        links = [(link(address(self.of(one), one), str(text)),) for text, one in named if one is not None]
        return format_html_join(" · ", "{}", links) if links else SafeString("–")

    def of(self, row: Model) -> Any:
        """Return the page of rows like this one."""
        return self.admin_site.get_model_admin(type(row))

    @admin.display(description=_("state"))
    def state(self, row: SignOff) -> str:
        if row.is_waiting:
            return gettext("waits for a second person")
        if row.refused_by is not None:
            return gettext("refused by %(who)s") % {"who": row.refused_by}
        signed = {"who": row.signed_by}
        return gettext("agreed to by %(who)s") % signed if row.signed_by else gettext("one person was enough")

    def has_agree_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        is_own = row.asked_by_id == actor(request).pk
        return row.is_waiting and (name == "refuse" or not is_own) and self.has_agree_permission(request, row)

    @button(_("Agree"), path="agree", icon="signature", variant="main")
    def agree(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Sign as the second person."""
        row = self.row(request, object_id, "agree")

        def act(form: Reason) -> None:
            market_signing.agree(row, reason=form.cleaned_data["reason"], by=actor(request))

        return ask(
            self, request, row=row, form=Reason, act=act, title=_("Agree to this, and have it done?"), go=_("Agree"),
            done=_("You agreed, and it is done."), template="console/signoff.html", facts=self._facts(row),
        )  # fmt: skip

    @button(_("Refuse"), path="refuse", icon="block", variant="danger")
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Say no, or withdraw what one asked for."""
        row = self.row(request, object_id, "agree")

        def act(form: Reason) -> None:
            market_signing.refuse(row, reason=form.cleaned_data["reason"], by=actor(request))

        return ask(
            self, request, row=row, form=Reason, act=act, title=_("Refuse this?"), go=_("Refuse"), danger=True,
            done=_("It is refused: nothing was paid or booked."), template="console/signoff.html",
            facts=self._facts(row),
        )  # fmt: skip

    def _facts(self, row: SignOff) -> list[tuple[Any, Any]]:
        """Return what whoever signs should know, each with its name."""
        return [
            (_("What"), self.shown_verb(row)), (_("Amount, fees included"), money.show(row.amount, row.currency)),
            (_("Worker"), self.worker(row)), (_("Campaign"), self.campaign(row)), (_("Slot"), self.slot(row)),
            (_("Market"), self.market(row)), *market_subjects.told(row), (_("Asked by"), row.asked_by),
            (_("Asked at"), f"{row.asked_at:%Y-%m-%d %H:%M} UTC"), (_("Look at"), self.rows(row)),
        ]  # fmt: skip


def _about(row: SignOff) -> Subject:
    """Return what it is about, found once for a row that is shown."""
    found = vars(row).get("_shown_about") or market_subjects.of(row)
    vars(row)["_shown_about"] = found
    return found
