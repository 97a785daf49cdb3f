"""S6, S2: nothing that users write is run or taken for markup: no module of ours could, but where it is said why."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT

FORBIDDEN_MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "torch", "jinja2", "lxml"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_METHODS = {
    *(("yaml", name) for name in ("load", "unsafe_load", "full_load")),
    *((numpy, "load") for numpy in ("numpy", "np")),
    *(("ElementTree", name) for name in ("fromstring", "parse", "iterparse", "XML")),  # defusedxml reads, this writes
}
# Markup that is ours, or that went through the one sanitiser. Each file with the reason.
MARKUP = {
    "apps/core/markdown.py": "the one renderer: its HTML went through the allow-list of nh3",
}
SHOWN_AS_IT_IS = {
    "apps/workbench/templates/workbench/fields.html": "the rules of passwords, which Django wrote",
    "apps/members/templates/allauth/elements/fields.html": "the same",
    "apps/reports/templates/reports/page.html": "our own style sheet",
    "apps/console/templates/console/quality.html": "our own style sheet",
}


def python_files() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("apps", "labelcrowd", "client"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def runs_what_it_is_given(tree: ast.AST) -> Iterator[str]:
    """Yield what in a module could run its input."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if any(node.module == name or node.module.startswith(f"{name}.") for name in FORBIDDEN_MODULES):
                yield node.module
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and (of.id, node.func.attr) in FORBIDDEN_METHODS:
                yield f"{of.id}.{node.func.attr}"


def marks_safe(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "mark_safe" for node in ast.walk(tree))


def test_s6_no_module_runs_what_it_is_given():
    found = {path: sorted(set(runs_what_it_is_given(tree))) for path, tree in python_files()}

    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("text", ["import pickle", "from jinja2 import Template", "eval(x)", "yaml.load(x)"])
def test_what_would_run_its_input_is_found(text):
    assert list(runs_what_it_is_given(ast.parse(text)))


def test_s2_markup_is_made_in_a_few_known_files_alone():
    assert {path for path, tree in python_files() if marks_safe(tree)} <= set(MARKUP)


def test_s2_no_template_takes_what_users_wrote_for_markup():
    shown = [path for path in (ROOT / "apps").rglob("*.html") if "|safe" in path.read_text()]
    shown += [path for path in (ROOT / "apps").rglob("*.html") if "autoescape off" in path.read_text()]

    assert {str(path.relative_to(ROOT)) for path in shown} <= set(SHOWN_AS_IT_IS)
