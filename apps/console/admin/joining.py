"""How workers join: the terms they agree to, and who is invited."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.console import permissions
from apps.console.asking import ask
from apps.console.base import button
from apps.console.forms.people import Invite, PublishTerms
from apps.console.permissions import actor
from apps.console.scope import ReadOnly
from apps.console.showing import prose
from apps.members import consent
from apps.members.models import Organization, Terms
from apps.pipeline import flow
from apps.workforce import inviting
from apps.workforce.models import Invitation


@admin.register(Terms)
class TermsAdmin(ReadOnly):
    """Published in versions; workers are asked again when there is a new one."""

    empty = _("No terms were published yet. Nobody can be invited before.")
    list_display = ("organization", "version", "published_at", "agreed")
    list_select_related = ("organization",)
    fields = ("organization", "version", "published_at", "published_by", "agreed", "shown_text")
    readonly_fields = fields

    @admin.display(description=_("agreed to by"))
    def agreed(self, row: Terms) -> int:
        return row.consents.count()

    @admin.display(description=_("text"))
    def shown_text(self, row: Terms) -> str:
        return prose(row.text)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Terms))

        def act(form: PublishTerms) -> None:
            given = form.cleaned_data
            consent.publish(given["organization"], text=given["text"], by=actor(request))

        return ask(
            self, request, title=_("Publish terms"), form=partial(PublishTerms, own=own), act=act, go=_("Publish"),
            note=_("Every worker of the organization is asked to agree before they go on."),
            done=_("The terms are published."),
        )  # fmt: skip


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    """Sent by mail; the link can also be handed over by hand."""

    empty = _("Nobody was invited yet.")
    list_display = ("email", "state", "created_at", "sent_at", "expires_at")
    list_filter = ("state",)
    search_fields = ("email",)
    fields = (
        "organization", "email", "state", "languages", "groups", "invited_by", "created_at", "sent_at", "expires_at",
        "worker", "link",
    )  # fmt: skip
    readonly_fields = fields
    actions_detail = ("withdraw",)

    @admin.display(description=_("link"))
    def link(self, row: Invitation) -> str:
        return flow.link_of(row) if row.state == Invitation.State.OPEN else "–"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Invitation))

        def act(form: Invite) -> None:
            given = form.cleaned_data
            flow.invite(
                given["organization"],
                email=given["email"],
                languages=given["languages"],
                groups=given["groups"],
                by=actor(request),
            )

        return ask(
            self, request, title=_("Invite a worker"), form=partial(Invite, own=own), act=act, go=_("Invite"),
            done=_("The invitation is on its way."),
        )  # fmt: skip

    @button(_("Withdraw"), path="withdraw", icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "withdraw")

        def act(form: Any) -> None:
            inviting.withdraw(row, by=actor(request))

        return ask(
            self, request, row=row, title=_("Withdraw the invitation of %(email)s") % {"email": row.email}, act=act,
            go=_("Withdraw"), done=_("The invitation is withdrawn."),
        )  # fmt: skip

    def has_withdraw_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.offers(request, obj, "withdraw")

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return bool(self.may(request, "change", row)) and (row is None or row.state == Invitation.State.OPEN)
