"""How long a campaign's last fit takes in the product: read from PostgreSQL, combined, written, workers scored.

    DATABASE_URL=postgres://... make bench-fit ARGS="--judgments 1000000 --votes 5"

Makes a database of its own on that server (the embedded one where DATABASE_URL is not set), fills it with one campaign
of workers who are right 60 to 95 % of the time, and drops it at the end. Prints the seconds and the processor's, ours
and the server's together, of a first fit and of one that writes over it, what that is for a judgment, and the peak
memory. A fit has 440 seconds on the belt. Also written to var/bench/fit.json.
"""

# ruff: noqa: E402 - the settings must be known before a model is imported
import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")

import django

django.setup()

from django.db import connection
from export_labels import memory, processor_seconds

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.datasets.models import Dataset
from apps.members.models import Organization
from apps.quality import services as quality
from apps.work.models import Assignment
from apps.workforce.models import Skill, Worker

OUT = Path(__file__).parents[2] / "var" / "bench" / "fit.json"
FILL = """
INSERT INTO datasets_item (dataset_id, external_id, data)
    SELECT %(dataset)s, 'item-' || n, '{}' FROM generate_series(1, %(items)s) n;
INSERT INTO work_task (campaign_id, item_id, gold, reserved, state, wanted, taken, judged, shuffle)
    SELECT %(campaign)s, id, false, false, 'open', %(votes)s, %(votes)s, %(votes)s, hashint8(id) FROM datasets_item;
CREATE TEMP TABLE a AS SELECT id, worker_id, row_number() OVER (ORDER BY id) - 1 AS n FROM work_assignment;
CREATE TEMP TABLE p AS
    SELECT t.id AS task_id, a.worker_id, a.id AS assignment_id, t.item_id %% 3 AS truth,
           random() < 0.6 + 0.35 * a.n / %(workers)s AS hit, floor(random() * 3)::int AS guess
      FROM work_task t CROSS JOIN generate_series(0, %(votes)s - 1) v
      JOIN a ON a.n = (abs(hashint8(t.id)) + v * 7) %% %(workers)s;
INSERT INTO work_place (assignment_id, task_id, worker_id, position, token, state, note)
    SELECT assignment_id, task_id, worker_id, 1, gen_random_uuid(), 'answered', '' FROM p;
INSERT INTO work_judgment (place_id, campaign_id, task_id, worker_id, answer, counted, guidelines, seconds, created_at)
    SELECT w.id, %(campaign)s, w.task_id, w.worker_id,
           to_jsonb((ARRAY['cat', 'dog', 'cow'])[1 + CASE WHEN p.hit THEN p.truth ELSE p.guess END]), true, 1, 5, now()
      FROM work_place w JOIN p USING (task_id, worker_id)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judgments", type=int, default=500_000)
    parser.add_argument("--votes", type=int, default=5)
    asked = parser.parse_args()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        campaign = fill(asked.judgments, asked.votes)
        found = [measure(campaign, asked.judgments, final=final) for final in (False, True)]
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")


def fill(judgments: int, votes: int) -> Campaign:
    organization = Organization.objects.create(name="Bench", slug="bench")
    dataset = Dataset.objects.create(organization=organization, name="Rows")
    settings = {"question": "Which animal is it?", "options": ["cat", "dog", "cow"]}
    campaign = Campaign.objects.create(
        organization=organization, dataset=dataset, name="Animals", kind="single_choice", settings=settings
    )
    workers = max(50, judgments // 1000)
    crowd = [Worker(organization=organization, external_id=f"w-{n}") for n in range(workers)]
    page = {"guidelines": 1, "price": 10, "page_size": 5, "currency": "USD", "places_count": 5, "held": 10}
    page |= {"organization": organization, "campaign": campaign, "expires_at": clock.now()}
    Assignment.objects.bulk_create(Assignment(worker=one, **page) for one in Worker.objects.bulk_create(crowd))
    given = {"dataset": dataset.pk, "campaign": campaign.pk, "workers": workers}
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            cursor.execute(statement, given | {"items": judgments // votes, "votes": votes})
        cursor.execute("VACUUM ANALYZE")
    return campaign


def measure(campaign: Campaign, judgments: int, *, final: bool) -> dict[str, float]:
    started, busy = time.perf_counter(), processor_seconds()
    quality.combine(campaign, final=final, whole=True)
    took, worked = time.perf_counter() - started, processor_seconds() - busy
    said = "the last fit, over labels that are there" if final else "the first fit"
    each = f"{worked / judgments * 1e6:.0f} us of processor a judgment"
    print(
        f"{said}: {judgments:,} judgments of {Skill.objects.count():,} workers in {took:.1f} s, {worked:.1f} s of "
        f"processor, {each}; peak {memory():,.0f} MB"
    )
    return {"judgments": judgments, "final": final, "seconds": took, "processor_seconds": worked, "peak_mb": memory()}


if __name__ == "__main__":
    main()
