"""A file of judgments opened: read, its family told, ready to be aggregated and measured."""

from __future__ import annotations

from pathlib import Path

from . import files
from .columns import BadFile
from .families import FAMILIES, Family
from .families.base import short
from .families.categorical import Categorical
from .families.numeric import Numeric
from .guessing import between, guess


def open_crowd(
    path: Path, *, kind: str | None = None, docs: Path | None = None, gold: Path | None = None
) -> tuple[Family, str]:
    """Return the judgments as their family, and how the family was told ('' when it was given).

    Args:
        docs: lengths of the documents; by default docs.csv beside the file, and without it the last token anybody
            marked ends a document.
        gold: the known answers, where there are some: codes of classes have none with decimals.

    Raises:
        BadFile: with a sentence, and the line where there is one; also when `docs` is given and no document is marked.
    """
    given = FAMILIES[kind] if kind else None
    judgments = files.read_judgments(
        path, may_be_empty=given is None or given.may_be_empty, in_pairs=given is None or given.in_pairs
    )
    family, why = (given, "") if given else guess(judgments)
    if gold and why and family is Categorical and (amount := between(judgments, files.labels_of(gold))) is not None:
        family, why = Numeric, f"labels are whole numbers, and {short(amount)} in {gold.name} is none"
    if docs and family is not FAMILIES["spans"]:
        told = f"{family.name} (guessed: {why})" if why else f"of --kind {family.name}"
        raise BadFile(f"--docs is for spans, and the labels of {path.name} are {told}")
    beside = path.with_name("docs.csv")
    lengths = docs or (beside if family is FAMILIES["spans"] and beside.is_file() else None)
    return family(judgments, files.read_lengths(lengths, judgments) if lengths else None), why


def check_method(family: Family, method: str | None) -> None:
    """Raise BadFile when a method is named and the family has none of this name."""
    if method in (None, *family.methods):
        return
    has = [name for name, other in FAMILIES.items() if method in other.methods]
    elsewhere = f"; it is of --kind {' or '.join(has)}" if has else ""
    raise BadFile(
        f"{method!r} is no method for {family.name}: it should be one of {', '.join(family.methods)}{elsewhere}"
    )
