"""The client believes no server more than it has to: its files, their names, and how long it says to wait."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from labelcrowd_client import Client, Failed, Refused
from labelcrowd_client.client import name_of

WHOLE = b"task,label\n1,cat\n"
TOMORROW = datetime.now(UTC) + timedelta(days=1)
SHA256 = "0dc1ba6d0a4ef5a3ef7dc8c1d3f4ed2f"


@pytest.fixture
def says():
    """Return what makes a client of a server that answers this: pairs of a status and headers, the last for ever."""
    servers = []

    def serve(*answers):
        left = list(answers)

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self):
                status, headers = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(WHOLE))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(WHOLE)

            do_DELETE = do_GET

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        client = Client(f"http://127.0.0.1:{server.server_port}", "x")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        servers.append((server, thread, client))
        return client

    yield serve
    for server, thread, client in servers:
        client.__exit__()
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_file_that_is_not_the_one_that_was_made_is_not_kept(says, tmp_path):
    operation = {"id": 1, "result": {"sha256": SHA256}}

    with pytest.raises(Failed, match=SHA256):
        says((200, {})).fetch(operation, tmp_path / "labels.csv")

    assert list(tmp_path.iterdir()) == []


def test_a_file_whose_sum_nobody_told_is_kept(says, tmp_path):
    assert says((200, {})).fetch({"id": 1, "result": {}}, tmp_path / "labels.csv").read_bytes() == WHOLE


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "..", ".bashrc", "a\\b", "C:x", "a\n", ""])
def test_a_name_that_leads_elsewhere_is_none(name):
    with pytest.raises(Failed, match="say where it should be written"):
        name_of({"result": {"file": name}})


@pytest.mark.parametrize("wait", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-5", "nan", ""])
def test_however_a_server_says_when_to_come_again_one_does(says, wait):
    began = time.monotonic()

    with pytest.raises(Failed, match="not as labelcrowd does"):
        says((503, {"Retry-After": wait}), (200, {})).get("me")

    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "wait", ["86400", "9" * 400, format_datetime(TOMORROW, usegmt=True)], ids=["seconds", "for ever", "tomorrow"]
)
def test_who_is_to_wait_for_a_day_is_told_so_at_once(says, wait):
    began = time.monotonic()

    with pytest.raises(Refused) as refused:
        says((429, {"Retry-After": wait}), (200, {})).get("me")

    assert refused.value.status == 429
    assert time.monotonic() - began < 5


def test_what_is_not_there_when_it_is_removed_again_is_removed(says):
    assert says((504, {}), (404, {})).delete("datasets/x") == {}
    with pytest.raises(Refused):
        says((404, {})).delete("datasets/x")
