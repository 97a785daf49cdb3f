"""Organizations, their members, and the trail of what they decided."""

import json
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.console import permissions
from apps.console.asking import address, ask, shown_once
from apps.console.forms.people import NewMember
from apps.console.naming import Named
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly, Scoped
from apps.members import accounts, services, trail
from apps.members.models import Membership, Organization, Role, Trail, User


@admin.register(Organization)
class OrganizationAdmin(Scoped):
    list_display = ("name", "slug", "created_at")
    fields = ("name", "slug", "contact", "created_at")
    readonly_fields = ("slug", "created_at")


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    """Roles, given and taken by an admin; nobody changes their own."""

    list_display = ("user", "role")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "user__name")
    fields = ("organization", "email", "role")
    readonly_fields = fields

    @admin.display(description=_("e-mail"))
    def email(self, row: Membership) -> str:
        return row.user.email

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete", obj) and (obj is None or obj.user_id != request.user.pk)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        services.dismiss(obj, by=actor(request))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Membership))

        @transaction.atomic
        def act(form: NewMember) -> HttpResponseBase | None:
            given = form.cleaned_data
            user, password = accounts.log_in(given["email"], name=given["name"], of=given["organization"].pk)
            if user == request.user:
                raise PermissionDenied("Nobody changes their own roles.")
            services.enrol(user, organization=given["organization"], role=Role(given["role"]), by=actor(request))
            if not password:
                return None
            return shown_once(
                self, request, title=_("A new log-in"), email=user.email, password=password, to=address(self, None)
            )

        return ask(
            self, request, title=_("Give somebody a role"), form=partial(NewMember, own=own), act=act,
            go=_("Give the role"), done=_("The role is given."),
        )  # fmt: skip


class Who(admin.SimpleListFilter):
    """The decisions of one person, of those who decided something in the user's organizations; or the system's."""

    title = _("who")
    parameter_name = "who"
    SYSTEM = "system"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        people = User.objects.filter(Exists(model_admin.get_queryset(request).filter(actor=OuterRef("pk"))))
        known = [(str(one.pk), str(one)) for one in people.order_by("name", "email")[: OwnRelatedFilter.MOST]]
        return [*known, (self.SYSTEM, _("the system"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trail]) -> QuerySet[Trail]:
        wanted = self.value()
        if wanted == self.SYSTEM:
            return queryset.filter(actor=None)
        return queryset.filter(**{"actor": wanted}) if wanted in dict(self.lookup_choices) else queryset


@admin.register(Trail)
class TrailAdmin(Named, ReadOnly):
    """What was decided. Why, where that may tell what is in a task, is for those who may see tasks."""

    key_field = "subject"
    list_display = ("at", "actor_name", "verb", "shown_key", "shown_reason")
    list_select_related = ("actor",)
    list_filter = (Who, "verb")
    date_hierarchy = "at"
    search_fields = ("subject", "actor__email", "actor__name")
    fields = ("organization", "at", "actor_name", "verb", "shown_key", "subject", "shown_reason", "shown_data")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        seers_of = permissions.with_role(request, Role.REQUESTER, Role.REVIEWER)
        return trail.telling(super().get_queryset(request), seers_of=seers_of)

    @admin.display(description=_("reason"))
    def shown_reason(self, row: Any) -> str:
        return str(row.reason) if row.tells or not row.reason else gettext("for requesters and reviewers")

    @admin.display(description=_("data"))
    def shown_data(self, row: Any) -> str:
        return json.dumps(row.data, ensure_ascii=False) if row.tells else "–"

    @admin.display(description=_("who"), ordering="actor")
    def actor_name(self, row: Trail) -> str:
        return str(row.actor or _("the system"))
