"""What goes over the wire: `…In` is taken, `…Out` is given. Each names its fields; none queries or writes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from rest_framework import serializers

from apps.core import money
from apps.core.text import Unstorable, check_storable

NO_TEXT = "it should be text, in quotes"
MOST_MINOR = 10**15  # ten trillion of a currency with cents: larger amounts are mistakes


class In(serializers.Serializer):
    """Refuses fields that it does not have, and tells of each that is wrong what it is."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()
        for field in fields.values():
            _name_choices(field)
            _take_text_alone(field)
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            if unstorable := dict(_unstorable(data)):
                raise serializers.ValidationError(unstorable)
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
        self.validators.append(_is_one)


def _is_one(currency: str) -> None:
    if currency not in money.CURRENCIES:
        raise serializers.ValidationError("it should be a currency of ISO 4217, as in 'USD'")


def _name_choices(field: serializers.Field) -> None:
    """Have a refusal of what is no choice say what the choices are."""
    if isinstance(field, serializers.ChoiceField):
        field.error_messages = {**field.error_messages, "invalid_choice": f"it should be one of {list(field.choices)}"}
    elif isinstance(field, (serializers.ListField, serializers.DictField)):
        _name_choices(field.child)


def _take_text_alone(field: serializers.Field) -> None:
    """Have a field of text take text alone, as the schema says: DRF makes "5" of 5, "1.0" of an identifier 1.0, and a
    UUID of true."""
    if isinstance(field, (serializers.CharField, serializers.UUIDField)):
        field.error_messages = {**field.error_messages, "no_text": NO_TEXT}
        setattr(field, "to_internal_value", partial(_text, field, field.to_internal_value))  # noqa: B010
    elif (child := getattr(field, "child", None)) is not None:
        _take_text_alone(child)
    elif isinstance(field, serializers.Serializer) and not isinstance(field, In):
        for each in field.fields.values():
            _take_text_alone(each)


def _text(field: serializers.Field, read: Callable[[Any], Any], given: Any) -> Any:
    return read(given) if isinstance(given, str) else field.fail("no_text")


def _unstorable(data: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield each field that holds a character which no database keeps, and where in it."""
    for name, value in data.items():
        try:
            check_storable({name: value})
        except Unstorable as error:
            yield str(name).encode("ascii", "backslashreplace").decode(), str(error)


NOT_SENT = object()


def _with_values(detail: Any, sent: Any) -> Any:
    """Return the sentences, each with what was sent in front of it, at any depth of fields and rows."""
    if isinstance(detail, Mapping):
        return {name: _with_values(inner, _part(sent, name)) for name, inner in detail.items()}
    if isinstance(detail, list):
        is_rows = any(isinstance(inner, Mapping) for inner in detail)
        return [_with_values(inner, _part(sent, n) if is_rows else sent) for n, inner in enumerate(detail)]
    return _told(detail, sent)


def _part(sent: Any, name: Any) -> Any:
    """Return one field of a mapping, or one row of a list."""
    if isinstance(sent, Mapping):
        return sent.get(name, NOT_SENT)
    if isinstance(sent, list) and isinstance(name, int) and name < len(sent):
        return sent[name]
    return NOT_SENT


def _told(said: Any, sent: Any) -> Any:
    if sent is NOT_SENT or repr(sent)[:20] in said:
        return said
    value = repr(sent)
    return f"is {value if len(value) <= 60 else value[:57] + '…'}: {said}"


def one_of(names: Callable[[], Sequence[str]]) -> Callable[[str], None]:
    """Return a check that what is given is one of the formats there are, so that no work is begun in another."""

    def check(given: str) -> None:
        if given not in (known := names()):
            raise serializers.ValidationError(f"{given!r} is not one of the formats {known}")

    return check
