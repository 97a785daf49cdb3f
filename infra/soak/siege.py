"""One soak: a crowd at work, blows at random, peace, and the questions."""

import argparse
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from apps.campaigns.models import Campaign
from apps.members.models import Organization
from apps.monitor import health
from apps.pipeline import schedule
from apps.simulation import crowd as simulated
from apps.work.models import Assignment
from infra.house.ground import Outside
from infra.house.servers import House, house
from infra.soak import promises, restoring
from infra.soak.blows import Blows
from infra.soak.crowd import RECOVERY_SECONDS, Notes, Unruly
from infra.speed import fill
from infra.speed.doors import Api
from labelcrowd.supervisor import answers

TASKS = 120
LEASE_SECONDS = 30  # the shortest there is
OPEN_AT_ONCE = 2
PEACE_SECONDS = 240
SETTLING_SECONDS = 10.0  # once web and database answer; from then on a fault is none of the blows'
READY_SECONDS = 120.0  # after a blow, on a busy machine
QUIET_SECONDS = 5.0  # once in the middle: nothing is struck, and no fault is forgiven


def run(asked: argparse.Namespace, outside: Outside) -> int:
    """Run a soak; print what happened; return the exit status."""
    dice = random.Random(asked.seed)
    number = 2 if asked.two else 1
    with house(webs=number) as home:
        names = ["web", "worker", "scheduler"] + (["web-1", "worker-1"] if asked.two else [])
        for name in names:
            home.start(name)
        home.wait_until_ready()
        siege = Siege(home, Blows(home, outside.postgres, dice), dice, asked.workers)
        siege.go_on_for(asked.minutes * 60, pause=asked.pause)
        siege.make_peace()
        return siege.tell()


class Siege:
    """What goes on."""

    def __init__(self, home: House, blows: Blows, dice: random.Random, workers: int) -> None:
        self.home, self.blows, self.dice = home, blows, dice
        self.notes, self.struck, self.stop = Notes(), Counter[str](), threading.Event()
        self.owner: Organization = fill.organization()
        self.open: list[UUID] = []
        self.campaigns, self.is_done = 0, False
        self._open_another()
        members = [simulated.member(self.campaign, name=f"unruly-{n:02}", answerer=None) for n in range(workers)]
        tokens = [Api.token(member) for member in members]
        self.crew = [self._unruly(token, n) for n, token in enumerate(tokens)]
        connection.close()

    def go_on_for(self, seconds: float, *, pause: float) -> None:
        """Let the crowd work and strike at random, each kind of blow once at least.

        A fault is forgiven from a blow until all web servers were ready again, and a little longer. Blows may follow
        each other so fast that it always is: so there is a quiet stretch once half of the kinds were tried.
        """
        self.threads = [threading.Thread(target=each.work, args=(self.stop,), daemon=True) for each in self.crew]
        for thread in self.threads:
            thread.start()
        end = time.monotonic() + seconds
        table = self.blows.table()
        due = list(table)
        self.dice.shuffle(due)
        quiet_at = len(due) // 2
        while time.monotonic() < end or due:
            time.sleep(self.dice.uniform(0.3, 1.7) * pause)
            self._tried(self._keep_open)
            self.struck.update(f"{name} that ended by itself" for name in self.home.mend())
            name = due[-1] if due else self.dice.choice(list(table))
            self.notes.strike(seconds=float("inf"))
            struck = self._tried(table[name])
            self._recover()
            if struck:
                self.struck[name] += 1
                due = due[:-1]
            if len(due) == quiet_at:
                time.sleep(RECOVERY_SECONDS + QUIET_SECONDS)
                quiet_at = -1

    def _recover(self) -> None:
        """Start again what ended, and wait until every web server finds all that it needs."""
        time.sleep(1.1 * health.SECONDS)  # so long a web server may say what it found before the blow
        ready = [answers(f"{address}/readyz") for address in self.home.addresses]
        end = time.monotonic() + READY_SECONDS
        while not all(ask() for ask in ready):
            self.struck.update(f"{name} that ended by itself" for name in self.home.mend())
            if time.monotonic() > end:
                self.notes.complain(f"{READY_SECONDS:.0f} s after a blow it was not ready")
                break
            time.sleep(0.2)
        self.notes.strike()

    def make_peace(self) -> None:
        """No more blows: what is begun is finished, by people and by the belt."""
        self.home.mend()
        self.home.wait_until_ready()
        end = time.monotonic() + PEACE_SECONDS
        while time.monotonic() < end and not self._tried(connection.ensure_connection):
            time.sleep(0.5)
        self.notes.strike(seconds=SETTLING_SECONDS)
        while time.monotonic() < end and not (self._tried(self._finish) and self.is_done):
            time.sleep(1)
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def tell(self) -> int:
        """Say what happened and what does not hold."""
        connection.close()
        broken = [*dict.fromkeys(self.notes.wrong), *promises.broken(self.notes.acknowledged), *self._restored()]
        print("happened:", ", ".join(f"{count} {what}" for what, count in self.notes.happened.most_common()))
        print("blows:", ", ".join(f"{count} x {what}" for what, count in self.struck.most_common()))
        print(f"{self.campaigns} campaigns; {len(self.notes.acknowledged)} acknowledged pages compared")
        for sentence in broken:
            print(f"BROKEN: {sentence}")
        if broken:
            print("\n".join(f"--- {path.stem}\n{self.home.log(path.stem)}" for path in self.home.folder.glob("*.log")))
        print("a promise was broken" if broken else "every promise was kept")
        return 1 if broken else 0

    def _restored(self) -> list[str]:
        """Back up and restore into an empty database, once nobody writes any more."""
        for name in list(self.home.running):
            self.home.kill(name)
        return [f"P18: {table} did not come back from the backup as it was" for table in restoring.lost()]

    def _unruly(self, token: str, number: int) -> Unruly:
        address = self.home.addresses[number % len(self.home.addresses)]
        return Unruly(lambda: Api(address, token), lambda: self.open, self.notes, random.Random(f"{number}"))

    def _open_another(self) -> None:
        self.campaigns += 1
        self.campaign: Campaign = fill.campaign(
            self.owner,
            f"soak-{self.campaigns}",
            tasks=TASKS,
            gold=20,
            lease_seconds=LEASE_SECONDS,
            page_size=2,
            approve_after_seconds=5,  # such answers are put before a person, and nobody decides
        )
        self.open = [*self.open, self.campaign.pk][-OPEN_AT_ONCE:]

    def _keep_open(self) -> None:
        if not Campaign.objects.filter(pk=self.campaign.pk, state="running").exists():
            self._open_another()

    def _finish(self) -> None:
        running = Campaign.objects.filter(state__in=["launching", "running"])
        self.open = list(running.values_list("pk", flat=True)) or self.open
        schedule.sweep()
        in_hand = Assignment.objects.filter(state__in=["leased", "submitted"])
        self.is_done = not running.exists() and not in_hand.exists() and not promises.broken({})

    def _tried(self, act: Callable[[], object]) -> bool:
        """Do something that needs the database, which may be away; return whether it was done."""
        try:
            close_old_connections()
            act()
        except (DatabaseError, InterfaceError, OSError):
            connection.close()
            return False
        return True
