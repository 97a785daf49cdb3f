"""Webhooks: endpoints, and the log of what they were told."""

from typing import Any

from rest_framework import serializers

from apps.api.wire.base import In
from apps.notices.models import Attempt, Endpoint, Event, Notice


class WebhookOut(serializers.ModelSerializer):
    class Meta:
        model = Endpoint
        fields = ("id", "url", "events", "created_at", "before_until", "disabled_at", "failures", "rests_until")


class SecretOut(serializers.Serializer):
    """Shown once: it signs what the endpoint is told."""

    id = serializers.UUIDField()
    secret = serializers.CharField()


class Events(serializers.ListField):
    def __init__(self, **values: Any) -> None:
        super().__init__(child=serializers.ChoiceField(Event.choices), allow_empty=False, max_length=50, **values)


class WebhookIn(In):
    url = serializers.CharField(max_length=500, help_text="Of a host that the operator of this site allows.")
    events = Events()


class WebhookChange(In):
    url = serializers.CharField(max_length=500, required=False)
    events = Events(required=False)


class AttemptOut(serializers.ModelSerializer):
    class Meta:
        model = Attempt
        fields = ("at", "status", "problem", "seconds")


class DeliveryOut(serializers.ModelSerializer):
    webhook = serializers.UUIDField(source="endpoint_id")
    body = serializers.JSONField(source="content")
    attempts = AttemptOut(many=True, read_only=True)

    class Meta:
        model = Notice
        fields = ("id", "webhook", "event", "state", "tries", "due_at", "created_at", "sent_at", "body", "attempts")
