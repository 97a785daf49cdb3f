"""Who a token is."""

from rest_framework import serializers


class MeOut(serializers.Serializer):
    organization = serializers.CharField(help_text="Its short name.")
    organization_name = serializers.CharField()
    user = serializers.UUIDField(allow_null=True)
    worker = serializers.UUIDField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(child=serializers.CharField())
