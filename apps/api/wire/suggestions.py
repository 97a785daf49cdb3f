"""What a model suggests: who sees it, how good it is, and what seeing it does."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from apps.api.wire.base import In
from apps.campaigns.models import Campaign

MEASURED: dict[str, Any] = {
    "suggested_to": "workers", "suggestion_withheld": 0.2, "model": "resnet-50",
    "unseen": {"share": 0.81, "low": 0.76, "high": 0.85, "total": 300},
    "seen": {"share": 0.9, "low": 0.88, "high": 0.92, "total": 1200},
    "pull": {"by": 0.09, "low": 0.04, "high": 0.14, "is_certain": True},
    "labels": {"share": 0.88, "low": 0.84, "high": 0.91, "total": 500},
}  # fmt: skip
NOBODY = {**dict.fromkeys(MEASURED), "suggested_to": "nobody", "suggestion_withheld": 0.2, "model": "resnet-50"}


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Turned off for workers",
            {"suggested_to": "reviewers", "reason": "They follow it too often."},
            request_only=True,
        ),
        OpenApiExample(
            "A larger share without it",
            {"suggested_to": "workers", "suggestion_withheld": 0.5, "reason": "More to compare with."},
            request_only=True,
        ),
    ]
)
class SuggestionsIn(In):
    suggested_to = serializers.ChoiceField(Campaign.SuggestedTo.choices)
    suggestion_withheld = serializers.FloatField(
        min_value=0, max_value=0.9, required=False, help_text="Share of workers' questions; as it is, if left out."
    )
    reason = serializers.CharField(max_length=1000, help_text="Kept in the trail.")


class ShareOut(serializers.Serializer):
    """How many of `total` say what was suggested, 0 to 1, with its 95 % interval."""

    share = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    total = serializers.IntegerField()


class PullOut(serializers.Serializer):
    """By how much more often it is said by who saw it, -1 to 1, with its 95 % interval."""

    by = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    is_certain = serializers.BooleanField(help_text="Whether the interval leaves out that there is none.")


@extend_schema_serializer(
    examples=[
        OpenApiExample("Workers see it at most questions", MEASURED, response_only=True),
        OpenApiExample("Nobody sees it", NOBODY, response_only=True),
    ]
)
class SuggestionsOut(serializers.Serializer):
    """Of the newest 10,000 answers and labels, gold left out; null of nothing."""

    suggested_to = serializers.ChoiceField(Campaign.SuggestedTo.choices)
    suggestion_withheld = serializers.FloatField(help_text="Share of workers' questions asked without it, at random.")
    model = serializers.CharField(allow_blank=True)
    unseen = ShareOut(
        allow_null=True,
        help_text="Answers given without it in sight, to pages handed out as they are now: they tell how good it is.",
    )
    seen = ShareOut(allow_null=True, help_text="Answers given with it in sight.")
    pull = PullOut(allow_null=True)
    labels = ShareOut(allow_null=True, help_text="Labels that answers made; not those that a person settled.")
