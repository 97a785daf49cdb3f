"""The names behind opaque keys ("campaign:…", "worker:…") that low rows hold; what entries are called."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import money
from apps.ledger.models import Closing, Entry
from apps.payments.models import PayoutBatch, PayoutPolicy
from apps.work.models import Assignment
from apps.workforce.models import Worker

NOUNS: dict[str, type[Model]] = {
    "campaign": Campaign,
    "worker": Worker,
    "batch": PayoutBatch,
    "closing": Closing,
    "policy": PayoutPolicy,
}
# What one entry of each of the ledger's kinds is called.
ENTRIES = {
    "deposit": _("deposit"),
    "refund": _("refund"),
    "fund": _("budget given"),
    "close": _("budget given back"),
    "obligation": _("work"),
    "bonus": _("bonus"),
    "adjustment": _("adjustment"),
    "payout": _("payout"),
    "return": _("payout that came back"),
    "fee": _("fee"),
    "market": _("paid by a market"),
    "market_fee": _("fee of a market"),
    "correction": _("correction"),
}


def names(keys: Iterable[str]) -> dict[str, str]:
    """Return the names of the rows that these keys mean, a query for each noun. What is gone has none."""
    wanted: dict[str, set[str]] = {}
    for key in keys:
        noun, _colon, pk = key.partition(":")
        wanted.setdefault(noun, set()).add(pk)
    found = {
        f"{noun}:{row.pk}": str(row)
        for noun, model in NOUNS.items()
        if noun in wanted
        for row in model._default_manager.filter(pk__in=wanted[noun])
    }
    if "entry" in wanted:  # whose names are asked for in turn
        entries = Entry.objects.filter(pk__in=wanted["entry"]).prefetch_related("postings__account")
        found |= {f"entry:{pk}": title for pk, title in titles(entries).items()}
    pages = Assignment.objects.filter(pk__in=wanted.get("assignment", ())).select_related("worker", "campaign")
    for page in pages:
        found[f"assignment:{page.pk}"] = gettext("page of %(worker)s in %(campaign)s") % {
            "worker": page.worker, "campaign": page.campaign,
        }  # fmt: skip
    return found


def titles(entries: Iterable[Entry]) -> dict[int, str]:
    """Return what a person calls each entry: what it was, whose, how much, and on which day it is booked."""
    rows = list(entries)
    of = whom(rows)
    return {
        row.pk: " · ".join(
            filter(
                None,
                [str(ENTRIES.get(row.kind, row.kind)), of[row.pk] or named(row), *amounts(row), f"{row.at:%Y-%m-%d}"],
            )
        )
        for row in rows
    }


def whom(entries: Iterable[Entry]) -> dict[int, str]:
    """Return whose money each entry moved: a worker's, a campaign's; of a correction what it undoes; "" of funds."""
    rows = list(entries)
    owners = {row.pk: {posting.account.owner for posting in row.postings.all()} - {""} for row in rows}
    known = names({owner for each in owners.values() for owner in each})
    return {
        row.pk: ", ".join(
            known.get(owner, owner.partition(":")[2])
            for owner in sorted(owners[row.pk], key=lambda owner: (not owner.startswith("worker:"), owner))
        )
        or (row.memo if row.kind == "correction" else "")
        for row in rows
    }


def named(entry: Entry) -> str:
    """Return what names an entry among those of its kind: of a deposit as the bank does, of a payout its number."""
    return entry.reference.removeprefix(f"{entry.kind}:")


def amounts(entry: Entry) -> list[str]:
    """Return how much an entry moved, in each currency."""
    moved: dict[str, int] = {}
    for posting in entry.postings.all():
        currency = posting.account.currency
        moved[currency] = moved.get(currency, 0) + max(posting.amount, 0)
    return [money.show(total, currency) for currency, total in moved.items()]


class Called:
    """Titles a row's page by what a person calls it; a mixin before an admin class, which says in `called` what."""

    def called(self, row: Any) -> str:
        raise NotImplementedError

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row with what it is called, which is looked up where it is shown."""
        row: Any = super().get_object(request, object_id, from_field)  # type: ignore[misc]  # of the admin class
        if row is not None:
            row.called = SimpleLazyObject(lambda: self.called(row))
        return row

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, unquote(object_id))
        title = {"subtitle": row.called} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **title})  # type: ignore[misc]


class Named:
    """Shows the name behind the key in `key_field`; a mixin before an admin class."""

    key_field = "owner"
    no_key: Any = "–"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Look all the names on a page of the list up at once."""
        listed = super().get_changelist_instance(request)  # type: ignore[misc]  # of the admin class
        found = names(getattr(row, self.key_field) for row in listed.result_list)
        for row in listed.result_list:
            row.name_behind = found.get(getattr(row, self.key_field))
        return listed

    @admin.display(description=_("of"))
    def shown_key(self, row: Any) -> str:
        key = getattr(row, self.key_field)
        name = row.name_behind if hasattr(row, "name_behind") else names([key]).get(key)
        return name or key or str(self.no_key)
