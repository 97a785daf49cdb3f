"""Works on a database until its disk is full, and on when there is space again; says what happened, as JSON.

Run with the folder of a small file system: everything of a house lies in it, the embedded PostgreSQL's data too.
"""

import json
import os
import sys
import time
from pathlib import Path

import django

PATIENCE = 90
PAGES = 400  # more than fit


def main(disk: Path) -> None:
    os.environ |= {"LABELCROWD_VAR": str(disk), "DJANGO_SETTINGS_MODULE": "labelcrowd.settings"}
    django.setup()
    from django.conf import settings

    from apps.monitor import health
    from infra.house.servers import migrate
    from infra.soak import promises
    from infra.speed import fill
    from labelcrowd.embedded_postgres import remove

    try:
        migrate()
        campaign = fill.campaign(fill.organization(), "full", tasks=PAGES, gold=0, gold_share=0.0, early_gold=0)
        notes: dict = {}
        before = work(campaign, notes, pages=5)
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file:  # what a buffer still held would fail at its end
            fill_up(file)
        failure = work(campaign, notes, pages=PAGES)
        full = health.ailments()
        ballast.unlink()
        after = go_on(campaign, notes)
        health.forget()
        ready = health.ailments()
        broken = promises.broken(notes, at_rest=False)
        said = {"before": before, "failure": failure, "after": after, "broken": broken, "kept": len(notes),
                "full": full, "ready": ready}  # fmt: skip
        sys.stdout.write(f"{json.dumps(said)}\n")
    finally:
        remove(settings.EMBEDDED_ROOT)


def fill_up(file) -> None:
    try:
        while True:
            file.write(b"\0" * 65536)
    except OSError:
        return


def work(campaign, notes: dict, *, pages: int) -> str:
    """Lease and hand in so many pages, and note each that is acknowledged; return the failure, if any."""
    from django.db import DatabaseError, InterfaceError, connection

    from apps.work import services
    from tests.running import answered, worker_of

    try:
        worker = worker_of(campaign, external_id=f"w-{time.time_ns()}")
        for _ in range(pages):
            page = services.lease(campaign, worker=worker)
            answers = answered(page)
            services.submit(page.pk, worker=worker, answers=answers)
            notes[page.pk] = {token: given["answer"] for token, given in answers.items()}
    except (DatabaseError, InterfaceError) as error:
        connection.close()
        return f"{type(error).__name__}: {error}"
    return ""


def go_on(campaign, notes: dict) -> str:
    """Work again as soon as the database takes it; return the last failure if it never does."""
    end = time.monotonic() + PATIENCE
    failure = "not tried"
    while failure and time.monotonic() < end:
        time.sleep(0.5)
        failure = work(campaign, notes, pages=5)
    return failure


if __name__ == "__main__":
    main(Path(sys.argv[1]))
