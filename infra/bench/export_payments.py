"""How fast payments are exported, at what memory, and whether every file says what the books say.

    DATABASE_URL=postgres://... python infra/bench/export_payments.py [--rows 60000] [--runs 2]

Makes a database of its own on that server (the embedded one where DATABASE_URL is not set), fills it with approved
pages of one month and what they owe, and drops it at the end. For each format: rows for a second of processor time
(ours and the server's together), how much the peak memory grew, whether the bytes were the same in every run and are
those of the manifest's SHA-256, and whether the manifest's total is the books'.
"""

# ruff: noqa: E402 - the settings must be known before a model is imported
import argparse
import hashlib
import os
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")

import django

django.setup()

from django.db import connection, transaction
from export_labels import memory, processor_seconds

from apps.campaigns.models import Campaign
from apps.core import money
from apps.datasets.models import Dataset
from apps.ledger import queries as ledger
from apps.members.models import Organization
from apps.reports import payments
from apps.workforce.models import Worker

OCTOBER = {"since": datetime(2026, 10, 1, tzinfo=UTC), "until": datetime(2026, 11, 1, tzinfo=UTC)}
WORKERS = 500
# One page a minute or so through October, of 0.01 to 9.97 EUR; the times differ, so the order does not.
FILL = """
INSERT INTO ledger_account (organization_id, kind, owner, currency)
    VALUES (%(of)s, 'budget', 'campaign:' || %(campaign)s, 'EUR');
INSERT INTO ledger_account (organization_id, kind, owner, currency)
    SELECT organization_id, 'payable', 'worker:' || id, 'EUR' FROM workforce_worker WHERE organization_id = %(of)s;
CREATE TEMP TABLE pages AS
    SELECT n, gen_random_uuid() AS id, w.id AS worker, 1 + (n * 7919) %% 997 AS pay,
           timestamptz '2026-10-01 00:00Z' + n * interval '31 days' / (%(rows)s + 1) AS at
      FROM generate_series(1, %(rows)s) n
      JOIN (SELECT id, row_number() OVER (ORDER BY external_id) - 1 AS place FROM workforce_worker
             WHERE organization_id = %(of)s) w ON w.place = n %% %(workers)s;
INSERT INTO work_assignment (id, organization_id, campaign_id, worker_id, state, slot, guidelines, price, page_size,
        currency, places_count, held, pay, leased_at, expires_at, submitted_at, submit_digest, decided_at{more})
    SELECT id, %(of)s, %(campaign)s, worker, 'approved', 1, 1, pay, 1, 'EUR', 1, 0, pay, at, at, at, '', at{values}
      FROM pages;
INSERT INTO payments_obligation (kind, assignment_id, organization_id, campaign_id, worker_id, amount, currency,
        reference, reason, owed_at)
    SELECT 'work', id, %(of)s, %(campaign)s, worker, pay, 'EUR', '', '', at FROM pages ORDER BY n;
INSERT INTO ledger_entry (organization_id, reference, memo, legs, at)
    SELECT %(of)s, 'obligation:' || id, 'work', 2, at FROM pages ORDER BY n;
INSERT INTO ledger_posting (entry_id, account_id, amount)
    SELECT e.id, a.id, CASE a.kind WHEN 'budget' THEN -p.pay ELSE p.pay END
      FROM pages p
      JOIN ledger_entry e ON e.organization_id = %(of)s AND e.reference = 'obligation:' || p.id
      JOIN ledger_account a
        ON a.organization_id = %(of)s AND a.owner IN ('campaign:' || %(campaign)s, 'worker:' || p.worker);
DROP TABLE pages;
ANALYZE
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=2)
    asked = parser.parse_args()

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        measure(fill(asked.rows), asked.runs)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def fill(rows: int) -> Organization:
    """Return an organization that owes so many pages of October, booked as they are owed."""
    of = Organization.objects.create(name="Harvest", slug="harvest")
    dataset = Dataset.objects.create(organization=of, name="Rows")
    campaign = Campaign.objects.create(
        organization=of, dataset=dataset, name="Ripe or not", kind="single_choice", currency="EUR", price=10,
        settings={"question": "Is it ripe?", "options": ["yes", "no"]},
    )  # fmt: skip
    Worker.objects.bulk_create(
        Worker(organization=of, external_id=f"w-{n:04}", name=f"Worker {n}") for n in range(WORKERS)
    )
    given = {"of": of.pk, "campaign": str(campaign.pk), "rows": rows, "workers": WORKERS}
    more, values = _others()
    with transaction.atomic(), connection.cursor() as cursor:  # each entry is checked at the end, with its legs
        for statement in FILL.replace("{more}", more).replace("{values}", values).split(";\n"):
            cursor.execute(statement, given)
    return of


def _others() -> tuple[str, str]:
    """Return the columns of a page that can't be empty and are not named above, with false or 0 for each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'work_assignment' "
            "AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER' ORDER BY 1"
        )
        others = [(name, kind) for name, kind in cursor.fetchall() if name not in FILL]
    empty = {"boolean": "false", "character varying": "''", "text": "''"}
    return "".join(f", {name}" for name, _ in others), "".join(f", {empty.get(kind, '0')}" for _, kind in others)


def measure(of: Organization, runs: int) -> None:
    booked = ledger.balance(of, kind="payable", currency="EUR", **OCTOBER)
    print(f"{'format':<10}{'rows':>8}{'by CPU s':>10}{'CPU s':>7}{'MB':>7}{'peak +MB':>10}  same bytes  sha256  total")
    for format_ in payments.format_names():
        before, worked, digests = memory(), [], set()
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(runs):
                busy, path = processor_seconds(), Path(folder) / f"payments.{format_}"
                made = payments.write_payments(of, **OCTOBER, format=format_, path=path)
                worked.append(processor_seconds() - busy)
                with path.open("rb") as file:
                    digests.add(hashlib.file_digest(file, "sha256").hexdigest())
        cost = statistics.median(worked)
        equal = money.to_minor(made.totals["EUR"], "EUR") == booked
        print(
            f"{format_:<10}{made.rows:>8,}{made.rows / cost:>10,.0f}{cost:>7.2f}{made.bytes / 1e6:>7.1f}"
            f"{memory() - before:>10.0f}  {'yes' if len(digests) == 1 else 'NO':<10}  "
            f"{'yes' if digests == {made.sha256} else 'NO':<6}  {'the books' if equal else 'NOT THE BOOKS'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
