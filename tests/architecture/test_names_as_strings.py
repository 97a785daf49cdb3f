"""What import-linter cannot see: apps named in strings, as foreign keys, models and modules may be."""

import ast
import re
from collections.abc import Iterable

import pytest
from source import Module, dotted, may_use, modules, planted

RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "ForeignObject"}
LOADERS = {"get_model", "import_module", "import_string", "autodiscover_modules", "__import__"}


def faults(code: Iterable[Module]) -> list[str]:
    """Return the places where an app names, in a string, an app that it must not know."""
    return [
        module.fault(call, f"names {app!r}, which {module.app} must not know")
        for module in code
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call)
        for app in _apps_named(call)
        if app not in may_use(module.app)
    ]


def _apps_named(call: ast.Call) -> list[str]:
    function = dotted(call.func).rpartition(".")[2]
    if function not in RELATIONS | LOADERS:
        return []
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in {"to", "through", "app_label"})]
    words = [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    apps = []
    for word in words[: None if function in RELATIONS else 1]:
        if found := re.match(r"(?:apps\.)?(\w+)\.", word) or re.match(
            r"(\w+)$", word if function == "get_model" else ""
        ):
            apps.append(found[1])
    # settings.AUTH_USER_MODEL is members.User
    apps += ["members" for value in given if dotted(value).endswith("AUTH_USER_MODEL")]
    return apps


def test_no_app_names_a_higher_or_neighbouring_app_in_a_string():
    # A string like "self" or "django.contrib.x" names none of ours.
    ours = {module.app for module in modules()}

    found = [fault for fault in faults(modules()) if any(repr(app) in fault for app in ours)]

    assert found == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("apps.datasets.models", "campaign = models.ForeignKey('campaigns.Campaign', models.CASCADE)"),
        ("apps.quality.models", "payout = models.OneToOneField(to='payments.Payout', on_delete=models.CASCADE)"),
        ("apps.members.models", "workers = models.ManyToManyField('self', through='workforce.Knows')"),
        ("apps.core.states", "Task = apps.get_model('work', 'Task')"),
        ("apps.core.states", "Task = apps.get_model('work.Task')"),
        ("apps.work.queries", "def f():\n    importlib.import_module('apps.pipeline.flow').launch()"),
        ("apps.core.models", "user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)"),
    ],
)
def test_a_string_that_looks_upwards_is_found(name, text):
    assert len(faults([planted(name, text)])) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("apps.work.models", "campaign = models.ForeignKey('campaigns.Campaign', models.CASCADE)"),
        ("apps.work.models", "task = models.ForeignKey('Task', models.CASCADE)"),
        ("apps.work.models", "task = models.ForeignKey('work.Task', models.CASCADE)"),
        ("apps.work.models", "user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)"),
    ],
)
def test_a_string_that_looks_downwards_is_not(name, text):
    assert faults([planted(name, text)]) == []
