"""An app writes only its own tables; another app's rows change through that app's services."""

from collections.abc import Iterable

import pytest
from django.apps import apps
from source import Module, modules, planted
from writes import written

OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
# It changes the row it is a part of, whoever's that is: `assignment.move(...)` is judged where it is called.
NOT_JUDGED = {"apps.core.states"}


def faults(code: Iterable[Module]) -> list[str]:
    return [
        module.fault(node, f"writes rows of {app}: call its services")
        for module in code
        if module.name not in NOT_JUDGED
        for node, app in written(module)
        if app in OURS - {module.app}
    ]


def test_an_app_writes_only_its_own_tables():
    assert faults(modules()) == []


def test_the_writes_of_our_own_code_are_seen():
    seen = {module.app for module in modules() for _, app in written(module) if app == module.app}

    assert {"ledger", "members", "work"} <= seen


@pytest.mark.parametrize(
    "text",
    [
        "from apps.work.models import Task\nTask.objects.create(campaign=None)",
        "from apps.work.models import Task\nTask.objects.filter(pk=1).exclude(pk=2).update(state='x')",
        "def f():\n    from apps.work import models\n    models.Task.objects.all().delete()",
        "from apps.work.models import Task\nTask(campaign=None).save()",
        "from apps.work.models import Task\ndef f(task: Task) -> None:\n    task.save()",
        "from apps.work.models import Task\ndef f(task: 'Task | None') -> None:\n    task.delete()",
        "from apps.work.models import Assignment\ndef f(assignment: Assignment):\n    assignment.move('approved')",
        "from apps.work.models import Task\nfor task in Task.objects.order_by('pk').iterator():\n    task.save()",
        "from apps.work.models import Task\ndef f(tasks: list[Task]):\n    [task.save() for task in tasks]",
        "from apps.work.models import Task\nif task := Task.objects.filter(pk=1).first():\n    task.delete()",
        "from apps.members.models import Organization\ndef f(o: Organization):\n    o.datasets.all()[0].save()",
        "from apps.work.models import Place\ndef f(place: Place):\n    place.task.campaign.save()",
        "cursor.execute('UPDATE work_task SET wanted = 0')",
        "cursor.copy('''COPY\n  datasets_item (id) FROM STDIN''')",
        "cursor.execute(f'INSERT INTO ledger_posting VALUES ({n})')",
    ],
)
def test_a_write_into_another_apps_table_is_found(text):
    assert len(faults([planted("apps.quality.services", text)])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "from apps.quality.models import Review\nReview.objects.create()",
        "from apps.work.models import Task\nTask.objects.filter(pk=1).select_for_update().first()",
        "from apps.campaigns.models import Campaign\ndef f(asked: Campaign):\n    asked.consensus.update(votes=1)",
        "from apps.work.models import Task\ndef f(task: Task):\n    seen = {}\n    seen.update(task=task)",
        "cursor.execute('UPDATE quality_review SET state = 1')",
        "cursor.execute('SELECT 1 FROM work_task FOR UPDATE')",
    ],
)
def test_a_read_or_a_write_of_its_own_is_not(text):
    assert faults([planted("apps.quality.services", text)]) == []
