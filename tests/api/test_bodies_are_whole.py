"""P5: what was cut off on its way is nowhere taken for whole, and keeps no thread; what comes in chunks is read."""

import json
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from django.test import Client as Browser
from labelcrowd_client import Client
from machine import V1, bearer
from served import served

from apps.core import clock
from apps.datasets.models import Dataset, Import
from apps.ledger.models import Entry
from apps.members.models import KeptAnswer, Membership, Role, Scope
from apps.work import services as work
from apps.work.models import Judgment
from tests import belt
from tests.factories import DatasetFactory, OrganizationFactory, UserFactory
from tests.running import running, worker_of
from tests.workbench.at_work import filled

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = b"external_id,text\n" + b"".join(b"r%d,this is row number %d of many\n" % (n, n) for n in range(5000))
DEPOSIT = json.dumps({"amount": 700, "currency": "USD", "reference": "cut"}).encode()
SLOW = 16  # twice the threads there are
SECONDS, PATIENCE = 3, 0.5


@pytest.fixture(scope="module")
def url(django_db_setup, django_db_blocker):
    """Serve the tests' database as it is in production, with less patience."""
    limits = {"LABELCROWD_BODY_SECONDS": str(SECONDS), "LABELCROWD_BODY_PATIENCE": str(PATIENCE)}
    with django_db_blocker.unblock(), served(limits, threads=4) as (address,):
        yield address


@pytest.fixture
def member():
    """Return an organization and the header of a member of it who may do everything."""
    organization, user = OrganizationFactory(), UserFactory()
    Membership.objects.create(organization=organization, user=user, role=Role.ADMIN)
    return organization, token_of(bearer(organization, Scope.READ, Scope.WRITE, Scope.MONEY, user=user))


def token_of(client):
    return client.defaults["HTTP_AUTHORIZATION"]


def head(path, token, *more):
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {token}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def sent(url, data, *, ends=True):
    """Send these bytes, and no more; return the status and what was said."""
    with socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60) as line:
        line.sendall(data)
        if ends:
            line.shutdown(socket.SHUT_WR)
        found = b""
        while piece := line.recv(65536):
            found += piece
    top, _, body = found.partition(b"\r\n\r\n")
    return int(top.split()[1]), body.decode()


def cut(url, path, token, whole, *, at, kind="application/json", key=""):
    """Send the beginning of a body whose length was said."""
    more = [f"Content-Type: {kind}", f"Content-Length: {len(whole)}", *([f"Idempotency-Key: {key}"] * bool(key))]
    return sent(url, head(path, token, *more) + whole[:at])


@pytest.mark.parametrize("at", [0, 10, 60_000])
def test_a_file_that_was_cut_off_is_refused_and_brings_nothing_in(url, member, at):
    organization, token = member
    path = f"{V1}/datasets/{DatasetFactory(organization=organization).pk}/items"

    status, said = cut(url, path, token, ROWS, at=at, kind="text/csv", key="9f1c")
    headers = {"Authorization": token, "Content-Type": "text/csv", "Idempotency-Key": "9f1c"}
    again = httpx.post(f"{url}{path}", content=ROWS, headers=headers)

    assert (status, again.status_code) == (400, 202)
    assert f"{at:,} bytes of {len(ROWS):,} came" in json.loads(said)["detail"]
    assert Path(Import.objects.get().path).read_bytes() == ROWS


def test_the_client_brings_everything_in_over_a_line_that_was_cut(url, member, tmp_path):
    _, token = member
    (tmp_path / "big.csv").write_bytes(ROWS)
    with cutting(url, after=60_000) as cut_once, Client(cut_once, token.removeprefix("Bearer ")) as client:
        client.add_items(client.dataset("Big")["id"], tmp_path / "big.csv")
    belt.run()

    (job,) = Import.objects.all()
    assert (job.state, job.rows_added, job.rows_bad) == ("done", 5000, 0)


def test_a_request_that_was_cut_off_is_no_answer_under_its_key(url, member):
    _, token = member
    headers = {"Authorization": token, "Content-Type": "application/json", "Idempotency-Key": "9f1c"}

    status, _ = cut(url, f"{V1}/deposits", token, DEPOSIT, at=10, key="9f1c")
    kept = KeptAnswer.objects.count()
    again = httpx.post(f"{url}{V1}/deposits", content=DEPOSIT, headers=headers)

    assert (status, kept, again.status_code) == (400, 0, 201)


def test_json_that_is_whole_by_chance_where_it_was_cut_off_is_refused(url, member):
    _, token = member

    status, _ = cut(url, f"{V1}/deposits", token, DEPOSIT + b" " * 50, at=len(DEPOSIT))

    assert status == 400
    assert not Entry.objects.exists()


