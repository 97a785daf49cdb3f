"""The project's source as the rules of traffic see it. A rule is a function from it to faults, sentences with a place.

Each rule is shown to see: its test runs it on our source, where it must find nothing, and on a planted fault.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One module of an app: `name` as it is imported, `app` the folder below apps/ that it belongs to."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def app(self) -> str:
        return self.name.split(".")[1]

    def fault(self, node: ast.AST, sentence: str) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)} {sentence}"


def modules(root: Path = ROOT, *, migrations: bool = False) -> Iterator[Module]:
    """Yield every module of every app, without migrations: those write down what was, not what may be."""
    for path in sorted((root / "apps").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if len(parts) > 2 and (migrations or "migrations" not in parts):
            name = ".".join(parts).removesuffix(".__init__")
            yield Module(name, path, ast.parse(path.read_text(), str(path)))


def planted(name: str, text: str) -> Module:
    """Return a module that isn't there, to plant a fault in."""
    return Module(name, Path(f"{name}.py"), ast.parse(text))


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below `root`, the packages around them too, and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for folder in path.relative_to(root).parents:
            if folder != Path():
                (root / folder / "__init__.py").touch()
    return root


def contracts() -> list[dict[str, object]]:
    """Return the import contracts of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def staircase() -> list[frozenset[str]]:
    """Return the apps of each step, the highest first, as the import contract has them."""
    (layers,) = (contract["layers"] for contract in contracts() if contract["id"] == "staircase")
    return [frozenset(re.findall(r"\w+", layer)) for layer in layers]  # type: ignore[attr-defined]


def may_use(app: str) -> frozenset[str]:
    """Return the apps that `app` may know: itself and all on lower steps."""
    steps = staircase()
    (level,) = (number for number, step in enumerate(steps) if app in step)
    return frozenset({app}).union(*steps[level + 1 :])


def imported_names(module: Module) -> dict[str, str]:
    """Return what each imported name stands for, wherever in the module it is imported: Task, apps.work.models.Task."""
    found = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                found[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
        elif isinstance(node, ast.ImportFrom):
            package = module.name.split(".") if module.path.stem == "__init__" else module.name.split(".")[:-1]
            base = package[: len(package) - node.level + 1] + ([node.module] if node.module else [])
            for name in node.names:
                found[name.asname or name.name] = ".".join([*base, name.name])
    return found


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` of a chain of attributes, "" of anything else."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""
