"""Label Studio's labeling configurations: one question about an item, as tags of what is shown and of what is asked.

What a tag of a question becomes is for the kinds to say (`Kind.from_label_studio`); what none of them takes is refused
by its name, as is every attribute that would change what is asked and can't be kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

SHOWN = ("Text", "Image", "Audio", "Video")  # tags that show a field of the item
LAYOUT = ("View", "Header")
ASKED = ("Choices", "Rating", "Number", "TextArea", "Pairwise")
LARGEST = 200_000  # characters of a configuration
# How things look, and what a form reminds of: said otherwise here, and no part of what is asked.
LOOKS = frozenset(
    "style className classname size color icon background showInline showInLine layout zoom zoomControl zoomBy "
    "rotateControl brightnessControl contrastControl maxWidth width height maxHeight hotkeys underline margin required "
    "requiredMessage display displayMode granularity showSubmitButton selectionStyle placeholder highlightColor "
    "showLabels saveTextResult muted volume speed cursorWidth frameRate html idAttr".split()
)


class BadConfig(ValueError):
    """A labeling configuration that can't become a campaign; `problems` says why, a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Tag:
    """One element of a configuration."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple["Tag", ...] = ()

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def known(self, *names: str) -> None:
        """Raise `BadConfig` for attributes that are none of these, nor about looks only."""
        odd = sorted(set(self.attributes) - {"name", "toName", *names} - LOOKS)
        if odd:
            raise BadConfig([f"{self} has the attribute {name!r}, which can't be kept" for name in odd])

    def whole(self, name: str, default: int) -> int:
        """Return an attribute that is a whole number; raise `BadConfig`."""
        text = self.get(name, str(default))
        try:
            return int(text)
        except ValueError:
            raise BadConfig([f"{self} has the {name} {text!r}, it should be a whole number"]) from None

    def __str__(self) -> str:
        return f"{self.name} {self.get('name')!r}" if self.get("name") else self.name


@dataclass(frozen=True)
class Config:
    """What a configuration asks: `shown` are the item's fields by the names of their tags, in order."""

    question: str
    shown: Mapping[str, str]
    asked: Tag
    types: Mapping[str, str]

    @property
    def subjects(self) -> list[str]:
        """The fields that the question is about, in the order in which it names them."""
        names = [name.strip() for name in self.asked.get("toName").split(",")]
        return [self.shown[name] for name in names if name in self.shown]


def read(xml: str) -> Config:
    """Read a configuration; raise `BadConfig` with all that can't be kept."""
    if len(xml) > LARGEST:
        raise BadConfig([f"the configuration has {len(xml):,} characters, {LARGEST:,} are the most"])
    root = _root(xml)
    if root.name != "View":
        raise BadConfig([f"a labeling configuration is a View, this is {root.name!r}"])
    tags = list(_below(root))
    problems = [
        f"the tag {tag.name!r} is not known here: it should be one of {[*LAYOUT, *SHOWN, *ASKED]}"
        for tag in tags
        if tag.name not in {*LAYOUT, *SHOWN, *ASKED}
    ]
    asked = [tag for tag in tags if tag.name in ASKED]
    shown = [tag for tag in tags if tag.name in SHOWN]
    if not problems and len(asked) != 1:
        named = ", ".join(map(str, asked)) or "none"
        problems.append(f"a campaign asks one question, the configuration has {len(asked)} ({named}): make one of each")
    problems += [f'{tag} should show a field of the item, as in value="$text"' for tag in shown if not _field(tag)]
    for tag in (root, *(tag for tag in tags if tag.name in (*LAYOUT, *SHOWN))):
        problems += _odd(tag)
    if problems:
        raise BadConfig(problems)
    headers = [tag.get("value").strip() for tag in tags if tag.name == "Header"]
    fields = {tag.get("name") or _field(tag): _field(tag) for tag in shown}
    missing = [name for name in asked[0].get("toName").split(",") if name.strip() not in fields]
    if missing:
        raise BadConfig([f"{asked[0]} is about {name.strip()!r}, which nothing shows" for name in missing])
    question = "\n".join(header for header in headers if header) or asked[0].get("name") or asked[0].name
    types = {tag.get("name") or _field(tag): tag.name for tag in shown}
    return Config(question, fields, asked[0], types)


def asked_of(xml: str) -> str:
    """Return what a configuration's question is called, also of one that is refused by now; "" for none."""
    try:
        return next((tag.get("name") for tag in _below(_root(xml)) if tag.name in ASKED), "")
    except BadConfig:
        return ""


def write(asked: Tag, *, question: str, shown: Sequence[Tag]) -> str:
    """Write a configuration that `read` reads as the same."""
    view = Tag("View", {}, (Tag("Header", {"value": question}), *shown, asked))
    element = _element(view)
    ElementTree.indent(element)
    return ElementTree.tostring(element, encoding="unicode") + "\n"


def _root(xml: str) -> Tag:
    try:
        return _tag(fromstring(xml))
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise BadConfig([f"this is not a labeling configuration: {error}"]) from None


def _tag(element: Any) -> Tag:
    return Tag(str(element.tag), dict(element.attrib), tuple(_tag(child) for child in element))


def _element(tag: Tag) -> ElementTree.Element:
    made = ElementTree.Element(tag.name, dict(tag.attributes))
    made.extend(_element(child) for child in tag.children)
    return made


def _below(tag: Tag) -> list[Tag]:
    """Return the tags below in order; those within a question are its own."""
    found = []
    for child in tag.children:
        found.append(child)
        if child.name not in ASKED:
            found += _below(child)
    return found


def _field(tag: Tag) -> str:
    value = tag.get("value")
    return value[1:] if value.startswith("$") and len(value) > 1 else ""


def _odd(tag: Tag) -> list[str]:
    try:
        tag.known("value")
    except BadConfig as error:
        return error.problems
    return []
