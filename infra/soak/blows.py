"""What is done to labelcrowd while the crowd works."""

import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from dramatiq.errors import Retry

from apps.campaigns.models import Campaign
from apps.pipeline.actors import MOTOR
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding
from apps.work.models import Assignment
from infra.house.postgres import Postgres
from infra.house.servers import House, postgres_pids
from labelcrowd import broker, embedded_postgres

DELIVERIES = 3
MOST_DELIVERED = 60


class Blows:
    """Each method is one kind of blow; what was killed is started again."""

    def __init__(self, home: House, postgres: Postgres | None, dice: random.Random) -> None:
        self.home, self.postgres, self.dice = home, postgres, dice

    def table(self) -> Mapping[str, Callable[[], None]]:
        return {
            "kill -9 of web": lambda: self._kill("web"),
            "kill -9 of one web process": self.one_web_process,
            "kill -9 of worker": lambda: self._kill("worker"),
            "kill -9 of PostgreSQL": self.kill_postgres,
            "PostgreSQL restarted": self.restart_postgres,
            "queue emptied": self.empty_queue,
            "every message three times at once": self.deliver_thrice,
        }

    def one_web_process(self) -> None:
        """Kill one of gunicorn's processes; gunicorn starts another."""
        name = self._one_of("web")
        children = sorted(self.home.pids(name) - {self.home.running[name].pid})
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.dice.choice(children), signal.SIGKILL)

    def kill_postgres(self) -> None:
        """Kill the postmaster; the guardian brings the embedded one back, and we another."""
        if self.postgres:
            self.postgres.kill()
            self.postgres.start()
        else:
            guarded = sorted(postgres_pids())
            os.kill(_postmaster(guarded), signal.SIGKILL)
        connection.close()

    def restart_postgres(self) -> None:
        """Stop it as an operator does; whoever needs the embedded one starts it."""
        connection.close()
        if self.postgres:
            self.postgres.stop()
            self.postgres.start()
        else:
            embedded_postgres.stop(settings.EMBEDDED_ROOT)

    def empty_queue(self) -> None:
        """Lose every message."""
        if settings.BROKER_URL == "postgres":
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM dramatiq.queue")
        else:
            broker.broker().flush_all()

    def deliver_thrice(self) -> None:
        """Deliver every message three times at once, as a broker may: of the newest pages, and all that is due."""
        pages = Assignment.objects.filter(submitted_at__isnull=False).order_by("-submitted_at")
        following = [Next("settle", pk) for pk in pages.values_list("pk", flat=True)[:MOST_DELIVERED]]
        campaigns = (
            Campaign.objects.exclude(state=Campaign.State.DRAFT).order_by("-pk").values_list("pk", flat=True)[:3]
        )
        for step in ("split", "combine", "deepen", "finish"):
            following += [Next(step, pk) for pk in campaigns]
        following += islice(outstanding(), MOST_DELIVERED)
        together = threading.Barrier(DELIVERIES)

        def deliver_all(_: int) -> None:
            try:
                for each in following:
                    together.wait(60)
                    with contextlib.suppress(Retry):
                        MOTOR.deliver(each)
            except (DatabaseError, InterfaceError):
                together.abort()
            except threading.BrokenBarrierError:
                pass
            finally:
                connection.close()

        with ThreadPoolExecutor(DELIVERIES) as threads:
            list(threads.map(deliver_all, range(DELIVERIES)))

    def _kill(self, kind: str) -> None:
        name = self._one_of(kind)
        self.home.kill(name)
        self.home.start(name)

    def _one_of(self, kind: str) -> str:
        return self.dice.choice([name for name in self.home.running if name.partition("-")[0] == kind])


def _postmaster(pids: list[int]) -> int:
    """Return the server of the embedded PostgreSQL, not its guardian."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with open(f"/proc/{backend}/stat") as stat:
        parent = int(stat.read().rpartition(")")[2].split()[1])
    if parent not in pids:
        raise RuntimeError(f"{parent} is the parent of backend {backend}, and not of this house")
    return parent
