"""Workers, and what is known of them."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console import permissions
from apps.console.asking import ask, shown_once
from apps.console.base import button
from apps.console.forms.people import Grant, NewWorker, Restrict, TwoPeople
from apps.console.naming import Named
from apps.console.permissions import actor
from apps.console.scope import Below, OwnRelatedFilter, ReadOnly, Scoped
from apps.core import clock
from apps.members import accounts
from apps.members.models import Organization
from apps.workforce import linking, services
from apps.workforce.models import Group, Link, Qualification, Restriction, Skill, Worker


class Estimated(Named):
    """A skill as people read it."""

    key_field = "scope"

    @admin.display(description=_("right, by estimate"), ordering="mean")
    def estimate(self, row: Skill) -> str:
        return f"{row.mean:.0%} ({row.low:.0%} to {row.high:.0%})"

    @admin.display(description=_("gold"))
    def gold(self, row: Skill) -> str:
        return f"{row.gold_right:g} / {row.gold_answers}"


class Skills(Estimated, Below):
    model = Skill
    fields = ("shown_key", "estimate", "gold", "estimated_at")
    readonly_fields = fields
    verbose_name_plural = _("skills")


class Qualifications(Below):
    model = Qualification
    fields = ("name", "value", "granted_at")
    readonly_fields = fields
    verbose_name_plural = _("qualifications")


class Restrictions(Named, Below):
    key_field = "scope"
    no_key = _("the whole organization")
    model = Restriction
    fields = ("shown_key", "reason", "starts_at", "ends_at")
    readonly_fields = fields
    verbose_name_plural = _("restrictions")


@admin.register(Worker)
class WorkerAdmin(Scoped):
    list_display = ("shown_name", "external_id", "channel", "log_in", "groups_names", "created_at")
    list_filter = ("channel", ("groups", OwnRelatedFilter))
    search_fields = ("name", "external_id", "=user__email")  # who knows the address finds its worker; no list shows it
    fields = ("organization", "channel", "external_id", "log_in", "name", "languages", "groups")
    readonly_fields = ("channel", "external_id", "log_in")
    inlines = (Skills, Qualifications, Restrictions)
    actions_detail = ("restrict", "grant")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user").prefetch_related("groups")

    @admin.display(description=_("name"), ordering="name")
    def shown_name(self, row: Worker) -> str:
        return str(row)

    @admin.display(description=_("log-in"), boolean=True)
    def log_in(self, row: Worker) -> bool:
        return row.user is not None

    @admin.display(description=_("groups"))
    def groups_names(self, row: Worker) -> str:
        return ", ".join(str(group) for group in row.groups.all()) or "–"

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        wanted = {"restrict": Restriction, "grant": Qualification}[name]
        return row.organization_id in permissions.organizations(request, "add", wanted)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """Take in a worker, with a log-in if there is an e-mail address."""
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Worker))

        @transaction.atomic
        def act(form: NewWorker) -> HttpResponseBase | None:
            given = form.cleaned_data
            of, email = given["organization"], given["email"]
            user, password = accounts.log_in(email, name=given["name"], of=of.pk) if email else (None, "")
            called = given["external_id"] or (services.pseudonym(of, user) if user else "")
            worker = services.register(
                of, external_id=called, user=user, channel=given["channel"],
                name=given["name"], languages=given["languages"], groups=given["groups"],
            )  # fmt: skip
            self.log_addition(request, worker, "registered")
            if not password:
                return None
            to = reverse("admin:workforce_worker_change", args=[worker.pk])
            return shown_once(self, request, title=_("A new log-in"), email=given["email"], password=password, to=to)

        return ask(
            self, request, title=_("Take in a worker"), form=partial(NewWorker, own=own), act=act, go=_("Take in"),
            done=_("The worker is registered."),
        )  # fmt: skip

    @button(_("Restrict"), path="restrict", icon="block", variant="danger")
    def restrict(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "restrict")

        def act(form: Restrict) -> None:
            given = form.cleaned_data
            scope = given["campaign"].key if given["campaign"] else ""
            services.restrict(row, reason=given["reason"], scope=scope, ends_at=given["ends_at"], by=actor(request))

        return ask(
            self, request, row=row, title=_("Restrict %(name)s") % {"name": row}, act=act, go=_("Restrict"),
            form=partial(Restrict, campaigns=Campaign.objects.filter(organization=row.organization_id)), danger=True,
            note=_("No more pages are handed out to this worker there. What was done is paid."),
            done=_("The worker is restricted."),
        )  # fmt: skip

    def has_restrict_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.offers(request, obj, "restrict")

    @button(_("Grant a qualification"), path="grant", icon="workspace_premium")
    def grant(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "grant")
        return ask(
            self, request, row=row, title=_("Grant %(name)s a qualification") % {"name": row}, form=Grant,
            act=lambda form: services.grant(row, **form.cleaned_data), go=_("Grant"), done=_("It is granted."),
        )  # fmt: skip

    def has_grant_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.offers(request, obj, "grant")


@admin.register(Group)
class GroupAdmin(Scoped):
    list_display = ("name",)
    search_fields = ("name",)
    fields = ("organization", "name")


@admin.register(Skill)
class SkillAdmin(Estimated, ReadOnly):
    list_display = ("worker", "shown_key", "estimate", "gold", "estimated_at")
    list_select_related = ("worker",)
    search_fields = ("worker__name", "worker__external_id", "scope")
    fields = ("worker", "shown_key", "estimate", "gold", "agreed", "compared", "estimated_at")
    readonly_fields = fields


@admin.register(Qualification)
class QualificationAdmin(ReadOnly):
    """Granted on the worker's page."""

    list_display = ("worker", "name", "value", "granted_at")
    list_select_related = ("worker",)
    search_fields = ("worker__name", "worker__external_id", "name")
    fields = ("worker", "name", "value", "granted_at")
    readonly_fields = fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete", obj)


