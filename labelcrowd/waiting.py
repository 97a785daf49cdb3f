"""How long a thread waits for what is at the other end of a line: a web process has few of them."""

import logging
import socket
import threading
import time
from collections import deque

from django.conf import settings

from labelcrowd.addresses import subscriber
from labelcrowd.faults import BadBody, TooManySlow, TooSlow

log = logging.getLogger(__name__)

PIECE = 2**15  # bytes; the patience below is with each
TICK = 0.25  # seconds
FAIR = 2**12  # bytes a second: a line that brings so many is held against nobody
FORGET_HALF_IN_SECONDS = 60.0
MOST_DEBTORS = 10_000
TOLD_EVERY_SECONDS = 60.0


class Awaited:
    """What a thread waits for on a line."""

    address: str  # who is at the other end
    began: float  # when the request did
    gives_way = False  # whether it is ended only while others wait for a thread, however many wait so long

    @property
    def patience(self) -> float:
        """From how many seconds on a piece is slow."""
        return float(settings.BODY_PATIENCE)

    @property
    def seconds(self) -> float:
        """How many seconds a piece may take."""
        return float(settings.BODY_SECONDS)

    def moved(self) -> int:
        """Return how many bytes have moved since this was asked last, once that is a piece; else 0."""
        return 0

    def end(self, fault: BadBody) -> None:
        """Have what waits return; from another thread."""
        raise NotImplementedError


