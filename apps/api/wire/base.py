"""What goes over the wire: `…In` is taken, `…Out` is given. Each names its fields; none queries or writes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rest_framework import serializers

from apps.core.text import check_storable

MOST_MINOR = 10**15  # ten trillion of a currency with cents: larger amounts are mistakes


class In(serializers.Serializer):
    """Refuses fields that it does not have, and tells of each that is wrong what it is."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            check_storable(data)
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                known = sorted(self.fields)
                raise serializers.ValidationError(
                    {name: [f"there is no field {name!r} here; there are {known}"] for name in unknown}
                )
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(_with_values(error.detail, data)) from None


class Empty(In):
    """Nothing is asked."""


class FieldProblem(serializers.Serializer):
    field = serializers.CharField(help_text="Its path, as in answers.9f…; empty for the request as a whole.")
    detail = serializers.CharField(help_text="What it is, and what it should be.")
    should_be = serializers.JSONField(
        required=False, help_text="Of a state (409): what it should be, or a list of what would do."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        told = "Of a state (409): what it is."
        return {**super().get_fields(), "is": serializers.JSONField(required=False, allow_null=True, help_text=told)}


class ProblemOut(serializers.Serializer):
    """RFC 9457."""

    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    reason = serializers.CharField(required=False, help_text="Why there is no work: a code.")
    errors = FieldProblem(many=True, required=False)


class BankDay(serializers.DateField):
    """The day of a payment."""

    def __init__(self, **options: Any) -> None:
        told = "The bank's day (UTC), by which tax years count; today if left out."
        super().__init__(**{"required": False, "help_text": told, **options})


class Minor(serializers.IntegerField):
    """An amount in the currency's minor unit."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MOST_MINOR, **values})


class Currency(serializers.RegexField):
    """ISO 4217."""

    def __init__(self, **values: Any) -> None:
        super().__init__(r"^[A-Z]{3}$", **values)


def _with_values(detail: Any, data: Any) -> Any:
    """Return the sentences with what was sent in front of each."""
    if not isinstance(detail, Mapping) or not isinstance(data, Mapping):
        return detail
    return {name: [_told(name, said, data) for said in _each(saids)] for name, saids in detail.items()}


def _each(saids: Any) -> list[Any]:
    return saids if isinstance(saids, list) else [saids]


def _told(name: str, said: Any, data: Mapping[str, Any]) -> Any:
    if not isinstance(said, str) or name not in data or repr(data[name])[:20] in said:
        return said
    value = repr(data[name])
    return f"is {value if len(value) <= 60 else value[:57] + '…'}: {said}"


def one_of(names: Callable[[], Sequence[str]]) -> Callable[[str], None]:
    """Return a check that what is given is one of the formats there are, so that no work is begun in another."""

    def check(given: str) -> None:
        if given not in (known := names()):
            raise serializers.ValidationError(f"{given!r} is not one of the formats {known}")

    return check
