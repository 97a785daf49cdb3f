"""Audits: rounds of labels that an expert judges, blind first."""

from typing import Any

from rest_framework import serializers

from apps.api.wire.base import In
from apps.quality.models import Audit, AuditedTask
from apps.quality.services.auditing import FEWEST, MOST


class AuditOut(serializers.ModelSerializer):
    class Meta:
        model = Audit
        fields = ("id", "campaign", "number", "guidelines", "version", "drawn_by", "drawn_at")


class AuditIn(In):
    size = serializers.IntegerField(min_value=FEWEST, max_value=MOST, help_text="How many labels.")


class FoundOut(serializers.Serializer):
    """What an audit found; the share of right labels once all are judged, with its 95 % interval."""

    id = serializers.IntegerField()
    campaign = serializers.UUIDField()
    number = serializers.IntegerField()
    drawn = serializers.IntegerField()
    judged = serializers.IntegerField()
    right = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class AuditedOut(serializers.ModelSerializer):
    """The label, and how sure it is, are shown once the expert gave an answer: who sees them first tends to agree."""

    external_id = serializers.CharField(source="task.item.external_id", help_text="Its item's.")
    answer = serializers.SerializerMethodField(help_text="The consensus; null before the expert's own answer.")
    confidence = serializers.SerializerMethodField(help_text="Likewise.")
    truth = serializers.JSONField(help_text="The expert's own answer; null before it.")

    class Meta:
        model = AuditedTask
        fields = ("id", "audit", "external_id", "answer", "confidence", "truth", "right", "note", "judged_by",
                  "judged_at")  # fmt: skip

    def get_answer(self, row: AuditedTask) -> Any:
        return None if row.truth is None else row.answer

    def get_confidence(self, row: AuditedTask) -> float | None:
        return None if row.truth is None else row.confidence


class TruthIn(In):
    answer = serializers.JSONField(help_text="The expert's own, as a worker would give it.")


class AdjudicationIn(In):
    right = serializers.BooleanField(help_text="Whether the label holds, both side by side.")
    note = serializers.CharField(max_length=10_000, allow_blank=True, default="")
