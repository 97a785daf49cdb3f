"""Workers, and what is known of them."""

from typing import Any

from rest_framework import serializers

from apps.api.wire.base import In
from apps.workforce.models import Channel, Group, Link, Qualification, Restriction, Skill, Worker


class Words(serializers.ListField):
    """Short texts."""

    def __init__(self, *, longest: int, **values: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=longest), max_length=100, **values)


class WorkerOut(serializers.ModelSerializer):
    groups = serializers.SlugRelatedField("name", many=True, read_only=True)

    class Meta:
        model = Worker
        fields = ("id", "channel", "external_id", "name", "languages", "groups", "created_at")


class RegisteredOut(serializers.ModelSerializer):
    """The password of a new log-in is shown once; "" where there is none, or the person had an account."""

    groups = serializers.SlugRelatedField("name", many=True, read_only=True)
    password = serializers.CharField(read_only=True, allow_blank=True)

    class Meta:
        model = Worker
        fields = (*WorkerOut.Meta.fields, "password")


class WorkerIn(In):
    external_id = serializers.CharField(
        max_length=100,
        allow_blank=True,
        default="",
        help_text="One that tells nothing if left out; needed without an e-mail.",
    )
    email = serializers.EmailField(required=False, help_text="Gives the worker a log-in.")
    channel = serializers.ChoiceField(Channel.choices, default=Channel.INTERNAL.value)
    name = serializers.CharField(max_length=150, allow_blank=True, default="")
    languages = Words(longest=16, default=list)
    groups = Words(longest=100, default=list)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["external_id"] and not given.get("email"):
            raise serializers.ValidationError({"external_id": "it is empty, it should be given, or else email"})
        return given


class WorkerChange(In):
    name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    languages = Words(longest=16, required=False)
    groups = Words(longest=100, required=False)


class GroupOut(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ("id", "name")


class NamedGroup(In):
    name = serializers.CharField(max_length=100)


class SkillOut(serializers.ModelSerializer):
    class Meta:
        model = Skill
        fields = (
            "id", "worker", "scope", "mean", "low", "high", "gold_right", "gold_answers", "agreed", "compared",
            "estimated_at",
        )  # fmt: skip


class QualificationOut(serializers.ModelSerializer):
    class Meta:
        model = Qualification
        fields = ("id", "worker", "name", "value", "granted_at")


class QualificationIn(In):
    worker = serializers.UUIDField()
    name = serializers.CharField(max_length=100)
    value = serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1, default=1)


class RestrictionOut(serializers.ModelSerializer):
    class Meta:
        model = Restriction
        fields = ("id", "worker", "scope", "reason", "starts_at", "ends_at")


class RestrictionIn(In):
    worker = serializers.UUIDField()
    campaign = serializers.UUIDField(required=False, help_text="Only there; in the whole organization if left out.")
    reason = serializers.CharField(max_length=10_000, help_text="The worker is told.")
    ends_at = serializers.DateTimeField(required=False)


class LinkOut(serializers.ModelSerializer):
    """Two accounts that look like one person's: they are never given the same item until that is cleared."""

    class Meta:
        model = Link
        fields = ("id", "first", "second", "kind", "found_at", "cleared_at", "reason")


class ClearedIn(In):
    reason = serializers.CharField(max_length=10_000, help_text="How you know that they are two people.")