@admin.register(Restriction)
class RestrictionAdmin(Named, ReadOnly):
    """Made on the worker's page, lifted here."""

    key_field = "scope"
    no_key = Restrictions.no_key
    list_display = ("worker", "shown_key", "reason", "starts_at", "ends_at")
    list_select_related = ("worker",)
    search_fields = ("worker__name", "worker__external_id", "reason")
    fields = ("worker", "shown_key", "reason", "starts_at", "ends_at")
    readonly_fields = fields
    actions_detail = ("lift",)

    def has_lift_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        in_force = row.ends_at is None or row.ends_at > clock.now()
        return in_force and self.has_lift_permission(request, row)

    @button(_("Lift"), path="lift", icon="lock_open", variant="main")
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "lift")
        return ask(
            self, request, row=row, title=_("Lift the restriction of %(name)s?") % {"name": row.worker}, go=_("Lift"),
            act=lambda form: services.lift(row, by=actor(request)), done=_("The restriction is lifted."),
        )  # fmt: skip


@admin.register(Link)
class LinkAdmin(ReadOnly):
    """Accounts that look like one person's; cleared here by who knows that they are two people's."""

    list_display = ("first", "second", "shown_kind", "found_at", "shown_cleared")
    list_select_related = ("first", "second")
    search_fields = ("first__name", "first__external_id", "second__name", "second__external_id")
    fields = ("first", "second", "shown_kind", "found_at", "cleared_at", "cleared_by", "reason")
    readonly_fields = fields
    actions_detail = ("clear",)
    empty = _("No two accounts look like one person's.")
    list_before_template = change_form_before_template = "console/links.html"

    @admin.display(description=_("what both have"), ordering="kind")
    def shown_kind(self, row: Link) -> str:
        return str(row.get_kind_display())

    @admin.display(description=_("known to be two people"), boolean=True)
    def shown_cleared(self, row: Link) -> bool:
        return row.cleared_at is not None

    def has_clear_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return row.cleared_at is None and self.has_clear_permission(request, row)

    @button(_("They are two people"), path="clear", icon="group", variant="main")
    def clear(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "clear")
        return ask(
            self, request, row=row, title=_("Are %(names)s two people?") % {"names": row}, form=TwoPeople,
            act=lambda form: linking.clear(row, reason=form.cleaned_data["reason"], by=actor(request)),
            note=_("They will be given the same items again, whose answers then count as two opinions."),
            go=_("They are two people"), done=_("The link is cleared."),
        )  # fmt: skip
