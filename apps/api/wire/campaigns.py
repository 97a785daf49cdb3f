"""Campaigns, what is known of their questions, and how far they are."""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

from rest_framework import serializers

from apps.api.wire.base import In, one_of
from apps.campaigns import spec
from apps.campaigns.models import Campaign, Contest, GoldQuestion, Guidelines
from apps.reports import labels


class CampaignOut(serializers.ModelSerializer):
    """Amounts in minor units."""

    class Meta:
        model = Campaign
        fields = (
            "id", "name", "state", "purpose", "channel", "dataset", "kind", "settings", "show", "redundancy",
            "page_size", "price", "pay_tiers", "currency", "budget", "lease_seconds", "gold_share", "early_gold",
            "method", "groups", "languages", "least_skill", "most_pages", "suggested_to", "suggestion_field",
            "suggestion_model", "suggestion_withheld", "created_at", "launched_at", "ended_at",
        )  # fmt: skip


# How a field of a campaign's file goes over the wire, by its type there.
FORMS: dict[object, Callable[..., serializers.Field]] = {
    int: serializers.IntegerField,
    float: serializers.FloatField,
    bool: serializers.BooleanField,
    float | None: partial(serializers.FloatField, allow_null=True),
    int | None: partial(serializers.IntegerField, allow_null=True),
    dict[str, Any]: serializers.DictField,
    list[str]: lambda **values: serializers.ListField(child=serializers.CharField(), **values),
    list[dict[str, Any]]: lambda **values: serializers.ListField(child=serializers.DictField(), **values),
    list[spec.Gold]: lambda **values: serializers.ListField(child=serializers.DictField(), **values),
}


class CampaignIn(In):
    """A campaign as its file has it (see the README): names instead of ids, amounts in the major unit."""

    def get_fields(self) -> dict[str, serializers.Field]:
        own = {field.name: field for field in dataclasses.fields(spec.Spec)}
        return {
            name: FORMS.get(field.type, serializers.DictField if "dict" in str(field.type) else serializers.CharField)(
                required=field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            )
            for name, field in own.items()
        }

    def to_internal_value(self, data: object) -> object:
        """Leave all of it to the campaign's own reader, which says of every field what it should be."""
        return data


class FindingOut(serializers.Serializer):
    severity = serializers.ChoiceField(["block", "note"])
    sentence = serializers.CharField()


class CheckOut(serializers.Serializer):
    """What stands against a launch. Only a `block` keeps a campaign from being launched."""

    ready = serializers.BooleanField()
    items = serializers.IntegerField(help_text="That are asked, gold among them.")
    left_out = serializers.IntegerField(help_text="Items that are not asked, without a suggestion to show.")
    places = serializers.IntegerField(help_text="Judgments and gold, at most.")
    worst_cost = serializers.IntegerField(help_text="In minor units.")
    fees = serializers.IntegerField(help_text="Of it, what an outside market takes.")
    reports_cost = serializers.IntegerField(help_text="What reports of broken items may cost besides, at most.")
    findings = FindingOut(many=True)


class TopUpIn(In):
    amount = serializers.CharField(max_length=40, help_text="In the major unit, as in '25.00'.")
    reference = serializers.CharField(max_length=80, help_text="Once for each: the same again adds nothing.")


class TermsIn(In):
    redundancy = serializers.IntegerField(min_value=1, max_value=1000)
    price = serializers.CharField(max_length=40, help_text="For a full page, in the major unit, as in '0.25'.")


class LabelStudioIn(In):
    name = serializers.CharField(max_length=150)
    dataset = serializers.CharField(max_length=150, help_text="Its name.")
    config = serializers.CharField(max_length=200_000, help_text="Label Studio's labeling configuration, XML.")


class LabelStudioOut(serializers.Serializer):
    config = serializers.CharField()


class MethodIn(In):
    method = serializers.ChoiceField(Campaign.Method.choices)


class PreviewOut(serializers.Serializer):
    url = serializers.CharField(help_text="Signed: whoever holds it sees the page, for a while.")
    seconds = serializers.IntegerField(help_text="For how long.")


class CloneIn(In):
    name = serializers.CharField(max_length=150)
    changes = serializers.DictField(default=dict, help_text="Fields of the campaign's file that differ.")


class ProgressOut(serializers.Serializer):
    """Gold is counted neither among items nor judgments. Amounts in minor units."""

    state = serializers.CharField()
    items = serializers.IntegerField()
    broken = serializers.IntegerField()
    judgments_wanted = serializers.IntegerField()
    judgments_made = serializers.IntegerField()
    labels = serializers.IntegerField()
    final = serializers.BooleanField()
    share = serializers.FloatField(help_text="Of the judgments wanted, how many are made: 0 to 1.")
    currency = serializers.CharField()
    spent = serializers.IntegerField()
    held = serializers.IntegerField()
    budget = serializers.IntegerField()
    workers = serializers.IntegerField()
    workers_active = serializers.IntegerField()
    percent_agreement = serializers.FloatField(allow_null=True)
    agreement = serializers.FloatField(allow_null=True, help_text="Krippendorff's alpha.")
    agreement_low = serializers.FloatField(allow_null=True)
    agreement_high = serializers.FloatField(allow_null=True)
    seconds_left = serializers.FloatField(allow_null=True)


class GuidelinesOut(serializers.ModelSerializer):
    class Meta:
        model = Guidelines
        fields = ("id", "version", "text", "created_at")


class GuidelinesIn(In):
    text = serializers.CharField(max_length=200_000, help_text="Markdown.")


class GoldOut(serializers.ModelSerializer):
    item = serializers.CharField(source="item.external_id")

    class Meta:
        model = GoldQuestion
        fields = ("id", "campaign", "item", "answers", "reason", "teaching", "suspended_at")


class GoldRow(In):
    item = serializers.CharField(max_length=200, help_text="The item's external id.")
    answers = serializers.ListField(allow_empty=False, help_text="Right answers, any of which counts.")
    reason = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    teaching = serializers.BooleanField(default=False, help_text="Workers are told the answer afterwards.")


class ContestOfGoldOut(serializers.ModelSerializer):
    class Meta:
        model = Contest
        fields = ("id", "gold", "worker", "text", "created_at")


class GoldIn(In):
    rows = GoldRow(many=True, allow_empty=False)


class AddedOut(serializers.Serializer):
    added = serializers.IntegerField(help_text="How many are new.")


class LabelExportIn(In):
    format = serializers.CharField(
        max_length=20,
        validators=[one_of(labels.format_names)],
        help_text="As in jsonl, csv, parquet, judgments_csv, gold_csv.",
    )
    with_gold = serializers.BooleanField(default=False)
    with_votes = serializers.BooleanField(default=False)
    raw = serializers.BooleanField(default=False, help_text="Cells as they are, not made neutral for spreadsheets.")
