"""Access keys of the MTurk-compatible service: made for the caller's own scripts, listed, revoked."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import one, organization
from apps.api.paging import flag, uid
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.keys import AccessKeyIn, AccessKeyOut, MadeAccessKeyOut
from apps.turkapi.models import AccessKey
from apps.turkapi.services import keys


class AccessKeys(Endpoint):
    @verb("List access keys of the MTurk-compatible service", lists=AccessKeyOut, filters={
          "user": uid("user"), "revoked": flag("revoked_at__isnull", no=True)})  # fmt: skip
    def get(self, request: Request) -> QuerySet[AccessKey]:
        return access_keys(self.caller)

    @verb("Make a key that acts as the caller; its secret is shown once", takes=AccessKeyIn, gives=MadeAccessKeyOut,
          status=201, shows_secret=True)  # fmt: skip
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        who = self.caller.user
        made, secret = keys.make(
            organization(self.caller), user=who, note=given["note"], by=who, token=self.caller.bearer.token
        )
        endpoint = request.build_absolute_uri(reverse("turkapi:endpoint"))
        return Response(MadeAccessKeyOut({"id": made.pk, "secret": secret, "endpoint": endpoint}).data, status=201)


class RevokeAccessKey(Endpoint):
    @verb("Let nobody in by a key any more", takes=Empty, gives=AccessKeyOut)
    def post(self, request: Request, key_id: str, given: dict[str, Any]) -> AccessKey:
        row = one(access_keys(self.caller), pk=key_id)
        keys.revoke(row, by=self.caller.user)
        row.refresh_from_db()
        return row


def access_keys(caller: Caller) -> QuerySet[AccessKey]:
    return AccessKey.objects.filter(organization=caller.organization)
