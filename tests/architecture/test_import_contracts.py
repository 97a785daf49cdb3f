"""The import contracts of pyproject.toml hold, and each is broken by what it forbids."""

import subprocess
import sys
from pathlib import Path

from source import ROOT, contracts, plant, staircase

# Contract -> the modules that break it. One stands inside a function, where no habit would look.
FAULTS = {
    "staircase": {
        "apps/core/clock.py": "def now():\n    from apps.work import models\n",
        "apps/payments/owing.py": "import apps.quality.models\n",
        "apps/stray/models.py": "",  # an app that is on no step
    },
    "inside": {
        "apps/work/models.py": "import apps.work.services\n",
    },
    "site": {"labelcrowd/wsgi.py": "import apps.members.models\n"},
    "settings": {"apps/members/adapter.py": "from labelcrowd import settings\n"},
    "messages": {"apps/work/queues.py": "import dramatiq\n"},
    "broker": {"apps/console/stuck.py": "import labelcrowd.broker\n"},
    "enqueue": {"apps/console/sending.py": "import apps.pipeline.actors\n"},
    "mturk": {"apps/payments/aws.py": "import boto3\n"},
    "arithmetic": {"apps/aggregation/table.py": "import django\n"},
    "kinds": {"apps/kinds/rating/kind.py": "import apps.kinds.number.kind\n"},
    "reports": {"apps/reports/labels.py": "import apps.datasets.services\n"},
    "crowd": {"apps/simulation/person.py": "import apps.work.services\n"},
}
# A tree without faults: every step that must be there, and what may know the broker.
FAULTLESS = {f"apps/{app}/models.py": "" for step in staircase() for app in step} | {
    "apps/pipeline/motor.py": "import dramatiq\nimport labelcrowd.broker\n",
    "apps/pipeline/actors.py": "",
    "labelcrowd/broker.py": "import dramatiq\n",
    "labelcrowd/worker.py": "import labelcrowd.broker\n",
    "labelcrowd/urls.py": "import apps.console.models\n",
    "labelcrowd/settings.py": "",
    "apps/members/trail.py": "",
    "apps/datasets/services.py": "import apps.datasets.models\n",
    "apps/work/services.py": "import apps.work.models\nimport apps.members.trail\n",
    "apps/campaigns/services.py": "",
    "apps/ledger/services.py": "",
    "apps/kinds/number/kind.py": "",
    "apps/kinds/rating/kind.py": "",
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages of a folder, by the contracts of ours."""
    program = str(Path(sys.executable).with_name("lint-imports"))
    command = [program, "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, env={"COLUMNS": "200"}, capture_output=True, text=True, check=False)


def verdicts(output: str) -> dict[str, str]:
    return {
        str(contract["id"]): line.removeprefix(f"{contract['name']} ").split()[0]
        for contract in contracts()
        for line in output.splitlines()
        if line.startswith(f"{contract['name']} ")
    }


def test_the_import_contracts_hold():
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_tree_without_faults_keeps_every_contract(tmp_path):
    plant(tmp_path, FAULTLESS)

    found = verdicts(lint(tmp_path).stdout)

    assert found == {str(contract["id"]): "KEPT" for contract in contracts()}


def test_every_contract_is_broken_by_the_fault_it_forbids(tmp_path):
    plant(tmp_path, FAULTLESS | {path: text for files in FAULTS.values() for path, text in files.items()})

    found = verdicts(lint(tmp_path).stdout)

    assert found == dict.fromkeys(FAULTS, "BROKEN") == {str(contract["id"]): "BROKEN" for contract in contracts()}


def test_the_staircase_names_each_fault(tmp_path):
    plant(tmp_path, FAULTLESS | FAULTS["staircase"])

    found = lint(tmp_path).stdout

    assert "apps.core.clock -> apps.work.models" in found
    assert "apps.payments.owing -> apps.quality.models" in found
    assert "apps.stray" in found
