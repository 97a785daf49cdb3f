"""By which rules an organization pays: who must agree, from where, and what is told to the tax office."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.console import permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms.finance import Policy
from apps.console.owned import OfOrganization
from apps.console.permissions import actor
from apps.console.scope import ReadOnly
from apps.console.showing import amount
from apps.core import money
from apps.members.models import Organization
from apps.payments import queries, services
from apps.payments.models import PayoutPolicy

MARKETS_PAY = "USD"  # all that there are, which need not be set up to say so


@admin.register(PayoutPolicy)
class PayoutPolicyAdmin(OfOrganization, ReadOnly):
    """Set by an organization's admin, so that finance does not set its own limits."""

    list_display = ("currency", "limit", "threshold", "payer_name", "payer_shown")
    fields = (
        "organization_name", "currency", "limit", "for_markets", "threshold", "payer_name", "payer_shown", "payer_bic",
    )  # fmt: skip
    readonly_fields = fields
    actions_detail = ("revise",)
    empty = _("No policy is set: one person may approve any batch, and SEPA files need an account to pay from.")

    @admin.display(description=_("two people from"))
    def limit(self, row: PayoutPolicy) -> str:
        return _shown(row.second_person_from, row.currency, none=gettext("never"))

    @admin.display(description=_("for markets"))
    def for_markets(self, row: PayoutPolicy) -> str:
        if not queries.without_limit(row.organization, currency=MARKETS_PAY):
            return gettext("they pay in %(currency)s, whose policy says it") % {"currency": MARKETS_PAY}
        return gettext(
            "no limit: they pay in %(currency)s, in which one person alone decides about any amount. Set a policy in "
            "%(currency)s, too."
        ) % {"currency": MARKETS_PAY}

    @admin.display(description=_("tax report from"))
    def threshold(self, row: PayoutPolicy) -> str:
        return _shown(row.tax_report_from, row.currency, none=gettext("everybody"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def has_revise_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return self.may(request, "change", row)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        self.require(request, "add")
        return self._set(request, None, title=_("Set how you pay in a currency"))

    @button(_("Change"), path="revise", icon="edit", variant="main")
    def revise(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "revise")
        return self._set(request, row, title=_("Change %(name)s") % {"name": row})

    def _set(self, request: HttpRequest, row: PayoutPolicy | None, *, title: Any) -> HttpResponseBase:
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", PayoutPolicy))

        def act(form: Policy) -> None:
            given = dict(form.cleaned_data)
            services.set_policy(given.pop("organization"), by=actor(request), **given)

        return ask(
            self, request, row=row, title=title, form=partial(Policy, own=own, initial=_typed(row)), act=act,
            go=_("Set"), done=_("The policy is set."), to=address(self, None),
            note=_("Holds for batches that are planned and for what is decided about markets' money from now on. Each "
                   "currency has its own limit: markets pay in USD, so a limit in another one is none for them. Who "
                   "raises a limit or takes it away is bound by the one before for a day."),
        )  # fmt: skip


def _shown(minor: int | None, currency: str, *, none: str) -> str:
    return none if minor is None else amount(minor, currency)


def _typed(row: PayoutPolicy | None) -> dict[str, Any]:
    """Return a policy as the form has it; the account is not shown again."""
    if row is None:
        return {}
    amounts = {
        name: f"{money.to_decimal(value, row.currency):f}"
        for name in ("second_person_from", "tax_report_from")
        if (value := getattr(row, name)) is not None
    }
    kept = {name: getattr(row, name) for name in ("organization", "currency", "payer_name", "payer_bic")}
    return kept | amounts