@pytest.mark.parametrize(("missing", "status"), [(0, 302), (9, 400)])
def test_a_page_that_was_cut_off_is_not_handed_in_by_a_browser(url, missing, status):
    campaign = running(items=1, page_size=1)
    worker = worker_of(campaign, user=UserFactory())
    page = work.lease(campaign, worker=worker)
    browser, stamp = Browser(), "c" * 32
    browser.force_login(worker.user)
    form = urlencode({"csrfmiddlewaretoken": stamp, **filled(page, "cat"), "then": "stop"}, doseq=True).encode()
    more = [
        f"Cookie: sessionid={browser.cookies['sessionid'].value}; csrftoken={stamp}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(form) + missing}",
    ]

    said, _ = sent(url, head(f"/work/pages/{page.pk}/submit", "none", *more) + form)

    assert said == status
    assert Judgment.objects.exists() == (missing == 0)


def test_a_markets_program_is_told_that_its_request_was_cut_off(url):
    now = f"{clock.now():%Y%m%dT%H%M%SZ}"
    signed = (
        f"AWS4-HMAC-SHA256 Credential={'A' * 20}/{now[:8]}/us-east-1/mturk-requester/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}"
    )
    more = [f"X-Amz-Date: {now}", "X-Amz-Target: MTurkRequesterServiceV20170117.GetAccountBalance"]

    status, said = sent(url, head("/mturk/", signed, *more, "Content-Length: 90") + b"{}")

    assert (status, json.loads(said)["__type"]) == (400, "SerializationException")


def chunked(pieces, *, end=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def test_rows_that_come_in_chunks_are_all_brought_in(url, member):
    organization, token = member
    dataset = DatasetFactory(organization=organization)
    pieces = (ROWS[at : at + 9999] for at in range(0, len(ROWS), 9999))

    said = httpx.post(f"{url}{V1}/datasets/{dataset.pk}/items", content=pieces,
                      headers={"Authorization": token, "Content-Type": "text/csv"})  # fmt: skip
    belt.run()

    assert said.status_code == 202
    assert Import.objects.get().rows_added == 5000


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_json_that_comes_in_chunks_is_read(url, member, method):
    organization, token = member
    dataset = DatasetFactory(organization=organization)
    path = f"{V1}/datasets" + (f"/{dataset.pk}" if method == "PATCH" else "")

    said = httpx.request(method, f"{url}{path}", content=iter([b'{"name":', b'"In chunks"}']),
                         headers={"Authorization": token, "Content-Type": "application/json"})  # fmt: skip

    assert said.is_success, said.text
    assert Dataset.objects.filter(name="In chunks").exists()


@pytest.mark.parametrize("end", [b"", b"5\r\nab", b"x\r\n"])
def test_chunks_that_end_early_are_refused_and_kept_under_no_key(url, member, end):
    organization, token = member
    path = f"{V1}/datasets/{DatasetFactory(organization=organization).pk}/items"
    more = ["Content-Type: text/csv", "Transfer-Encoding: chunked", "Idempotency-Key: 9f1c"]

    status, _ = sent(url, head(path, token, *more) + chunked([ROWS[:100]], end=end))

    assert status == 400
    assert (Import.objects.count(), KeptAnswer.objects.count()) == (0, 0)


def test_chunks_have_the_same_limits(url, member):
    _, token = member
    pieces = (b"x" * 2**20 for _ in range(6))

    said = httpx.post(f"{url}{V1}/datasets", content=pieces,
                      headers={"Authorization": token, "Content-Type": "application/json"})  # fmt: skip

    assert said.status_code == 413


def test_a_form_in_parts_that_comes_in_chunks_is_asked_for_its_length(url):
    status, said = sent(url, head("/accounts/login/", "none", "Content-Type: multipart/form-data; boundary=x",
                                  "Transfer-Encoding: chunked") + chunked([b"--x--"]))  # fmt: skip

    assert status == 411
    assert "Content-Length" in said


def slowly(url, path, token, count):
    lines = [socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60) for _ in range(count)]
    for line in lines:
        line.sendall(head(path, token, "Content-Type: application/json", "Content-Length: 1000") + b"{")
    return lines


def statuses(lines):
    found = []
    for line in lines:
        with line:
            found.append(int(line.recv(65536).split()[1]))
    return sorted(found)


def test_who_sends_slowly_is_answered_and_keeps_nobody_else_waiting(url, member):
    _, token = member
    lines = slowly(url, f"{V1}/datasets", token, SLOW)
    waited = []

    for _ in range(3):
        began = time.monotonic()
        assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
        waited.append(time.monotonic() - began)
    said = statuses(lines)

    assert waited[0] < SLOW / 2 * (PATIENCE + 0.5)
    assert max(waited[1:]) < 1
    assert set(said) == {408, 503}
    assert said.count(503) >= SLOW - 4  # two were waited for, and two more once those were answered


def test_a_drop_now_and_then_is_not_enough(url, member):
    _, token = member
    (line,) = slowly(url, f"{V1}/datasets", token, 1)
    began = time.monotonic()
    stop = threading.Event()

    def drip():
        while not stop.wait(0.2):
            with suppress(OSError):
                line.send(b" ")

    dripping = threading.Thread(target=drip)
    dripping.start()
    (status,) = statuses([line])
    stop.set()
    dripping.join()

    assert status == 408
    assert time.monotonic() - began < SECONDS + 2


