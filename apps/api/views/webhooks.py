"""Webhooks: who is told what, and the log of it with replay."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint as Base
from apps.api.callers import Caller
from apps.api.finding import one, organization
from apps.api.paging import choice, uid
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.webhooks import DeliveryOut, SecretOut, WebhookChange, WebhookIn, WebhookOut
from apps.notices import services
from apps.notices.models import Endpoint, Event, Notice
from apps.pipeline import flow


class Webhooks(Base):
    @verb("List webhooks", lists=WebhookOut)
    def get(self, request: Request) -> QuerySet[Endpoint]:
        return endpoints(self.caller)

    @verb("Have an address told of events; its secret is shown once", takes=WebhookIn, gives=SecretOut, status=201,
          shows_secret=True)  # fmt: skip
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        endpoint, secret = services.add_endpoint(organization(self.caller), by=self.caller.user, **given)
        return Response(SecretOut({"id": endpoint.pk, "secret": secret}).data, status=201)


class OneWebhook(Base):
    @verb("Show a webhook", gives=WebhookOut)
    def get(self, request: Request, endpoint_id: UUID) -> Endpoint:
        return one(endpoints(self.caller), pk=endpoint_id)

    @verb("Change where and of what is told, and tell again", takes=WebhookChange, gives=WebhookOut)
    def patch(self, request: Request, endpoint_id: UUID, given: dict[str, Any]) -> Endpoint:
        return services.change_endpoint(one(endpoints(self.caller), pk=endpoint_id), by=self.caller.user, **given)

    @verb("Tell it no more", status=204)
    def delete(self, request: Request, endpoint_id: UUID) -> None:
        services.disable(one(endpoints(self.caller), pk=endpoint_id), by=self.caller.user)


class Rotate(Base):
    @verb("Give it a new secret; the one before signs too for a day", takes=Empty, gives=SecretOut, shows_secret=True)
    def post(self, request: Request, endpoint_id: UUID, given: dict[str, Any]) -> Response:
        endpoint = one(endpoints(self.caller), pk=endpoint_id)
        secret = services.rotate(endpoint, by=self.caller.user)
        return Response(SecretOut({"id": endpoint.pk, "secret": secret}).data)


class Deliveries(Base):
    @verb(
        "List what webhooks were told",
        lists=DeliveryOut,
        filters={
            "webhook": uid("endpoint"),
            "event": choice("event", Event.values),
            "state": choice("state", Notice.State.values),
        },
    )
    def get(self, request: Request) -> QuerySet[Notice]:
        return notices(self.caller)


class OneDelivery(Base):
    @verb("Show what a webhook was told, and every try", gives=DeliveryOut)
    def get(self, request: Request, notice_id: UUID) -> Notice:
        return one(notices(self.caller), pk=notice_id)


class Replay(Base):
    @verb("Send it again, with the id it had", takes=Empty, gives=DeliveryOut)
    def post(self, request: Request, notice_id: UUID, given: dict[str, Any]) -> Notice:
        return flow.replay(one(notices(self.caller), pk=notice_id), by=self.caller.user)


def endpoints(caller: Caller) -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(organization=caller.organization)


def notices(caller: Caller) -> QuerySet[Notice]:
    return Notice.objects.filter(endpoint__organization=caller.organization).prefetch_related("attempts")
