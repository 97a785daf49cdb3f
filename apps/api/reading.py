"""The schema as people read it: every address with what it takes and gives, and the shapes that these name.

Written here, as plain HTML: a page whose script draws it styles its elements by itself, which no policy of ours allows,
and nests what can be pressed in what can be pressed, where those who hear a page or use its keys get lost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from apps.core import markdown

Schema = Mapping[str, Any]
VERBS = ("get", "post", "put", "patch", "delete")
EMPTY = "BlankEnum"  # drf-spectacular's name of a text that says nothing


@dataclass(frozen=True)
class Word:
    """A part of what a type is called; `shape` is what it leads to."""

    text: str
    shape: str = ""


@dataclass(frozen=True)
class Field:
    """Something that is taken or given, by its name."""

    name: str
    type: list[Word]
    about: SafeString
    is_needed: bool = False
    place: str = ""  # of a parameter: path, query or header


@dataclass(frozen=True)
class Body:
    """What is sent, in a form; or what comes back, with a status."""

    name: str
    type: list[Word]
    about: str = ""


@dataclass(frozen=True)
class Operation:
    """A verb at an address."""

    verb: str
    path: str
    name: str
    summary: str
    about: SafeString
    parameters: list[Field]
    takes: list[Body]
    gives: list[Body]


@dataclass(frozen=True)
class Group:
    """All operations on one thing."""

    name: str
    operations: list[Operation] = field(default_factory=list)


@dataclass(frozen=True)
class Shape:
    """An object that is sent or comes back, or a list of values."""

    name: str
    about: SafeString
    fields: list[Field]
    values: list[str]


def groups(schema: Schema) -> dict[str, Group]:
    """Return all operations by what they are about, as the schema orders them."""
    found: dict[str, Group] = {}
    for path, verbs in schema["paths"].items():
        for verb in VERBS:
            if told := verbs.get(verb):
                name = told["tags"][0]
                found.setdefault(name, Group(name)).operations.append(_operation(verb, path, told))
    return found


def shapes(schema: Schema, group: Group) -> list[Shape]:
    """Return what a group's operations name, and what that names in turn, by name."""
    types = [each.type for one in group.operations for each in one.parameters]
    types += [each.type for one in group.operations for each in (*one.takes, *one.gives)]
    found: dict[str, Shape] = {}
    while types:
        for name in {word.shape for word in types.pop() if word.shape} - found.keys():
            found[name] = _shape(name, schema["components"]["schemas"][name])
            types += [each.type for each in found[name].fields]
    return [found[name] for name in sorted(found)]


def words(schema: Schema) -> Iterator[Word]:
    """Yield what a type is called.

    >>> " ".join(word.text for word in words({"type": "array", "items": {"type": "string", "format": "uuid"}}))
    'list of string (uuid)'
    """
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        yield Word("“”") if name == EMPTY else Word(name, name)
    elif choices := schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf"):
        for number, one in enumerate(choices):
            if number:
                yield Word("or")
            yield from words(one)
    elif schema.get("enum"):
        yield Word(" or ".join(f"“{value}”" for value in schema["enum"]))
    elif schema.get("type") == "array":
        yield Word("list of")
        yield from words(schema.get("items", {}))
    elif isinstance(values := schema.get("additionalProperties"), Mapping):
        yield Word("object of")
        yield from words(values)
    else:
        form = schema.get("format")
        yield Word(f"{_name(schema)} ({form})" if form else _name(schema))


def _name(schema: Schema) -> str:
    told = schema.get("type", "anything")
    return " or ".join(told) if isinstance(told, list) else str(told)


def _shape(name: str, told: Schema) -> Shape:
    needed = told.get("required", ())
    fields = [
        Field(key, list(words(one)), _shown(one.get("description", "")), key in needed)
        for key, one in told.get("properties", {}).items()
    ]
    return Shape(name, _shown(told.get("description", "")), fields, [str(value) for value in told.get("enum", ())])


def _operation(verb: str, path: str, told: Schema) -> Operation:
    parameters = [
        Field(
            one["name"], list(words(one.get("schema", {}))), _shown(one.get("description", "")),
            one.get("required", False), one["in"],
        )
        for one in told.get("parameters", ())
    ]  # fmt: skip
    return Operation(
        verb.upper(), path, told["operationId"], told["summary"], _shown(told.get("description", "")), parameters,
        list(_bodies(told.get("requestBody", {}), "")),
        [body for status, one in told["responses"].items() for body in _bodies(one, status)],
    )  # fmt: skip


def _bodies(told: Schema, status: str) -> Iterator[Body]:
    """Yield what is sent or comes back, named by its status, or by its form where it has none."""
    if status == "default":  # a problem, of every operation alike
        return
    name, about = status, told.get("description", "")
    if not told.get("content") and status:
        yield Body(name, [], about)
    for form, one in told.get("content", {}).items():
        yield Body(name or form, list(words(one["schema"])), about)


def _shown(text: str) -> SafeString:
    return markdown.render(text)
