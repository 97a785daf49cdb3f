"""Worker and client processes that are meant to be killed, forked from one that has Django ready (a start takes long).

Reads an order a line from stdin, as JSON: ["worker"] or ["client", seed, journal, campaign, worker, ...]; answers
with the process id. It all ends with stdin.

A client's workers are threads that lease pages and hand them in, each twice as if the first acknowledgement had been
lost on its way. What was acknowledged goes to the journal, on the disk, before anything else is done.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import django
from django.utils.module_loading import autodiscover_modules

LONGEST_THOUGHT = 0.8  # seconds: short, so that a kill often comes amid a transaction, and yet work is left


def work_on(campaign_id: str, worker_id: str, journal: Path, dice: random.Random) -> None:
    from apps.campaigns.models import Campaign
    from apps.pipeline import flow
    from apps.work import services as work
    from apps.work.errors import NoWork
    from apps.workforce.models import Worker
    from tests.running import tokens

    campaign = Campaign.objects.get(pk=UUID(campaign_id))
    worker = Worker.objects.get(pk=UUID(worker_id))
    while True:
        try:
            page = work.lease(campaign, worker=worker)
        except NoWork:
            return
        time.sleep(dice.uniform(0, LONGEST_THOUGHT))
        answers = {token: {"answer": dice.choice(["cat", "dog"])} for token in tokens(page)}
        flow.submit(page.pk, worker=worker, answers=answers)
        note(journal, {"page": str(page.pk), "answers": answers})
        flow.submit(page.pk, worker=worker, answers=answers)


def note(journal: Path, line: object) -> None:
    with journal.open("a") as file:
        file.write("\n" + json.dumps(line))  # ahead: after a line torn by a kill comes a whole one
        file.flush()
        os.fsync(file.fileno())


def client(seed: str, journal: str, campaign: str, *workers: str) -> None:
    threads = [
        threading.Thread(target=work_on, args=(campaign, worker, Path(journal), random.Random(f"{seed} {worker}")))
        for worker in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def worker() -> None:
    from labelcrowd.worker import work

    work(threads=2)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    django.setup()
    autodiscover_modules("actors")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever is killed is gone at once
    for line in iter(sys.stdin.readline, ""):
        role, *arguments = json.loads(line)
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            {"client": client, "worker": worker}[role](*arguments)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
