"""The books: read only, but for deposits."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.console import permissions
from apps.console.asking import ask
from apps.console.forms.money import Deposit
from apps.console.naming import Named, names
from apps.console.permissions import actor
from apps.console.scope import Below, ReadOnly
from apps.console.showing import amount, link
from apps.core import money
from apps.ledger import services
from apps.ledger.models import Account, Budget, Entry, Posting
from apps.members.models import Organization


@admin.register(Account)
class AccountAdmin(Named, ReadOnly):
    list_display = ("kind", "shown_key", "balance", "postings_link")
    list_filter = ("kind", "currency")
    search_fields = ("owner",)
    fields = ("organization", "kind", "shown_key", "currency", "balance", "postings_link")
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


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    list_display = ("reference", "memo", "shown_amounts", "at")
    search_fields = ("reference", "memo")
    list_filter = ("memo",)
    fields = ("organization", "reference", "memo", "at")
    readonly_fields = fields
    inlines = (Postings,)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("postings__account")

    @admin.display(description=_("moved"))
    def shown_amounts(self, row: Entry) -> str:
        moved: dict[str, int] = {}
        for posting in row.postings.all():
            currency = posting.account.currency
            moved[currency] = moved.get(currency, 0) + max(posting.amount, 0)
        return ", ".join(money.show(total, currency) for currency, total in moved.items())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Book a deposit: the only entry that a person makes."""
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Entry))

        def act(form: Deposit) -> None:
            given = form.cleaned_data
            services.deposit(
                given["organization"], amount=given["amount"], currency=given["currency"],
                reference=given["reference"], by=actor(request),
            )  # fmt: skip

        return ask(
            self, request, title=_("Book a deposit"), form=partial(Deposit, own=own), act=act, go=_("Book it"),
            note=_("Money that came in from outside, into the organization's funds."), done=_("The deposit is booked."),
        )  # fmt: skip


@admin.register(Posting)
class PostingAdmin(ReadOnly):
    list_display = ("entry", "account", "shown_amount", "at")
    list_filter = ("account__kind", "account__currency")
    list_select_related = ("entry", "account")
    search_fields = ("entry__reference",)
    fields = ("entry", "account", "shown_amount", "at")
    readonly_fields = fields
    ordering = ("-id",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "account__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description=_("amount"))
    def shown_amount(self, row: Posting) -> str:
        return amount(row.amount, row.account.currency)

    @admin.display(description=_("time"))
    def at(self, row: Posting) -> Any:
        return row.entry.at
