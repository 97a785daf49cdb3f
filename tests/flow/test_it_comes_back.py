"""P18: a backup of work under way, restored into an empty instance, is the same to the last row, promises and all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import conninfo, sql

from apps.console.database import address
from apps.payments import services as payments
from apps.payments.destinations import paypal
from apps.pipeline import flow
from apps.work import services as work
from infra.soak.restoring import checksums
from labelcrowd.embedded_postgres import archive
from labelcrowd.embedded_postgres.databases import create_missing
from tests import belt
from tests.factories import UserFactory
from tests.running import answered, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of an empty database beside the tests' own."""
    name = f"restored_{uuid4().hex[:8]}"
    create_missing(address(), name)
    yield conninfo.make_conninfo(address(), dbname=name)
    with psycopg.connect(conninfo.make_conninfo(address(), dbname="postgres"), autocommit=True) as session:
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_backup_of_work_under_way_comes_back_the_same_and_keeps_its_promises(tmp_path, empty):
    campaign = running(items=8, page_size=2, redundancy=2, price=10)
    for worker in [worker_of(campaign) for _ in range(2)]:
        page = work.lease(campaign, worker=worker)
        flow.submit(page.pk, worker=worker, answers=answered(page))
        work.lease(campaign, worker=worker)
    belt.run()

    archive.backup(address(), tmp_path / "all.dump")
    archive.restore(tmp_path / "all.dump", empty)

    connection.close()
    assert checksums(empty) == checksums(address())
    with (
        psycopg.connect(empty) as session,
        pytest.raises(psycopg.errors.RestrictViolation, match="append-only"),
    ):
        session.execute("UPDATE ledger_posting SET amount = 1")


def test_a_backup_under_another_vault_key_comes_back_and_says_which_file_is_missing(tmp_path, empty):
    worker = worker_of(running(items=1), user=UserFactory())
    payments.set_own_payout_method(worker.user, method=paypal(address="ada@example.org"))
    archive.backup(address(), tmp_path / "all.dump")
    there = (
        urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{conninfo.conninfo_to_dict(empty)['dbname']}").geturl()
    )
    elsewhere = {**os.environ, "DATABASE_URL": there, "LABELCROWD_VAULT_KEYS": f"another key, {uuid4().hex}"}

    restored = subprocess.run(
        [sys.executable, "manage.py", "restore", str(tmp_path / "all.dump")],
        cwd=settings.BASE_DIR, env=elsewhere, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip

    assert "restored from" in restored.stdout
    assert "can't be read (payments.PayoutMethod.sealed)" in restored.stderr
    assert "vault_key" in restored.stderr
