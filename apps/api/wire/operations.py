"""Long work that is polled."""

from rest_framework import serializers

from apps.pipeline import operations
from apps.pipeline.models import Delivery, Operation, Schedule


class OperationOut(serializers.ModelSerializer):
    done = serializers.SerializerMethodField(help_text="How much is done, in what the verb counts.")
    total = serializers.SerializerMethodField(help_text="Of how much; 0 while that is not known.")
    file = serializers.SerializerMethodField(help_text="Where its file can be fetched; null without one.")

    class Meta:
        model = Operation
        fields = (
            "id", "verb", "subject", "state", "done", "total", "result", "problem", "file", "created_at", "finished_at",
        )  # fmt: skip

    def get_done(self, row: Operation) -> int:
        return operations.progress(row)[0]

    def get_total(self, row: Operation) -> int:
        return operations.progress(row)[1]

    def get_file(self, row: Operation) -> str | None:
        return f"/api/v1/operations/{row.pk}/file" if operations.file_of(row) else None


class StepOut(serializers.ModelSerializer):
    """A step for one row; `parked_at`: given up, until a person decides."""

    class Meta:
        model = Delivery
        fields = ("id", "step", "key", "count", "reason", "begun_at", "due_at", "parked_at")


class ScheduleOut(serializers.ModelSerializer):
    class Meta:
        model = Schedule
        fields = ("name", "every_seconds", "due_at", "ran_at")


class SchedulesOut(serializers.Serializer):
    results = ScheduleOut(many=True)
