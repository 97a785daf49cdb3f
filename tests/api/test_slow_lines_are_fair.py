"""Who keeps threads waiting for nothing, again and again, keeps out nobody who is slow and brings something."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import httpx
import pytest
from served import served

from labelcrowd.waiting import FAIR, Awaited, Debts, Watch

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS, PATIENCE = 3, 0.5
LIMITS = {"LABELCROWD_BODY_SECONDS": str(SECONDS), "LABELCROWD_BODY_PATIENCE": str(PATIENCE)}
FORM = b"login=somebody%40example.org&password=" + b"x" * 400
HEAD = (
    "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken=" + "c" * 32 + "\r\n"
    f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(FORM)}\r\n\r\n"
).encode()


@contextmanager
def renewing(url, hosts, *, drops):
    """Have each of these addresses hold a line with half a head, and begin anew whenever that is ended or drips out."""
    stop = threading.Event()

    def hold(host):
        while not stop.is_set():
            with suppress(OSError), connected(url, host) as line:
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
                line.settimeout(SECONDS - 0.3 if drops else 60)
                with suppress(TimeoutError):
                    line.recv(1000)
                    continue
                line.sendall(b"Is: slow\r\n\r\n")

    threads = [threading.Thread(target=hold, args=[host], daemon=True) for host in hosts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()


def connected(url, host="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60, source_address=(host, 0))


def sent_with_pauses(url):
    """Send a form in three parts, each later than patience lasts; return the status."""
    with connected(url) as line:
        line.sendall(HEAD)
        for part in (FORM[:100], FORM[100:200], FORM[200:]):
            time.sleep(PATIENCE + 0.35)
            with suppress(OSError):
                line.sendall(part)
        return int(line.recv(65536).split()[1])


@pytest.mark.parametrize("drops", [False, True], ids=["half heads", "heads that end at the last moment"])
def test_two_who_hold_heads_for_ever_keep_no_slow_body_out(drops):
    with served(LIMITS, threads=4) as (url,), renewing(url, ["127.0.0.2", "127.0.0.3"], drops=drops):
        time.sleep(2 * SECONDS)  # by then they kept threads waiting before
        said = [sent_with_pauses(url) for _ in range(3)]

    assert said == [403] * 3  # read to its end, and refused by what it says


def test_one_who_holds_many_lines_keeps_no_slow_body_out():
    with served(LIMITS, threads=4) as (url,), renewing(url, ["127.0.0.2"] * 2, drops=False):
        time.sleep(0.2)

        assert sent_with_pauses(url) == 403


def test_what_a_line_kept_waiting_is_held_against_it_less_what_it_brought():
    debts = Debts()

    debts.add("192.0.2.1", waited=20, came=0, now=100)
    debts.add("192.0.2.2", waited=20, came=20 * FAIR, now=100)

    assert debts.of("192.0.2.1", now=100) == 20
    assert debts.of("192.0.2.1", now=160) == 10
    assert debts.of("192.0.2.2", now=100) == debts.of("192.0.2.3", now=100) == 0


class Waiting(Awaited):
    """Something that brings nothing until it is ended."""

    patience, seconds = 0.2, 300.0

    def __init__(self, address, *, gives_way=False):
        self.address, self.gives_way, self.began = address, gives_way, time.monotonic()
        self.ended = threading.Event()

    def end(self, fault):
        self.ended.set()


@pytest.mark.parametrize("goes_on", [False, True], ids=["that was paused", "that is paused"])
def test_a_film_holds_nothing_against_the_form_of_the_same_phone(goes_on):
    watch = Watch()
    film = Waiting("192.0.2.1", gives_way=True)
    watch.begin(film)
    time.sleep(1.5)
    if not goes_on:
        watch.over(film)

    forms = [Waiting(f"192.0.2.{n}") for n in (1, 2, 3)]
    for form in forms:
        watch.begin(form)
    assert forms[2].ended.wait(20)  # two are waited for, and it was the last to come

    assert not forms[0].ended.is_set()
    for each in (film, *forms):
        watch.over(each)
