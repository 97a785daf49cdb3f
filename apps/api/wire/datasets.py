"""Datasets, their items, and how those come in."""

from rest_framework import serializers

from apps.api.wire.base import In
from apps.datasets.models import BadRow, Dataset, Import, Item


class DatasetOut(serializers.ModelSerializer):
    class Meta:
        model = Dataset
        fields = ("id", "name", "description", "created_at")


class DatasetIn(In):
    name = serializers.CharField(max_length=150)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="")


class DatasetChange(In):
    name = serializers.CharField(max_length=150, required=False)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)


class ItemOut(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ("id", "external_id", "data", "created_at")


class ItemsIn(In):
    items = serializers.ListField(
        child=serializers.DictField(),
        allow_empty=False,
        help_text="Objects of fields to values; `external_id` names one, and comes in once however often it is sent.",
    )
    media_columns = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, help_text="Fields that hold names of media."
    )


class ImportOut(serializers.ModelSerializer):
    class Meta:
        model = Import
        fields = (
            "id", "dataset", "file_name", "state", "bytes_total", "bytes_read", "rows_read", "rows_added", "rows_known",
            "rows_bad", "files_read", "problem", "created_at", "finished_at",
        )  # fmt: skip


class BadRowOut(serializers.ModelSerializer):
    class Meta:
        model = BadRow
        fields = ("id", "file", "line", "reason")
