"""An item's data as parts that a page can show, the same for every kind of question."""

import json
import mimetypes
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from django.utils.translation import gettext as _

Type = Literal["text", "image", "audio", "video"]
# Python's table differs from machine to machine; these are the ones that browsers play.
_SUFFIXES: Mapping[str, Type] = {
    ".avif": "image",
    ".webp": "image",
    ".flac": "audio",
    ".m4a": "audio",
    ".oga": "audio",
    ".ogg": "audio",
    ".opus": "audio",
    ".m4v": "video",
    ".ogv": "video",
    ".webm": "video",
}
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True)
class Part:
    """One field of an item. Text has `text`; media have `url` ('' where the file is missing) and `text` as alternative.

    `dir` is 'auto' where the language is not known; `captions` is the address of a WebVTT file, '' for none; `small` is
    that of a picture's small copy, '' where the picture itself is shown.
    """

    type: Type
    name: str
    text: str = ""
    url: str = ""
    lang: str = ""
    dir: str = "auto"
    captions: str = ""
    small: str = ""

    def as_json(self) -> dict[str, str]:
        """Return what programs are told of it: its text or its address, and of the rest what there is."""
        always = ("type", "name", "text" if self.type == "text" else "url")
        return {name: value for name, value in vars(self).items() if value or name in always}


def media_type(name: str) -> Type | None:
    """Return how a file of this name is shown, None where it can't be.

    >>> media_type("cat.JPG"), media_type("talk.opus"), media_type("list.pdf")
    ('image', 'audio', None)
    """
    suffix = f".{name.rpartition('.')[2].lower()}"
    guessed = (mimetypes.guess_type(f"x{suffix}")[0] or "").partition("/")[0]
    known = _SUFFIXES.get(suffix, guessed)
    return cast(Type, known) if known in get_args(Type) and known != "text" else None


def media_names(data: Mapping[str, Any]) -> list[str]:
    """Return the names of all files that an item's data refers to, in order, each once."""
    found = [
        value[key]
        for value in data.values()
        if isinstance(value, Mapping) and isinstance(value.get("media"), str)
        for key in ("media", "captions")
        if isinstance(value.get(key), str)
    ]
    return list(dict.fromkeys(found))


def parts(
    data: Mapping[str, Any],
    media: Callable[[str], str],
    *,
    lang: str = "",
    only: Collection[str] | None = None,
    without: Collection[str] = (),
) -> list[Part]:
    """Return the item's fields in order as parts.

    A value {"media": name, "alt"?: text, "captions"?: name, "lang"?: tag} is a file, {"text": text, "lang"?: tag} is
    text in a language of its own, None is left out and everything else is text.
    Args:
        media: turns a file's name as imported into its address, '' where there is no such file.
        lang: the language tag of text that names none itself.
        only, without: fields to show and to leave out; `kind.own_fields(settings)` are shown by the widget itself.
    """
    return [
        _part(name, value, media, lang)
        for name, value in data.items()
        if value is not None and name not in without and (only is None or name in only)
    ]


def direction(lang: str) -> str:
    """Return 'rtl' or 'ltr' for a language tag, 'auto' for none.

    >>> direction("ar-EG"), direction("en"), direction("")
    ('rtl', 'ltr', 'auto')
    """
    if not lang:
        return "auto"
    return "rtl" if lang.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def _part(name: str, value: Any, media: Callable[[str], str], lang: str) -> Part:
    if not isinstance(value, Mapping):
        return Part("text", name, _text(value), lang=lang, dir=direction(lang))
    own = str(value.get("lang", lang))
    file = value.get("media")
    if isinstance(file, str):
        alternative, captions = str(value.get("alt", "")), value.get("captions")
        if (shown_as := media_type(file)) is None:
            return Part("text", name, _("%(name)s (a file that can't be shown here)") % {"name": file})
        address = media(captions) if isinstance(captions, str) else ""
        return Part(shown_as, name, alternative, media(file), own, direction(own), address)
    if isinstance(value.get("text"), str) and set(value) <= {"text", "lang"}:
        return Part("text", name, value["text"], lang=own, dir=direction(own))
    return Part("text", name, _text(value), lang=lang, dir=direction(lang))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None)
