"""The belt's own book-keeping, for admins: what was given up, and what the clock does."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.console import permissions
from apps.console.asking import address, ask
from apps.console.base import button
from apps.console.scope import ReadOnly
from apps.pipeline import flow, watching
from apps.pipeline.models import Delivery, Schedule


class Parked(admin.SimpleListFilter):
    title = _("parked")
    parameter_name = "parked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("given up")), ("no", _("being tried"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"yes": False, "no": True}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(parked_at__isnull=wanted)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Steps for rows of the user's organizations: a delivery itself knows only its row's id."""

    list_display = ("step", "key", "count", "reason", "begun_at", "parked_at")
    list_filter = (Parked, "step")
    search_fields = ("key", "reason")
    fields = ("step", "key", "count", "begun_at", "due_at", "parked_at", "reason")
    readonly_fields = fields
    actions_detail = ("unpark",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return watching.deliveries_of(permissions.organizations(request, "view", Delivery))

    def may(self, request: HttpRequest, verb: str, row: Any = None) -> bool:
        own = permissions.organizations(request, verb, Delivery)
        return bool(own) and (row is None or watching.deliveries_of(own).filter(pk=row.pk).exists())

    def organization_of(self, row: Any) -> UUID | None:
        return None

    def has_unpark_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return row.parked_at is not None and self.has_unpark_permission(request, row)

    @button(_("Try again"), path="unpark", icon="restart_alt", variant="main")
    def unpark(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "unpark")
        return ask(
            self, request, row=row, title=_("Try %(name)s again?") % {"name": row}, go=_("Try again"),
            note=_("It failed several times: %(reason)s") % {"reason": row.reason},
            act=lambda form: flow.unpark(row), done=_("It is tried again."), to=address(self, None),
        )  # fmt: skip


@admin.register(Schedule)
class ScheduleAdmin(ReadOnly):
    """What is done by the clock. Why it failed is in the server's log: it may speak of other organizations' rows."""

    list_display = ("name", "every_seconds", "due_at", "ran_at", "went_well")
    fields = list_display
    readonly_fields = fields

    @admin.display(description=_("went well"), boolean=True)
    def went_well(self, row: Schedule) -> bool | None:
        return None if row.ran_at is None else not row.error
