"""Requests and answers as the service's model says, which botocore ships: AWS's JSON 1.1 protocol."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator
from django.http import HttpRequest

from apps.core.text import Unstorable, check_storable
from apps.turkapi.errors import Malformed

TYPE = "application/x-amz-json-1.1"
BITS = {"integer": 31, "long": 63}  # beside the sign, of AWS's whole numbers
LARGEST = 2**20  # bytes of a request; a question has 64 KiB at most


@cache
def model() -> ServiceModel:
    """Return the service's model."""
    return ServiceModel(Loader().load_service_model("mturk", "service-2"), "mturk")


def operation_of(request: HttpRequest) -> OperationModel:
    """Return the operation that is asked for; raise `Malformed`."""
    prefix, _, name = request.headers.get("X-Amz-Target", "").partition(".")
    if prefix != model().metadata["targetPrefix"] or name not in model().operation_names:
        raise Malformed("UnknownOperationException", f"{name[:60]!r} is not an operation of this service")
    return model().operation_model(name)


def given(request: HttpRequest, operation: OperationModel) -> dict[str, Any]:
    """Return the request's parameters, checked against the model; raise `Malformed` with every fault."""
    if len(request.body) > LARGEST:
        raise Malformed("RequestEntityTooLargeException", f"the request has more than {LARGEST} bytes", status=413)
    try:
        sent = json.loads(request.body or b"{}")
        check_storable(sent)
    except (ValueError, RecursionError) as error:
        kind = "ValidationException" if isinstance(error, Unstorable) else "SerializationException"
        raise Malformed(kind, f"the request can't be read: {error}") from None
    if not isinstance(sent, dict):
        raise Malformed("SerializationException", "the request should be a JSON object")
    shape = operation.input_shape
    try:
        report = ParamValidator().validate(sent, shape)
    except (OverflowError, OSError, RuntimeError):  # botocore's way with a time that no calendar has
        raise Malformed("ValidationException", "a time is none that can be: it is out of the calendar") from None
    if report.has_errors():
        raise Malformed("ValidationException", report.generate_report())
    faults = list(_faults(sent, shape, "")) if shape is not None else []
    if faults:
        said = "; ".join(faults)
        raise Malformed("ValidationException", f"{len(faults)} validation error detected: {said}")
    return sent


def _faults(value: Any, shape: Shape, where: str) -> Iterator[str]:
    """Yield what the validator of botocore leaves to the service: patterns, enumerations, the upper bounds."""
    if shape.type_name == "structure":
        for name, inner in value.items():
            yield from _faults(inner, shape.members[name], f"{where}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for number, inner in enumerate(value):
            yield from _faults(inner, shape.member, f"{where}[{number}]")
    elif shape.type_name == "string":
        yield from _faults_of_text(value, shape, where)
    elif shape.type_name in BITS:
        bound = 2 ** BITS[shape.type_name]
        most = shape.metadata.get("max", bound - 1)
        if not -bound <= value <= most:
            yield f"Value '{value}' at '{where}' failed to satisfy constraint: from {-bound} to {most}"


def _faults_of_text(value: str, shape: Shape, where: str) -> Iterator[str]:
    bounds: Mapping[str, Any] = shape.metadata
    said = f"Value '{value[:60]}' at '{where}' failed to satisfy constraint: Member must"
    if "max" in bounds and len(value) > bounds["max"]:
        yield f"{said} have length less than or equal to {bounds['max']}"
    if "pattern" in bounds and not re.fullmatch(bounds["pattern"], value):
        yield f"{said} satisfy regular expression pattern: {bounds['pattern']}"
    if "enum" in bounds and value not in bounds["enum"]:
        yield f"{said} satisfy enum value set: {bounds['enum']}"


def written(answer: Mapping[str, Any]) -> str:
    """Return an answer's body; what is None is left out, as AWS does."""
    return json.dumps(_without_nothing(answer), ensure_ascii=False)


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nothing(inner) for inner in value]
    return value
