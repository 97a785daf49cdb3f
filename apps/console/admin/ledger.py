"""The books: read only, but for what an organization's own money does."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.console import naming, permissions, queries
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.forms.money import Moved, Reason
from apps.console.naming import Called, Named, names
from apps.console.owned import OfOrganization
from apps.console.permissions import actor
from apps.console.scope import Below, ReadOnly
from apps.console.showing import amount, link
from apps.core import money
from apps.ledger import services
from apps.ledger.models import KINDS, Account, Budget, Entry, Posting
from apps.members.models import Organization

# Whose reference is an identity of ours; of the others, where it holds one.
OURS = {"obligation", "payout", "return", "market", "market_fee", "close", "correction", "service_fee"}
IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")


@admin.register(Account)
class AccountAdmin(Named, OfOrganization, ReadOnly):
    list_display = ("kind", "shown_key", "balance", "postings_link")
    list_filter = ("kind", "currency")
    search_fields = ("owner",)
    fields = ("organization_name", "kind", "shown_key", "currency", "balance", "postings_link")
    readonly_fields = fields
    ordering = ("kind", "owner")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(total=Sum("postings__amount", default=0))

    @admin.display(description=_("balance"), ordering="total")
    def balance(self, row: Any) -> str:
        return amount(row.total, row.currency)

    @admin.display(description=_("postings"))
    def postings_link(self, row: Account) -> str:
        address = reverse("admin:ledger_posting_changelist")
        return link(f"{address}?account__id__exact={row.pk}", str(_("show")))


@admin.register(Budget)
class BudgetAdmin(Named, ReadOnly):
    list_display = ("shown_key", "shown_amount", "shown_held", "shown_spent", "shown_free")
    search_fields = ("owner",)
    fields = ("organization", *list_display)
    readonly_fields = fields

    @admin.display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Budget) -> str:
        return amount(row.amount, row.currency)

    @admin.display(description=_("held for pages in hand"), ordering="held")
    def shown_held(self, row: Budget) -> str:
        return amount(row.held, row.currency)

    @admin.display(description=_("spent"), ordering="spent")
    def shown_spent(self, row: Budget) -> str:
        return amount(row.spent, row.currency)

    @admin.display(description=_("free"))
    def shown_free(self, row: Budget) -> str:
        return amount(row.free, row.currency)


class Postings(Below):
    model = Posting
    fields = ("shown_account", "shown_amount")
    readonly_fields = fields
    verbose_name_plural = _("postings")

    @admin.display(description=_("account"))
    def shown_account(self, row: Posting) -> str:
        owner = row.account.owner
        kind = row.account.get_kind_display()
        name = f"{kind}: {names([owner]).get(owner, owner)}" if owner else kind
        return link(reverse("admin:ledger_account_change", args=[row.account_id]), name)

    @admin.display(description=_("amount"))
    def shown_amount(self, row: Posting) -> str:
        return amount(row.amount, row.account.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        return super().get_queryset(request).select_related("account")


class KindOfEntry(admin.SimpleListFilter):
    """By what moved the money; without asking the table which kinds it has."""

    title = _("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(Called, OfOrganization, ReadOnly):
    list_display = ("booked", "shown_kind", "whom", "shown_amounts", "shown_reference")
    list_display_links = ("booked", "shown_kind")
    search_fields = ("reference", "memo")
    list_filter = (KindOfEntry,)
    fields = ("organization_name", "shown_kind", "whom", "shown_amounts", "at", "named", "memo")
    readonly_fields = fields
    inlines = (Postings,)
    ordering = ("-at", "-id")  # as entry_by_time has them: months are closed by when a thing is booked
    date_hierarchy = "at"
    actions_list = ("refund", "charge")
    actions_detail = ("correct",)
    empty = _("Nothing moved yet. Book the first deposit; campaigns are paid from it.")

    @admin.display(description=_("what"), ordering="kind")
    def shown_kind(self, row: Entry) -> str:
        return str(KINDS.get(row.kind, row.kind))

    @admin.display(description=_("booked"), ordering="at")
    def booked(self, row: Entry) -> Any:
        return row.at

    @admin.display(description=_("reference"))
    def shown_reference(self, row: Entry) -> str:
        """Show what a person gave; an identity of ours says nothing in a list, and is on the entry's page."""
        reference = naming.named(row)
        return "–" if row.kind in OURS or IDENTITY.search(reference) else reference

    @admin.display(description=_("reference"))
    def named(self, row: Entry) -> str:
        return naming.named(row)

    @admin.display(description=_("whom"))
    def whom(self, row: Any) -> str:
        return (row.whom if hasattr(row, "whom") else naming.whom([row])[row.pk]) or "–"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Look all the names on a page of the list up at once."""
        listed: Any = super().get_changelist_instance(request)
        found = naming.whom(listed.result_list)
        for row in listed.result_list:
            row.whom = found[row.pk]
        return listed

    def called(self, row: Any) -> str:
        return naming.titles([row])[row.pk]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("postings__account")

    @admin.display(description=_("moved"))
    def shown_amounts(self, row: Entry) -> str:
        return format_html_join(", ", '<span class="console-amount">{}</span>', ([one] for one in naming.amounts(row)))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Book a deposit."""
        return self._moved(
            request, services.deposit, title=_("Book a deposit"), done=_("The deposit is booked."),
            note=_("Money that came in from outside, into the organization's funds."),
        )  # fmt: skip

    @button(_("Book a refund"), path="refund", icon="undo")
    def refund(self, request: HttpRequest) -> HttpResponseBase:
        return self._moved(
            request, services.refund, title=_("Book a refund"), done=_("The refund is booked."),
            note=_("Money of the funds that went back to where it came from. What campaigns have, or workers are owed, "
                   "can't be refunded: stop the campaign first."),
        )  # fmt: skip

    @button(_("Book a fee"), path="fee", icon="toll")
    def charge(self, request: HttpRequest) -> HttpResponseBase:
        return self._moved(
            request, services.charge, title=_("Book a fee"), done=_("The fee is booked."),
            note=_("What a bank or a channel took out of the organization's funds."),
        )  # fmt: skip

    def _moved(self, request: HttpRequest, verb: Callable[..., Entry], **words: Any) -> HttpResponseBase:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Entry))

        def act(form: Moved) -> None:
            given = form.cleaned_data
            verb(given.pop("organization"), by=actor(request), **given)

        note = f"{words.pop('note')} {_in_funds(own)}"
        return ask(self, request, form=partial(Moved, own=own), act=act, go=_("Book it"), note=note, **words)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return self.may(request, "add", row) and row.kind in services.CORRECTABLE

    def has_correct_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    @button(_("Undo"), path="correct", icon="undo", variant="danger")
    def correct(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "correct")
        return ask(
            self, request, row=row, title=_("Undo %(name)s?") % {"name": row.called}, form=Reason, go=_("Undo it"),
            danger=True,
            note=_("If it was booked by mistake: it stays in the books, and an entry of the opposite comes after it. "
                   "It moved %(amount)s.") % {"amount": ", ".join(naming.amounts(row))},
            act=lambda form: services.correct(row, reason=form.cleaned_data["reason"], by=actor(request)),
            to=address(self, None), done=_("It is undone."),
        )  # fmt: skip


