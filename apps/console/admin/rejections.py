"""From which amount on two people reject: set by an organization's admin, so that reviewers set no limit themselves."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.console.forms.campaigns import RejectionPolicyForm
from apps.console.permissions import actor
from apps.console.scope import Scoped
from apps.console.showing import amount
from apps.members import trail
from apps.quality.models import RejectionPolicy


@admin.register(RejectionPolicy)
class RejectionPolicyAdmin(Scoped):
    form = RejectionPolicyForm
    list_display = ("currency", "shown_limit", "organization")
    list_select_related = ("organization",)
    fields = ("organization", "currency", "second_person_from")
    empty = _("No limit is set: one person alone may reject any page.")

    @admin.display(description=_("a second person agrees from"), ordering="second_person_from")
    def shown_limit(self, row: RejectionPolicy) -> str:
        return amount(row.second_person_from, row.currency)

    def save_model(self, request: HttpRequest, obj: RejectionPolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._told(request, obj, obj.second_person_from)

    def delete_model(self, request: HttpRequest, obj: RejectionPolicy) -> None:
        super().delete_model(request, obj)
        self._told(request, obj, None)

    def _told(self, request: HttpRequest, row: RejectionPolicy, limit: int | None) -> None:
        trail.record(
            row.organization, verb="set rejection limit", subject=f"organization:{row.organization_id}",
            actor=actor(request), second_person_from=limit, currency=row.currency,
        )  # fmt: skip