def test_a_stranger_who_sends_slowly_to_a_page_is_answered_too(url):
    lines = slowly(url, "/accounts/login/", "none", 1)

    assert statuses(lines)[0] in (403, 408)


def test_what_comes_on_a_line_after_a_body_that_was_given_up_is_no_request(url, member):
    """Else whoever shares the line through a proxy would get an answer to what somebody else called a body."""
    organization, token = member
    path = f"{V1}/datasets/{DatasetFactory(organization=organization).pk}/items"
    with socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60) as line:
        line.sendall(head(path, token, "Content-Type: text/csv", "Content-Length: 1000") + b"e")
        found = line.recv(65536)
        with suppress(OSError):
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            while piece := line.recv(65536):
                found += piece

    assert found.startswith(b"HTTP/1.1 408")
    assert found.count(b"HTTP/1.1 ") == 1


def test_those_who_are_sent_away_are_one_warning_together_and_no_faults(capfd, member):
    _, token = member
    limits = {"LABELCROWD_BODY_SECONDS": "2", "LABELCROWD_BODY_PATIENCE": "0.2"}
    with served(limits, threads=4) as (address,):
        said = statuses(slowly(address, f"{V1}/datasets", token, SLOW))
    logged = capfd.readouterr().err

    assert said.count(503) >= 2
    assert logged.count("slow requests were sent away") == 1
    assert "/api/v1/datasets" in logged
    assert "ERROR" not in logged


@pytest.mark.parametrize(
    ("more", "body"),
    [
        (["Content-Length: 5", "Transfer-Encoding: chunked"], b"0\r\n\r\n"),
        (["Content-Length: 2", "Content-Length: 3"], b"{} "),
        (["Content-Length: +2"], b"{}"),
        (["Content-Length: 2", "X-Long: a", " folded"], b"{}"),
        (["Transfer-Encoding: chunked, identity"], b"0\r\n\r\n"),
        (["Transfer-Encoding : chunked"], b"0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"+2\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"0x2\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"2;a=\rb\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"2\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"2\r\n{}\r\n0\r\nContent-Length: 9\n\r\n\r\n"),
    ],
)
def test_a_body_whose_end_two_could_see_elsewhere_is_refused_and_ends_the_line(url, member, more, body):
    _, token = member
    after = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    with socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60) as line:
        line.sendall(head(f"{V1}/datasets", token, "Content-Type: application/json", *more) + body + after)
        found = b""
        with suppress(OSError):
            while piece := line.recv(65536):
                found += piece

    assert found.count(b"HTTP/1.1 ") == 1
    assert int(found.split()[1]) in (400, 501)
    assert not Dataset.objects.exists()


def half_heads(url, count):
    lines = [socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60) for _ in range(count)]
    for line in lines:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
    return lines


def test_who_sends_a_head_slowly_is_answered_and_keeps_nobody_else_waiting(url):
    lines = half_heads(url, SLOW)
    waited = []

    for _ in range(3):
        began = time.monotonic()
        assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
        waited.append(time.monotonic() - began)
    said = statuses(lines)

    assert waited[0] < SLOW / 2 * (PATIENCE + 0.5)
    assert max(waited[1:]) < 1
    assert set(said) == {408, 503}


def test_a_line_that_says_nothing_takes_no_thread(url):
    lines = [socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60) for _ in range(SLOW)]
    began = time.monotonic()

    assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
    waited = time.monotonic() - began
    for line in lines:
        line.close()

    assert waited < 2


def test_what_nobody_reads_of_a_body_is_not_waited_for(url):
    """What has no such address is answered unread: gunicorn itself would wait five seconds for the rest of each."""
    lines = slowly(url, "/there/is/none", "none", SLOW)
    assert set(statuses(lines)) == {404}
    began = time.monotonic()

    assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200

    assert time.monotonic() - began < 2


def test_a_body_that_pauses_shortly_is_read(url, member):
    _, token = member
    with socket.create_connection(("127.0.0.1", httpx.URL(url).port), 60) as line:
        line.sendall(head(f"{V1}/deposits", token, f"Content-Length: {len(DEPOSIT)}", "Content-Type: application/json"))
        time.sleep(PATIENCE + 0.7)
        line.sendall(DEPOSIT)

        assert statuses([line]) == [201]


class cutting:
    """A line to the server whose first POST of a file is cut off after so many bytes, as by a proxy that dies."""

    def __init__(self, url, *, after):
        self.server, self.after, self.is_cut = httpx.URL(url).port, after, False

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.threads = [self._begin(self._accept)]
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(10)
        self.listener.close()
        assert self.is_cut

    def _begin(self, what, *given):
        thread = threading.Thread(target=what, args=given)
        thread.start()
        return thread

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(self._begin(self._join, near))

    def _join(self, near):
        with near, socket.create_connection(("127.0.0.1", self.server)) as far:
            back = self._begin(self._pump, far, near, 0)
            self._pump(near, far, self.after)
            back.join()

    def _pump(self, source, target, most):
        passed = 0
        with suppress(OSError):
            while data := source.recv(4096):
                passed += len(data)
                if most and passed > most and not self.is_cut:
                    self.is_cut = True
                    break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
