"""How fast labels are exported, and at what memory.

    DATABASE_URL=postgres://... python infra/bench/export_labels.py [--labels 200000] [--votes 5] [--runs 3]

Makes a database of its own on that server (the embedded one where DATABASE_URL is not set), fills it with one campaign,
and drops it at the end. Prints for each format the median rate, the rate for a second of processor time (ours and the
server's together, where it runs here: what other programs can't spoil), and how much the process's peak memory grew.
"""

# ruff: noqa: E402 - the settings must be known before a model is imported
import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")

import django

django.setup()

from django.db import connection

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.datasets.models import Dataset
from apps.members.models import Organization
from apps.reports import labels
from apps.work.models import Assignment
from apps.workforce.models import Worker

FILL = """
INSERT INTO datasets_item (dataset_id, external_id, data)
    SELECT %(dataset)s, 'item-' || n, jsonb_build_object('text', 'What is item ' || n || '?')
      FROM generate_series(1, %(labels)s) n;
INSERT INTO work_task (campaign_id, item_id, gold, reserved, state, wanted, taken, judged, shuffle)
    SELECT %(campaign)s, id, false, false, 'open', %(votes)s, %(votes)s, %(votes)s, hashint8(id)
      FROM datasets_item ORDER BY id;
INSERT INTO work_place (assignment_id, task_id, worker_id, position, token, state, note)
    SELECT a.id, t.id, a.worker_id, 1, gen_random_uuid(), 'answered', ''
      FROM work_task t CROSS JOIN work_assignment a ORDER BY hashint8(t.id), a.id;
INSERT INTO work_judgment (place_id, campaign_id, task_id, worker_id, answer, counted, guidelines, seconds, created_at)
    SELECT id, %(campaign)s, task_id, worker_id, '"cat"', true, 1, 5, now() FROM work_place ORDER BY id;
INSERT INTO quality_consensus (task_id, campaign_id, answer, confidence, votes, method, final, combined_at)
    SELECT id, %(campaign)s, '"cat"', 0.9 + random() / 10, %(votes)s, 'dawid_skene', true, now() FROM work_task;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=200_000)
    parser.add_argument("--votes", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        campaign = fill(asked.labels, asked.votes)
        measure(campaign, asked.runs)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def fill(count: int, votes: int) -> Campaign:
    organization = Organization.objects.create(name="Bench", slug="bench")
    dataset = Dataset.objects.create(organization=organization, name="Rows")
    settings = {"question": "Which animal is it?", "options": ["cat", "dog", "cow"]}
    campaign = Campaign.objects.create(
        organization=organization, dataset=dataset, name="Animals", kind="single_choice", settings=settings
    )
    for n in range(votes):
        worker = Worker.objects.create(organization=organization, external_id=f"w-{n}")
        Assignment.objects.create(
            organization=organization,
            campaign=campaign,
            worker=worker,
            guidelines=1,
            price=10,
            page_size=5,
            currency="USD",
            places_count=5,
            held=10,
            expires_at=clock.now(),
        )
    given = {
        "organization": organization.pk,
        "dataset": dataset.pk,
        "campaign": campaign.pk,
        "labels": count,
        "votes": votes,
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, given)
        cursor.execute("VACUUM ANALYZE")
    return campaign


def measure(campaign: Campaign, runs: int) -> None:
    print(f"{'format':<18}{'labels/s':>10}{'by CPU s':>10}{'seconds':>9}{'MB':>6}{'peak +MB':>10}  the same bytes")
    for format_ in labels.format_names():
        for with_votes in (False, True):
            before = memory()
            seconds, worked, digests = [], [], set()
            with tempfile.TemporaryDirectory() as folder:
                for _ in range(runs):
                    started, busy = time.perf_counter(), processor_seconds()
                    made = labels.write(campaign, format=format_, to=Path(folder) / "labels", with_votes=with_votes)
                    seconds.append(time.perf_counter() - started)
                    worked.append(processor_seconds() - busy)
                    digests.add(made.sha256)
            took, cost = statistics.median(seconds), statistics.median(worked)
            title = f"{format_}{' with votes' if with_votes else ''}"
            print(
                f"{title:<18}{made.rows / took:>10,.0f}{made.rows / cost:>10,.0f}{took:>9.2f}{made.bytes / 1e6:>6.0f}"
                f"{memory() - before:>10.0f}  {'yes' if len(digests) == 1 else 'NO'}"
            )


def processor_seconds() -> float:
    """Return the processor time of this process, and of the server's process that serves it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists() or "(postgres)" not in (line := stat.read_text()):
        return time.process_time()
    user, system = line.rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