class Debts:
    """How many seconds addresses have lately kept threads waiting for, beyond what their bytes need on a poor line.

    Half of it is forgotten each minute.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, tuple[float, float]] = {}  # address -> how many, and when that was so

    def of(self, address: str, *, now: float) -> float:
        """Return what an address owes by now."""
        seconds, at = self._seconds.get(address, (0.0, now))
        return float(seconds * 0.5 ** ((now - at) / FORGET_HALF_IN_SECONDS))

    def add(self, address: str, *, waited: float, came: int, now: float) -> None:
        """Hold it against an address that a thread waited so long for so many bytes."""
        if len(self._seconds) >= MOST_DEBTORS:
            self._seconds = {each: owed for each, owed in self._seconds.items() if self.of(each, now=now) >= 1}
        self._seconds[address] = (self.of(address, now=now) + max(waited - came / FAIR, 0.0), now)


class Watch:
    """Ends the waiting for what does not come.

    A piece of a body may take LABELCROWD_BODY_SECONDS. Of those that take longer than LABELCROWD_BODY_PATIENCE at most
    LABELCROWD_MOST_SLOW_BODIES are waited for: first those whose addresses kept threads waiting least, with their other
    lines too, so that who comes back again and again, and brings nothing, keeps nobody else out; and of those alike
    those that came first. A piece of an answer may take LABELCROWD_ANSWER_SECONDS; while somebody waits for a thread,
    of those that are slow as many are waited for as slow bodies leave of that most. What is owed for answers counts
    among answers alone: a film that was paused refuses nobody's form. It sleeps while nothing is read or sent.
    """

    def __init__(self) -> None:
        self._since: dict[Awaited, float] = {}
        self._debts = {False: Debts(), True: Debts()}  # by whether what is waited for gives way
        self._reads = threading.Event()
        self._starts = threading.Lock()
        self._turns = threading.Lock()  # whether a piece came or its reading is ended
        self._thread: threading.Thread | None = None
        self.in_line = deque[float]()  # since when each waits for a thread

    def begin(self, awaited: Awaited) -> None:
        """Watch something from now on."""
        self._since[awaited] = time.monotonic()
        if not self._reads.is_set():
            self._begin()

    def over(self, awaited: Awaited, *, came: int = 0) -> None:
        """Watch it no more, for so many bytes came: it is not ended once this returns."""
        with self._turns:
            now = time.monotonic()
            self._hold(awaited, waited=now - self._since.pop(awaited, now), came=came, now=now)

    def _hold(self, awaited: Awaited, *, waited: float, came: int, now: float) -> None:
        if waited > awaited.patience:
            debts = self._debts[awaited.gives_way]
            debts.add(subscriber(awaited.address), waited=waited, came=came, now=now)

    def _begin(self) -> None:
        with self._starts:  # the first time in each process: a thread is not there after a fork
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="watch of bodies", daemon=True)
                self._thread.start()
        self._reads.set()

    def _look(self) -> None:
        while self._reads.wait():
            time.sleep(TICK)
            try:
                self._end_the_slow(time.monotonic())
            except Exception:  # nobody else in this process ends what is slow
                log.exception("slow bodies could not be looked at")
            if not self._since:
                self._reads.clear()
                if self._since:  # began between the two
                    self._reads.set()

    def _end_the_slow(self, now: float) -> None:
        self._see_what_moved(now)
        bodies, answers = self._slow(now, gives_way=False), self._slow(now, gives_way=True)
        self._end_of(bodies, now, most=settings.MOST_SLOW_BODIES)
        waits = any(now - since > settings.BODY_PATIENCE for since in list(self.in_line)[:1])
        left = max(settings.MOST_SLOW_BODIES - len(bodies), 0)  # both together, else they take all threads there are
        self._end_of(answers, now, most=left if waits else len(answers))

    def _see_what_moved(self, now: float) -> None:
        for awaited, since in self._since.copy().items():
            if came := awaited.moved():
                with self._turns:
                    if self._since.get(awaited) == since:
                        self._hold(awaited, waited=now - since, came=came, now=now)
                        self._since[awaited] = now

    def _end_of(self, slow: list[tuple[float, Awaited]], now: float, *, most: int) -> None:
        for place, (since, awaited) in enumerate(slow):
            if now - since > awaited.seconds:
                fault: BadBody = TooSlow(f"it came in too slowly: a piece of it took {awaited.seconds:g} s")
            elif place >= most:
                fault = TooManySlow("it comes in slowly, and so do others: send it again, in one go")
            else:
                continue
            with self._turns:
                if self._since.get(awaited) == since:  # else it came in the meantime
                    awaited.end(fault)

    def _slow(self, now: float, *, gives_way: bool) -> list[tuple[float, Awaited]]:
        """Return what is slow and since when it is waited for, what is to be waited for longest first."""
        slow = [
            (since, each)
            for each, since in self._since.copy().items()
            if each.gives_way == gives_way and now - since > each.patience
        ]
        places, others = {}, dict[str, float]()  # others: what older lines of an address keep waiting just now
        for since, awaited in sorted(slow, key=lambda each: each[0]):
            address = subscriber(awaited.address)
            with self._turns:
                owed = self._debts[gives_way].of(address, now=now)
            places[awaited] = (round(owed + others.get(address, 0.0)), awaited.began)
            others[address] = others.get(address, 0.0) + now - since
        return sorted(slow, key=lambda each: places[each[1]])


watch = Watch()


class Told:
    """Tells the log that slow lines were ended: once in a while and how many, for there may be very many."""

    def __init__(self, what: str, *, remedy: str) -> None:
        self._what = what
        self._remedy = remedy
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._count = 0

    def count(self, where: str = "") -> None:
        """Note one more, at this route where there is one."""
        with self._lock:
            self._count += 1
            now = time.monotonic()
            if now - self._at < TOLD_EVERY_SECONDS:
                return
            count, self._at, self._count = self._count, now, 0
        newest = f", the newest at {where}" if where else ""
        log.warning("%s: %d since this was last said%s; %s", self._what, count, newest, self._remedy)


told = Told(
    "slow requests were sent away, for others were waited for already", remedy="a proxy should wait for whole requests"
)
told_of_answers = Told(
    "answers were cut off whose readers took them slowly, for others waited for a thread",
    remedy="a proxy should take whole answers",
)


def hear_no_more(line: socket.socket) -> None:
    """Have a read that waits at a line return, and all that follow. Who sends can still be answered."""
    try:
        # Not a TLS socket's own: that forgets its keys first, and the answer would go out in the clear.
        socket.socket.shutdown(line, socket.SHUT_RD)
    except OSError:  # they are gone
        return
