"""An upgrade under load: another version serves a crowd, its database is migrated to this one, then it is restarted.

Nothing acknowledged may be lost, nothing answered with a fault of ours: migrations add before they take away.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from uuid import UUID

from django.core.management import call_command
from django.db import connection

from apps.campaigns.models import Campaign
from apps.ledger.models import Budget
from apps.pipeline import flow
from apps.pipeline.models import Delivery
from apps.work.models import Assignment
from infra.house.ground import ROOT
from infra.house.servers import House, house
from infra.soak import promises
from infra.soak.crowd import Notes, Unruly
from infra.speed.doors import Api

PEACE_SECONDS = 240
TASKS = 5000  # more than are done in some minutes: what is left is stopped at the end
# Run by the other version, in its own words: an organization, a campaign, and a token for each worker.
FILL = """
import json, sys, django
django.setup()
from apps.simulation import crowd
from infra.speed import fill
from infra.speed.doors import Api
owner = fill.organization()
how = dict(gold=20, lease_seconds=30, page_size=2, approve_after_seconds=5)
campaign = fill.campaign(owner, "upgrade", tasks={tasks}, **how)
members = [crowd.member(campaign, name=f"unruly-{{n:02}}", answerer=None) for n in range({workers})]
print(json.dumps([str(campaign.pk), [Api.token(member) for member in members]]))
"""


def newest_before() -> str:
    """Return the commit before the newest one that changed tables."""
    asked = ["git", "log", "-1", "--format=%H", "--diff-filter=A", "--", "apps/*/migrations/*.py"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() + "^"


def run(asked: argparse.Namespace) -> int:
    """Upgrade from `asked.upgrade_from` while a crowd works; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="labelcrowd-before-") as folder, house(migrated=False) as home:
        before = Path(folder)
        files = subprocess.run(["git", "archive", asked.upgrade_from], cwd=ROOT, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", before], input=files.stdout, check=True)
        by = {**os.environ, "PYTHONPATH": str(before)}
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=before, env=by, check=True)
        home.root = before
        for name in ("web", "worker", "scheduler"):
            home.start(name)
        home.wait_until_ready()
        filled = subprocess.run(
            [sys.executable, "-c", FILL.format(tasks=TASKS, workers=asked.workers)],
            cwd=before, env=by, capture_output=True, text=True, check=True,
        )  # fmt: skip
        campaign, tokens = json.loads(filled.stdout.splitlines()[-1])
        return Upgrade(home, UUID(campaign), tokens).go(asked.minutes * 60)


class Upgrade:
    """A crowd at work while the version changes under it."""

    def __init__(self, home: House, campaign: UUID, tokens: list[str]) -> None:
        self.home, self.campaign, self.notes, self.stop = home, campaign, Notes(), threading.Event()
        self.phases: dict[str, int] = {}
        self.peace = 0.0
        self.crew = [
            Unruly(lambda token=token: Api(home.addresses[0], token), lambda: [campaign], self.notes, random.Random(n))
            for n, token in enumerate(tokens)
        ]

    def go(self, seconds: float) -> int:
        """Work a third of the time on the old version, a third after migrating, and a third on the new."""
        threads = [threading.Thread(target=each.work, args=(self.stop,), daemon=True) for each in self.crew]
        for thread in threads:
            thread.start()
        self._phase("the old version", seconds / 3)
        before = self._handed_in
        call_command("migrate", verbosity=0)
        connection.close()
        self.phases["the old version while its tables change"] = self._handed_in - before
        self._phase("the old version with new tables", seconds / 3)
        self.home.root = ROOT
        call_command("collectstatic", verbosity=0, interactive=False)
        for name in ("web", "worker", "scheduler"):
            self.home.replace(name)
        self.home.wait_until_ready()
        self._phase("the new version", seconds / 3)
        self.stop.set()
        for thread in threads:
            thread.join()
        self._settle()
        return self._tell()

    @property
    def _handed_in(self) -> int:
        return self.notes.happened["handed in"]

    def _phase(self, name: str, seconds: float) -> None:
        before = self._handed_in
        time.sleep(seconds)
        self.phases[name] = self._handed_in - before

    def _settle(self) -> None:
        """Stop the campaign, and wait until all that follows is done, at most so long."""
        flow.stop(Campaign.objects.get(pk=self.campaign))
        began = time.monotonic()
        while time.monotonic() < began + PEACE_SECONDS and (self._in_hand() or promises.broken({})):
            connection.close()
            time.sleep(2)
        self.peace = time.monotonic() - began

    def _in_hand(self) -> bool:
        return Assignment.objects.filter(state__in=["leased", "submitted"]).exists()

    def _tell(self) -> int:
        connection.close()
        broken = [*dict.fromkeys(self.notes.wrong), *promises.broken(self.notes.acknowledged)]
        if faults := self.notes.happened["faults"]:
            broken.append(f"{faults} requests were answered with a fault of ours")
        broken += [
            f"nothing was handed in to {name}"
            for name, count in self.phases.items()
            if not count and "while" not in name
        ]
        print("handed in:", ", ".join(f"{count} to {name}" for name, count in self.phases.items()))
        print("happened:", ", ".join(f"{count} {what}" for what, count in self.notes.happened.most_common()))
        print(f"all that was begun was finished in {self.peace:.0f} s, or not in {PEACE_SECONDS}")
        for sentence in broken:
            print(f"BROKEN: {sentence}")
        if broken:
            print("\n".join(f"{each}: {each.reason}" for each in Delivery.objects.all()))
            print(*_messages(), sep="\n")
            print(*Campaign.objects.values_list("name", "state", "ended_at"), *Budget.objects.values(), sep="\n")
            print("\n".join(f"--- {name}\n{self.home.log(name)}" for name in self.home.running))
        print("a promise was broken" if broken else "every promise was kept")
        return 1 if broken else 0


def _messages() -> list[tuple[str, str, int]]:
    """Return how many messages of each step the queue holds, by their state."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message->>'actor_name', state::text, count(*) FROM dramatiq.queue GROUP BY 1, 2 ORDER BY 3 DESC"
        )
        return cursor.fetchall()
