"""What workers read, found by gettext, and the catalogs of it: `make catalogs` writes what is new into each of them.

The whole code is looked through but for what members alone read, which is in English and named in `MEMBERS`: a new
module is a worker's until it is named there. Of models, only the names of choices are, which workers see as states.
"""

import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "labelcrowd" / "locale"
MEMBERS = [
    "apps/console", "apps/pipeline/alerting.py", "apps/pipeline/market_books.py", "apps/pipeline/market_mail.py",
    "apps/pipeline/market_letters.py",  # in English, as the title of the slot that it is about
    "apps/pipeline/market_open.py", "apps/pipeline/market_purses.py", "apps/pipeline/market_signing.py",
    "apps/pipeline/market_subjects.py", "apps/pipeline/telling.py", "apps/reports/payments/bank_files",
    "apps/channels/services/offering.py",  # a market's title is in English whoever accepts it
    "apps/core/resting.py",  # a model: what its columns are for
]  # fmt: skip
CHOICES = ["apps/campaigns", "apps/work", "apps/quality", "apps/payments", "apps/workforce"]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "gettext_noop": None, "kept": None,
}  # fmt: skip
# What Django's own catalogs lack, and what its sentences name of ours.
OF_DJANGO: list[str | tuple[str, str]] = [
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    "e-mail address",
]
TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(n?gettext)\(({TEXT})(?:, ({TEXT}))?")
Message = tuple[str, str | tuple[str, str]]


def messages() -> Iterator[Message]:
    """Yield each message with the file that it is in; of a plural, both forms."""
    for path in looked_through("*.py"):
        if not {"migrations", "models", "models.py"} & set(path.relative_to(ROOT).parts):
            yield from _of_code(path)
    for path in _files(CHOICES, "models*.py") + _files(CHOICES, "models/*.py"):
        yield from _of_choices(path)
    for path in _files(["apps/kinds"], "kind.py"):
        yield from _of_kind(path)
    for path in looked_through("*.html"):
        yield from _of_template(path)
    yield from (("django", message) for message in OF_DJANGO)


def path_of(language: str) -> Path:
    """Return where a language's catalog lies."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def catalog_of(language: str) -> Catalog:
    """Return the catalog of a language as it stands."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def missing(catalog: Catalog) -> list[str]:
    """Return the messages that a catalog has not, or not in all of its plural forms, with their files."""
    found = []
    for path, message in messages():
        known = catalog.get(message[0] if isinstance(message, tuple) else message)
        forms = known.string if known is not None else ""
        done = all(forms) and len(forms) == catalog.num_plurals if isinstance(forms, tuple) else bool(forms)
        if not done or isinstance(message, tuple) != isinstance(forms, tuple):
            found.append(f"{path}: {message!r}")
    return found


def bring_up(language: str) -> list[str]:
    """Write a catalog anew; return what is not translated."""
    new = brought_up(language)
    path_of(language).write_bytes(written(new))
    return missing(new)


def brought_up(language: str) -> Catalog:
    """Return a catalog with what is new in it and without what is gone."""
    old = catalog_of(language)
    template = Catalog(fuzzy=False, creation_date=old.creation_date)
    for path, message in messages():
        template.add(message, locations=[(path, 0)])
    old.update(template, no_fuzzy_matching=True)
    old.obsolete.clear()
    old.msgid_bugs_address, old.last_translator, old.language_team = "", "labelcrowd", ""
    old.revision_date = old.creation_date
    return old


def written(catalog: Catalog) -> bytes:
    """Return a catalog as it lies here: sorted, so that what is added by hand anywhere else is moved."""
    file = io.BytesIO()
    write_po(file, catalog, width=120, sort_output=True, include_lineno=False, omit_header=False)
    return file.getvalue()


def looked_through(pattern: str) -> list[Path]:
    """Return the files that workers may read something of."""
    members = set(_files(MEMBERS, pattern))
    return [path for path in _files(["apps"], pattern) if path not in members]


def _files(folders: list[str], pattern: str) -> list[Path]:
    found = []
    for name in folders:
        path = ROOT / name
        found += [path] if path.is_file() else sorted(path.rglob(pattern))
    return found


def _of_code(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _line, found, _comments, _context in extract("python", file, KEYWORDS):
            yield str(path.relative_to(ROOT)), found if isinstance(found, str) else (found[0], found[1])


def _of_choices(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("TextChoices") for base in node.bases):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "_":
                    yield str(path.relative_to(ROOT)), ast.literal_eval(call.args[0])


def _of_kind(path: Path) -> Iterator[Message]:
    """Yield what a kind is called, and what it says of itself; the campaign's page translates both."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("title", "help"):
            yield str(path.relative_to(ROOT)), ast.literal_eval(node.value)


def _of_template(path: Path) -> Iterator[Message]:
    for _name, one, many in CALL.findall(templatize(path.read_text("utf-8"), origin=path.name)):
        first = ast.literal_eval(one)
        yield str(path.relative_to(ROOT)), (first, ast.literal_eval(many)) if many else first


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    lacking = {folder.name: bring_up(folder.name) for folder in sorted(LOCALE.iterdir())}
    for language, lines in lacking.items():
        sys.stdout.write(f"{language}: {len(lines)} not translated\n" + "".join(f"  {line}\n" for line in lines))
