"""Machines: the tokens by which they act, the webhooks by which they are told, and the log of what they were told."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.console import permissions
from apps.console.asking import address, ask, shown_once
from apps.console.base import button
from apps.console.forms.money import OfOrganization
from apps.console.permissions import actor
from apps.console.scope import Below, OwnRelatedFilter, ReadOnly, Revocable
from apps.console.showing import pill
from apps.members import services as members
from apps.members.models import Organization, Scope, Token, User
from apps.notices import services as notices
from apps.notices.models import Attempt, Endpoint, Event, Notice
from apps.pipeline import flow
from apps.workforce.models import Worker


class NewToken(OfOrganization):
    """Whose, what for, what it may do, and how long."""

    name = forms.CharField(label=_("What it is for"), max_length=100)
    email = forms.EmailField(label=_("E-mail of the member or worker as whom it acts"))
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ.value]
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=members.LONGEST_DAYS, initial=90)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not ((of := values.get("organization")) and (email := values.get("email"))):
            return values
        values["user"] = User.objects.filter(email__iexact=email).first()
        belongs = values["user"] and (
            values["user"].memberships.filter(organization=of).exists()
            or Worker.objects.filter(organization=of, user=values["user"]).exists()
        )
        if not belongs:
            raise forms.ValidationError(_("%(email)s is neither a member nor a worker there.") % {"email": email})
        return values


class NewEndpoint(OfOrganization):
    """An address and what it is told."""

    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("Of a host that this site's operator allows.")
    )
    events = forms.MultipleChoiceField(label=_("Told when"), choices=Event.choices, widget=forms.CheckboxSelectMultiple)


@admin.register(Token)
class TokenAdmin(Revocable):
    list_display = ("name", "begins", "whose", "scopes_words", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user", "organization")
    search_fields = ("name", "begins", "user__email")
    fields = (
        "organization", "name", "begins", "whose", "scopes_words", "made_by", "created_at", "expires_at",
        "last_used_at", "revoked_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("acts as"))
    def whose(self, row: Token) -> str:
        return row.user.email if row.user else str(Worker.objects.filter(pk__in=[row.worker]).first() or row.worker)

    @admin.display(description=_("may"))
    def scopes_words(self, row: Token) -> str:
        return ", ".join(row.scopes)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Token))

        def act(form: NewToken) -> HttpResponseBase:
            given = form.cleaned_data
            _token, secret = members.make_token(
                given["organization"], name=given["name"], scopes=given["scopes"], days=given["days"],
                user=given["user"], by=actor(request),
            )  # fmt: skip
            return secret_once(self, request, title=_("A new token"), secret=secret, to=address(self, None))

        return ask(
            self, request, title=_("Make a token"), form=partial(NewToken, own=own), act=act, go=_("Make the token"),
            note=_("A machine that shows it does what that person may do here, as far as it is ticked below."),
        )  # fmt: skip

    @button(_("Revoke"), path="revoke", icon="key_off", variant="danger")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "revoke")
        return ask(
            self, request, row=row, title=_("Revoke %(token)s?") % {"token": row}, go=_("Revoke"), danger=True,
            act=lambda form: members.revoke(row, by=actor(request)), done=_("The token lets nobody in any more."),
        )  # fmt: skip


@admin.register(Endpoint)
class EndpointAdmin(ReadOnly):
    list_display = ("url", "events_words", "created_at", "rests_until", "disabled_at")
    search_fields = ("url",)
    fields = (
        "organization",
        "url",
        "events_words",
        "created_by",
        "created_at",
        "before_until",
        "failures",
        "rests_until",
        "disabled_at",
    )
    readonly_fields = fields
    actions_detail = ("rotate", "disable")

    @admin.display(description=_("told when"))
    def events_words(self, row: Endpoint) -> str:
        return ", ".join(row.events)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def has_rotate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    has_disable_permission = has_rotate_permission

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return row.disabled_at is None and self.has_rotate_permission(request, row)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", Endpoint))

        def act(form: NewEndpoint) -> HttpResponseBase:
            given = form.cleaned_data
            endpoint, secret = notices.add_endpoint(
                given["organization"], url=given["url"], events=given["events"], by=actor(request)
            )
            to = reverse("admin:notices_endpoint_change", args=[endpoint.pk])
            return secret_once(self, request, title=_("The secret that signs"), secret=secret, to=to)

        return ask(
            self, request, title=_("Add a webhook"), form=partial(NewEndpoint, own=own), act=act, go=_("Add"),
            note=_("Your machine is told of what happens here, signed as Standard Webhooks says."),
        )  # fmt: skip

    @button(_("Give it a new secret"), path="rotate", icon="autorenew")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "rotate")

        def act(form: forms.Form) -> HttpResponseBase:
            secret = notices.rotate(row, by=actor(request))
            return secret_once(self, request, title=_("The new secret"), secret=secret, to=address(self, row))

        return ask(
            self, request, row=row, title=_("Give %(url)s a new secret?") % {"url": row}, go=_("Give"), act=act,
            note=_("The one it has signs too for a day, so that you can change over."),
        )  # fmt: skip

    @button(_("Tell it no more"), path="disable", icon="notifications_off", variant="danger")
    def disable(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "disable")
        return ask(
            self, request, row=row, title=_("Tell %(url)s no more?") % {"url": row}, go=_("Tell it no more"),
            act=lambda form: notices.disable(row, by=actor(request)), danger=True, done=_("It is told no more."),
        )  # fmt: skip


class Attempts(Below):
    model = Attempt
    fields = ("at", "status", "problem", "seconds")
    readonly_fields = fields
    verbose_name_plural = _("tries")


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ("event", "endpoint", "shown_state", "tries", "created_at", "sent_at")
    list_filter = ("state", "event", ("endpoint", OwnRelatedFilter))
    list_select_related = ("endpoint",)
    fields = ("endpoint", "event", "shown_state", "tries", "due_at", "created_at", "sent_at", "body")
    readonly_fields = fields
    inlines = (Attempts,)
    actions_detail = ("replay",)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Notice) -> str:
        return pill(Notice.State(row.state))

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return row.state != Notice.State.WAITING and self.has_replay_permission(request, row)

    @button(_("Send again"), path="replay", icon="replay")
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "replay")
        return ask(
            self, request, row=row, title=_("Send it again?"), go=_("Send again"), done=_("It is sent again."),
            act=lambda form: flow.replay(row, by=actor(request)), note=_("With the id it had: its receiver can tell."),
        )  # fmt: skip


def secret_once(page: ReadOnly, request: HttpRequest, *, title: Any, secret: str, to: str) -> HttpResponseBase:
    return shown_once(page, request, title=title, template="console/secret.html", secret=secret, to=to)
