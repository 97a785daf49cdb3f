"""A kind's settings as a form that is made of what the kind says about them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext as _

from apps.kinds.base import Kind, Setting
from apps.kinds.errors import Bad

_BAR = re.compile(r"(?<!\\)\|")
_POINT = re.compile(r"\s*([^=]+?)\s*=\s*(.*\S)\s*")
RAW = "settings"  # the only control of a kind that describes none


class Settings(forms.Form):
    """Asks for each setting that the kind describes; `raw` are the settings as JSON, for the kind to judge."""

    def __init__(
        self, typed: Any = None, *, kind: Kind[Any, Any], fields: Sequence[str], initial: Mapping[str, Any]
    ) -> None:
        self.kind = kind
        told = _without_own_keys(kind, initial)
        shown = {name: _shown(value) for name, value in told.items()} if kind.described else _as_yaml(kind, initial)
        super().__init__(typed, initial=shown)
        for setting in kind.described:
            self.fields[setting.name] = _field(setting, fields)
        if not kind.described:
            self.fields[RAW] = forms.CharField(
                label=_("Settings"),
                help_text=_("YAML; what stands here at first is an example."),
                widget=forms.Textarea(attrs={"rows": 14, "class": "console-code", "spellcheck": "false"}),
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            self.raw = self._raw(values)
        return values

    def _raw(self, values: Mapping[str, Any]) -> Any:
        if RAW in self.fields:
            try:
                return yaml.safe_load(values[RAW])
            except yaml.YAMLError as error:
                raise forms.ValidationError({RAW: f"This is not YAML: {getattr(error, 'problem', error)}"}) from None
        read = {name: _READ.get(self.type_of(name), lambda value: value)(value) for name, value in values.items()}
        return {name: value for name, value in read.items() if value not in (None, "", [], {})}

    def type_of(self, name: str) -> str:
        return next(setting.type for setting in self.kind.described if setting.name == name)


def _field(setting: Setting, fields: Sequence[str]) -> forms.Field:
    about: dict[str, Any] = {"label": _(setting.label), "help_text": setting.help and _(setting.help)}
    about["required"] = setting.required and setting.type != "flag"
    match setting.type:
        case "whole":
            return forms.IntegerField(**about)
        case "decimal":
            return forms.FloatField(**about, widget=forms.NumberInput(attrs={"step": "any"}))
        case "flag":
            return forms.BooleanField(**about)
        case "field":
            return forms.ChoiceField(**about, choices=[("", "–"), *((name, name) for name in fields)])
        case "line":
            return forms.CharField(**about)
        case _:
            rows = 2 if setting.type == "text" else 6
            return forms.CharField(**about, widget=forms.Textarea(attrs={"rows": rows}))


def _without_own_keys(kind: Kind[Any, Any], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings without the keys of options that the kind would give them by itself."""
    bare = dict(settings)
    for name in [setting.name for setting in kind.described if setting.type == "options" and setting.name in bare]:
        bare[name] = [{**option, "key": ""} if isinstance(option, Mapping) else option for option in bare[name]]
    try:
        same = kind.write_settings(kind.read_settings(bare)) == settings
    except Bad:
        return settings
    return bare if same else settings


def _as_yaml(kind: Kind[Any, Any], settings: Mapping[str, Any]) -> dict[str, str]:
    return {RAW: yaml.safe_dump(dict(settings or kind.examples.settings), sort_keys=False, allow_unicode=True)}


def _shown(value: Any) -> Any:
    """Return a raw setting as it stands in its control."""
    if isinstance(value, list):
        return "\n".join(_option_line(option) for option in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{point} = {label}" for point, label in value.items())
    return value


def _option_line(option: Any) -> str:
    if not isinstance(option, Mapping):
        return _escaped(str(option))
    value = str(option.get("value", ""))
    label = str(option.get("label") or value)
    parts = [value, "" if label == value else label, str(option.get("hint", "")), str(option.get("key", ""))]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return " | ".join(_escaped(part) for part in parts)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def read_options(text: str) -> list[dict[str, str]]:
    """Return options, one a line, as raw settings have them.

    >>> read_options("cat\\ndog | Dog or puppy\\nnone | | also when it is empty | n")[1:]
    [{'value': 'dog', 'label': 'Dog or puppy'}, {'value': 'none', 'hint': 'also when it is empty', 'key': 'n'}]
    """
    return [_option(line) for line in text.splitlines() if line.strip()]


def _option(line: str) -> dict[str, str]:
    parts = [part.strip().replace("\\|", "|") for part in _BAR.split(line)]
    named = dict(zip(("value", "label", "hint", "key", "what follows the key"), parts, strict=False))
    return {name: part for name, part in named.items() if part}


def read_points(text: str) -> dict[str, str]:
    """Return names of points, one a line, as raw settings have them.

    >>> read_points("-4 = awful\\n4 = great")
    {'-4': 'awful', '4': 'great'}
    """
    lines = [line for line in text.splitlines() if line.strip()]
    found = [_POINT.fullmatch(line) for line in lines]
    return {match[1] if match else line: match[2] if match else line for match, line in zip(found, lines, strict=True)}


def _plain(number: float | None) -> float | int | None:
    return int(number) if number is not None and float(number).is_integer() else number


_READ: Mapping[str, Any] = {"options": read_options, "points": read_points, "decimal": _plain}
