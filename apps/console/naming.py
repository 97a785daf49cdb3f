"""The names behind opaque keys ("campaign:…", "worker:…") that low rows hold of higher ones."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.ledger.models import Closing, Entry
from apps.payments.models import PayoutBatch, PayoutPolicy
from apps.work.models import Assignment
from apps.workforce.models import Worker

NOUNS: dict[str, type[Model]] = {
    "campaign": Campaign,
    "worker": Worker,
    "batch": PayoutBatch,
    "entry": Entry,
    "closing": Closing,
    "policy": PayoutPolicy,
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
    pages = Assignment.objects.filter(pk__in=wanted.get("assignment", ())).select_related("worker", "campaign")
    for page in pages:
        found[f"assignment:{page.pk}"] = gettext("page of %(worker)s in %(campaign)s") % {
            "worker": page.worker, "campaign": page.campaign,
        }  # fmt: skip
    return found


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
