"""Things stand where one looks for them: admin and commands in the console, tests beside the app's name."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from source import ROOT, Module, imported_names, modules, plant

ADMIN = ("django.contrib.admin", "unfold", "django.core.management.base")


def admin_faults(code: Iterable[Module]) -> list[str]:
    """Return the admin classes and commands outside the console: an admin action starts the belt, a low app may not."""
    return [
        module.fault(module.tree, f"imports {name}: admin classes and commands live in the console")
        for module in code
        if module.app != "console"
        for name in imported_names(module).values()
        if f"{name}.".startswith(tuple(f"{package}." for package in ADMIN))
    ] + [
        module.fault(module.tree, "is a command: commands live in the console")
        for module in code
        if module.app != "console" and "management" in module.name.split(".")
    ]


def untested(root: Path) -> list[str]:
    """Return the apps without a folder of tests under their name."""
    apps = sorted({module.app for module in modules(root)})
    return [app for app in apps if not list((root / "tests" / app).glob("test_*.py"))]


def test_admin_classes_and_commands_live_in_the_console():
    assert admin_faults(list(modules())) == []


def test_an_admin_class_or_a_command_elsewhere_is_found(tmp_path):
    root = plant(
        tmp_path,
        {
            "apps/work/admin.py": "from django.contrib import admin\n",
            "apps/ledger/pages.py": "from unfold.admin import ModelAdmin\n",
            "apps/members/management/commands/enrol.py": "",
            "apps/console/admin.py": "from django.contrib import admin\nfrom unfold.admin import ModelAdmin\n",
        },
    )

    found = {fault.split(":")[0] for fault in admin_faults(list(modules(root)))}

    assert {"apps.work.admin", "apps.ledger.pages", "apps.members.management.commands.enrol"} <= found
    assert not [name for name in found if name.startswith("apps.console")]


def test_every_app_has_tests_under_its_name():
    assert untested(ROOT) == []


def test_an_app_without_tests_is_found(tmp_path):
    root = plant(tmp_path, {"apps/work/models.py": "", "apps/ledger/models.py": "", "tests/work/test_leases.py": ""})

    assert untested(root) == ["ledger"]


def namesakes(root: Path) -> list[str]:
    """Return the names that several test files have: pytest imports them by name, and would take one for the other."""
    names = Counter(path.name for path in root.glob("tests/**/test_*.py"))
    return sorted(name for name, times in names.items() if times > 1)


def test_no_two_test_files_have_one_name():
    assert namesakes(ROOT) == []


def test_two_test_files_of_one_name_are_found(tmp_path):
    for folder in ("core", "console"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
        (tmp_path / "tests" / folder / "test_money.py").touch()

    assert namesakes(tmp_path) == ["test_money.py"]
