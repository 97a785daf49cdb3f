"""Access keys of the MTurk-compatible service."""

from rest_framework import serializers

from apps.api.wire.base import In
from apps.turkapi.models import AccessKey


class AccessKeyOut(serializers.ModelSerializer):
    class Meta:
        model = AccessKey
        fields = ("id", "user", "note", "token", "created_at", "revoked_at")


class AccessKeyIn(In):
    note = serializers.CharField(max_length=100, allow_blank=True, default="", help_text="What it is for.")


class MadeAccessKeyOut(serializers.Serializer):
    """Shown once: the secret lies sealed, and nobody can look it up."""

    id = serializers.CharField(help_text="AWS_ACCESS_KEY_ID")
    secret = serializers.CharField(help_text="AWS_SECRET_ACCESS_KEY")
    endpoint = serializers.CharField(help_text="AWS_ENDPOINT_URL_MTURK")
