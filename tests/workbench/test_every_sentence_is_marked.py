"""No sentence that a worker reads was written past gettext: what can be raised to workers is looked for, and made."""

import ast
import json
import re
from pathlib import Path

import pytest
from django.utils import translation

from apps.kinds import names, of
from apps.kinds.errors import Bad
from infra.catalogs import ROOT

APPS = ROOT / "apps"
# Caught by workers' pages, but said to others: to programs that send what no page of ours does, or to requesters.
OTHERS = {"BadRequest", "BadSettings", "Http404", "ValueError", "RecursionError", "TooMany"}


# What these raise is of files and queues, and read by requesters; some of it has the same names.
AWAY = ("datasets", "hitevents")
EVERYWHERE = [folder.name for folder in APPS.iterdir() if folder.is_dir() and folder.name not in AWAY]


def trees(*folders: str) -> dict[Path, ast.Module]:
    paths = (path for folder in folders for path in sorted((APPS / folder).rglob("*.py")))
    return {path: ast.parse(path.read_text()) for path in paths if "migrations" not in path.parts}


def name(node: ast.AST | None) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def uses(handler: ast.ExceptHandler) -> bool:
    nodes = (node for line in handler.body for node in ast.walk(line))
    return any(isinstance(node, ast.Name) and node.id == handler.name for node in nodes)


def told_to_workers(everywhere: dict[Path, ast.Module]) -> set[str]:
    """Return the errors that a page of workers catches and says something of, with what inherits from them."""
    found = set()
    for tree in (*trees("workbench").values(), ast.parse((APPS / "turkapi" / "asking.py").read_text())):
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and node.name and uses(node):
                caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                found |= {name(one) for one in caught} - OTHERS
    classes = [node for tree in everywhere.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while more := {one.name for one in classes if {name(base) for base in one.bases} & found} - found - OTHERS:
        found |= more
    return found


def is_unmarked(argument: ast.expr) -> bool:
    """Return whether an error is given words as they stand; words with gettext around them are a call."""
    if isinstance(argument, ast.Dict):
        return any(is_unmarked(value) for value in argument.values)
    is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str) and " " in argument.value
    return is_text or isinstance(argument, ast.JoinedStr)


# Who calls these in other folders tells members alone, in English.
SAYING = {"check_storable", "Part", "decide", "restrict"}
MEMBERS = {"auditing.py", "adjudicating.py"}


def says(node: ast.AST) -> bool:
    """Return whether a call hands words on that a worker's page shows: what a place is, a part, a reason."""
    is_one = isinstance(node, ast.Call) and name(node.func) in SAYING
    return is_one and any(map(is_unmarked, [*node.args, *(one.value for one in node.keywords)]))


def unmarked(everywhere: dict[Path, ast.Module]) -> list[str]:
    told = told_to_workers(everywhere)
    known = {"BadPage", "BadAnswer", "BadDestination", "LeaseEnded", "CannotDispute", "CannotAsk", "NotOffered", "Full"}
    assert known <= told, told
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)[:100]}"
        for path, tree in everywhere.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name(node.func) in told and any(map(is_unmarked, node.args))
    ]


def test_no_error_that_workers_are_told_has_words_past_gettext():
    assert unmarked(trees(*EVERYWHERE)) == []


def test_what_pages_show_otherwise_has_no_words_past_gettext():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)[:100]}"
        for path, tree in trees("kinds", "quality", "work", "workbench", "workforce").items()
        if path.name not in MEMBERS
        for node in ast.walk(tree)
        if says(node)
    ]

    assert found == []


def test_such_words_are_found():
    planted = ast.parse('raise LeaseEnded(f"{page} is over")\nraise BadPage({"": "not so"})\nraise NotYours')

    assert len(unmarked({**trees("work", "kinds", "payments", "quality"), ROOT / "planted.py": planted})) == 2


def examples(kind: str):
    folder = APPS / "kinds" / kind
    made = json.loads((folder / "examples.json").read_text())
    return [(made["settings"], bad["answer"]) for bad in made["bad"]]


@pytest.mark.parametrize(
    ("kind", "settings", "answer"),
    [(kind, settings, answer) for kind in names() for settings, answer in examples(kind)],
)
def test_what_is_wrong_with_an_answer_is_said_in_the_readers_language(kind, settings, answer):
    kind = of(kind)
    with translation.override("ar"), pytest.raises(Bad) as error:
        kind.read(answer, kind.read_settings(settings))

    said = set(re.findall("[A-Za-z]{2,}", str(error.value)))
    given = set(re.findall("[A-Za-z]+", f"{json.dumps(answer)} {json.dumps(settings)} {answer!r}"))
    assert said <= given | {"answer", "JSON", "YAML", "yes", "left", "right", "tie", "none"}
    assert re.search("[\u0600-\u06ff]", str(error.value))
