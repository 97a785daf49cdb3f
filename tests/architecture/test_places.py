"""Things stand where one looks for them: admin and commands in the console, tests beside the app's name."""

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