def _in_funds(own: QuerySet[Organization]) -> str:
    """Say whose funds hold what."""
    held = [
        gettext("%(name)s has %(amount)s in its funds.")
        % {"name": one.name, "amount": money.show(one.amount, one.currency)}
        for one in queries.funds(own.values_list("pk", flat=True))
    ]
    return " ".join(held) or gettext("The funds are empty.")


@admin.register(Posting)
class PostingAdmin(ReadOnly):
    list_display = ("at", "shown_entry", "shown_account", "shown_amount")
    list_filter = ("account__kind", "account__currency")
    list_select_related = ("entry", "account")
    search_fields = ("entry__reference",)
    drilled = ("account__id__exact",)
    fields = list_display
    readonly_fields = fields
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("entry__postings__account")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Look all the names on a page of the list up at once."""
        listed: Any = super().get_changelist_instance(request)
        found = naming.titles({row.entry_id: row.entry for row in listed.result_list}.values())
        for row in listed.result_list:
            row.title = found[row.entry_id]
        return listed

    @admin.display(description=_("entry"))
    def shown_entry(self, row: Any) -> str:
        title = row.title if hasattr(row, "title") else naming.titles([row.entry])[row.entry_id]
        return link(reverse("admin:ledger_entry_change", args=[row.entry_id]), title)

    @admin.display(description=_("account"))
    def shown_account(self, row: Posting) -> str:
        return str(row.account.get_kind_display())

    @admin.display(description=_("amount"))
    def shown_amount(self, row: Posting) -> str:
        return amount(row.amount, row.account.currency)

    @admin.display(description=_("time"))
    def at(self, row: Posting) -> Any:
        return row.entry.at
