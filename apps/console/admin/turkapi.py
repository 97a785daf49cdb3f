"""Access keys to the MTurk-compatible API: made, shown once, revoked."""

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
from apps.console.scope import Revocable
from apps.members.models import Organization
from apps.turkapi.models import AccessKey
from apps.turkapi.services import keys


class NewKey(OfOrganization):
    """For which organization, and what for."""

    note = forms.CharField(max_length=100, required=False, label=_("What it is for"))


@admin.register(AccessKey)
class AccessKeyAdmin(Revocable):
    """Made by a requester for their own scripts, which then act in their name."""

    list_display = ("id", "note", "user", "created_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("id", "note", "user__email")
    fields = ("organization", "id", "user", "note", "created_at", "revoked_at")
    readonly_fields = fields

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        self.require(request, "add")
        own = Organization.objects.filter(pk__in=permissions.organizations(request, "add", AccessKey))

        def act(form: NewKey) -> HttpResponseBase:
            given = form.cleaned_data
            who = actor(request)
            key, secret = keys.make(given["organization"], user=who, note=given["note"], by=who)
            return shown_once(
                self, request, title=_("A new access key"), template="console/key.html", key=key.pk, secret=secret,
                endpoint=request.build_absolute_uri(reverse("turkapi:endpoint")), to=address(self, None),
            )  # fmt: skip

        return ask(
            self, request, title=_("Make an access key"), form=partial(NewKey, own=own), act=act, go=_("Make the key"),
            note=_("Scripts written for Amazon Mechanical Turk use it here: they reach your own workers only."),
        )  # fmt: skip

    @button(_("Revoke"), path="revoke", icon="key_off", variant="danger")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "revoke")
        return ask(
            self, request, row=row, title=_("Revoke %(key)s?") % {"key": row}, go=_("Revoke"), danger=True,
            act=lambda form: keys.revoke(row, by=actor(request)), done=_("The key opens nothing any more."),
        )  # fmt: skip
