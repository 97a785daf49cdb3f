"""Workers at it: each leases a page and hands it in, and the next, without a pause."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from infra.speed.doors import Door, Refused

CONFLICT = 409


@dataclass
class Done:
    """What a load did: cycles, and the seconds that each lease and each submit took."""

    leases: list[float] = field(default_factory=list)
    submits: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def cycles(self) -> int:
        return len(self.submits)


def run(doors: Sequence[Door], campaign: UUID, *, cycles: int) -> Done:
    """Do so many cycles in all, or until no worker gets a page any more."""
    done, lock, left = Done(), threading.Lock(), [cycles]
    failures: list[BaseException] = []

    def work(door: Door) -> None:
        try:
            while True:
                with lock:
                    if left[0] <= 0 or failures:
                        return
                    left[0] -= 1
                began = time.perf_counter()
                page = door.lease(campaign)
                leased = time.perf_counter()
                door.submit(page, "cat")
                submitted = time.perf_counter()
                with lock:
                    done.leases.append(leased - began)
                    done.submits.append(submitted - leased)
        except Refused as refused:
            if refused.status != CONFLICT:  # which says that there is no page
                failures.append(refused)
        except BaseException as error:
            failures.append(error)
            raise

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(door,)) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return done
