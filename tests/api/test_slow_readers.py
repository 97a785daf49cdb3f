"""Who takes an answer slowly keeps no thread for ever; who takes it at a phone's pace, or pauses, gets all of it."""

import socket
import sys
import time
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from served import served

from apps.datasets.models import Media
from apps.files import addresses
from tests.factories import DatasetFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much of an answer has arrived"),
]
MIB = 2**20
SECONDS = 3


@pytest.fixture
def film():
    """Return the address of a film far longer than the kernel keeps for a line."""
    content = bytes(range(256)) * 4096 * 16
    media = Media.objects.create(
        content_type="video/mp4", size=len(content), dataset=DatasetFactory(), name="clip.mp4", sha256="ab" * 32
    )
    name = default_storage.save(media.storage_name, ContentFile(content))
    yield addresses.of([media.pk])[media.pk], content
    default_storage.delete(name)


@contextmanager
def asked(url, path, *more):
    """Ask for something, and have little room for what comes."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        line.settimeout(60)
        line.connect(("127.0.0.1", httpx.URL(url).port))
        line.sendall("\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *more, "", ""]).encode())
        yield line


def taken(line, *, pause, every=MIB):
    """Read to the end, with a pause after so many bytes; return what came."""
    found, at = b"", every
    with suppress(ConnectionError):
        while piece := line.recv(65536):
            found += piece
            if len(found) > at:
                at += every
                time.sleep(pause)
    return found.partition(b"\r\n\r\n")[2]


def test_who_takes_nothing_of_an_answer_is_left_and_keeps_no_thread(film):
    path, content = film
    with served({"LABELCROWD_ANSWER_SECONDS": str(SECONDS)}, threads=1) as (url,), asked(url, path) as line:
        line.recv(10)

        assert httpx.get(f"{url}/healthz", timeout=10 * SECONDS).status_code == 200  # else for ever
        assert len(taken(line, pause=0)) < len(content)


def test_who_pauses_while_reading_gets_all_of_it_and_the_part_that_a_player_asks_for(film):
    path, content = film
    limits = {"LABELCROWD_ANSWER_SECONDS": str(SECONDS)}
    with served(limits, threads=1) as (url,), asked(url, path, "Range: bytes=1000000-", "Connection: close") as line:
        found = taken(line, pause=SECONDS / 2, every=4 * MIB)

    assert found == content[1_000_000:]


def test_while_others_wait_for_a_thread_two_are_waited_for_who_take_nothing(film, capfd):
    path, _ = film
    limits = {"LABELCROWD_ANSWER_SECONDS": "300"}
    with served(limits, threads=4) as (url,), ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(asked(url, path)).recv(10)

        assert httpx.get(f"{url}/healthz", timeout=40).status_code == 200  # else after 300 s
    logged = capfd.readouterr().err

    assert logged.count("answers were cut off whose readers took them slowly") == 1
    assert "slow requests" not in logged


def test_slow_senders_and_slow_readers_together_are_no_more_than_each_alone_may_be(film):
    path, _ = film
    limits = {"LABELCROWD_ANSWER_SECONDS": "300", "LABELCROWD_BODY_SECONDS": "300"}
    with served(limits, threads=4) as (url,), ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(asked(url, path)).recv(10)
        senders = [stack.enter_context(half_a_head(url)) for _ in range(2)]

        assert httpx.get(f"{url}/healthz", timeout=40).status_code == 200  # else after 300 s
        for line in senders:
            line.sendall(b"Is: slow\r\n\r\n")
            assert line.recv(1000).split()[1] == b"200"


def half_a_head(url):
    line = socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60)
    line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
    return line
