"""S1, P16: requests go out only to hosts that an operator named, and only to addresses that were checked."""

import socket
import time
from functools import partial

import pytest

from apps.core import outbound
from apps.core.outbound import Failed, NotAllowed
from tests.canary import canary

send = partial(outbound.send, whose=None)


@pytest.fixture
def server(settings):
    """Return a canary on loopback, which is allowed as this test's own network; its name is canary.test."""
    with canary() as server:
        settings.OUTBOUND_HOSTS = ["127.0.0.1", "*.test", "localhost"]
        settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
        settings.OUTBOUND_PORTS = [server.server_port]
        yield server


def at(server, path="/", host="127.0.0.1"):
    return f"http://{host}:{server.server_port}{path}"


def resolving(monkeypatch, *answers):
    """Have names lead where these answers say, one after the other, as a name server under attack does."""
    left = list(answers)

    def resolve(host, port, *_, **__):
        if host[0].isdigit():
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        numbers = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_off_until_an_operator_names_hosts(settings):
    settings.OUTBOUND_HOSTS = []

    with pytest.raises(NotAllowed, match="names no hosts"):
        send("GET", "https://example.org/")


def test_a_named_host_is_asked_by_its_name_at_the_address_that_was_checked(server, monkeypatch):
    resolving(monkeypatch, ["127.0.0.1"])

    answer = send("POST", at(server, "/hook", "canary.test"), body=b"{}", headers={"X-Id": "7"})

    assert (answer.status, answer.body) == (200, b"hello")
    assert server.seen == [("/hook", f"canary.test:{server.server_port}", b"{}")]
    assert server.headers_seen[0]["X-Id"] == "7"


def test_a_name_is_resolved_once_so_that_it_cannot_lead_elsewhere_after_the_check(server, monkeypatch):
    resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])

    answer = send("GET", at(server, "/", "rebinding.test"))

    assert answer.status == 200


@pytest.mark.parametrize(
    "number",
    ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1",
     "127.0.0.1", "::1", "::", "::ffff:10.0.0.1", "fd00:ec2::254", "fe80::1", "64:ff9b::a00:1", "2002:a00:1::",
     "255.255.255.255", "198.18.0.1", "192.0.2.1"],
)  # fmt: skip
def test_an_address_that_is_not_of_the_public_internet_is_refused_and_nothing_is_sent(number, settings, monkeypatch):
    settings.OUTBOUND_HOSTS = ["evil.test"]
    resolving(monkeypatch, [number])

    with pytest.raises(NotAllowed, match="not an address of the public internet"):
        send("GET", "http://evil.test/")


def test_a_name_with_one_good_and_one_bad_address_is_refused(settings, monkeypatch):
    settings.OUTBOUND_HOSTS = ["evil.test"]
    resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])

    with pytest.raises(NotAllowed):
        send("GET", "http://evil.test/")


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("file:///etc/passwd", "begins with 'file'"),
        ("gopher://canary.test/", "begins with 'gopher'"),
        ("http://user:pass@canary.test/", "user or a password"),
        ("http://canary.test:25/", "the port is 25"),
        ("http://elsewhere.org/", "not one that an operator named"),
        ("http://canary.test.evil.org/", "not one that an operator named"),
        ("http://eviltest/", "not one that an operator named"),
        ("http:///path", "names no host"),
        ("http://canary.test:x/", "not an address of the web"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_before_anything_is_resolved(url, because, settings, monkeypatch):
    settings.OUTBOUND_HOSTS = ["*.test"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was resolved"))

    with pytest.raises(NotAllowed, match=because):
        send("GET", url)


@pytest.mark.parametrize("number", ["0x7f000001", "2130706433", "127.1", "[::ffff:127.0.0.1]", "[::1]"])
def test_other_ways_to_write_our_own_machine_lead_nowhere(number, settings):
    settings.OUTBOUND_HOSTS = [number.strip("[]"), "127.0.0.1", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]

    with pytest.raises((NotAllowed, Failed)):
        send("GET", f"http://{number}/")


def test_a_redirect_is_followed_when_it_leads_where_one_may_go(server):
    answer = send("GET", at(server, f"/to/{at(server, '/there')}"))

    assert answer.body == b"hello"
    assert [path for path, _, _ in server.seen][-1] == "/there"


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/", "http://elsewhere.org/", "file:///etc/passwd"])
def test_a_redirect_to_where_one_may_not_go_is_refused(server, target):
    with pytest.raises(NotAllowed):
        send("GET", at(server, f"/to/{target}"))

    assert len(server.seen) == 1


def test_every_hop_is_checked_and_three_are_the_most(server):
    def chain(hops):
        path = at(server, "/end")
        for _ in range(hops):
            path = at(server, f"/to/{path}")
        return path

    assert send("GET", chain(3)).status == 200
    with pytest.raises(Failed, match="more than 3 times"):
        send("GET", chain(4))


def test_what_is_posted_is_told_to_nobody_else(server):
    answer = send("POST", at(server, f"/to/{at(server, '/there')}"), body=b"signed")

    assert answer.status == 302
    assert len(server.seen) == 1


def test_a_token_is_not_carried_to_another_host(server, monkeypatch):
    resolving(monkeypatch, ["127.0.0.1"])
    there = at(server, "/there", "other.test")

    send("GET", at(server, f"/to/{there}", "canary.test"), headers={"Authorization": "Bearer x"})

    assert "Authorization" in server.headers_seen[0]
    assert "Authorization" not in server.headers_seen[1]


def test_an_answer_is_read_to_a_limit_and_its_text_is_in_no_error(server):
    with pytest.raises(Failed) as error:
        send("GET", at(server, "/long"))

    assert "secret" not in str(error.value)
    assert "65,536 bytes" in str(error.value)


@pytest.mark.parametrize("part", ["drip", "drip-head"])
def test_s1_an_answer_that_drips_ends_in_time(server, part):
    began = time.monotonic()

    with pytest.raises(Failed, match="time"):
        send("GET", at(server, f"/{part}"), seconds=0.3)

    assert time.monotonic() - began < 2


def test_s1_a_name_server_that_says_nothing_is_waited_for_as_long_as_for_an_answer(settings, monkeypatch):
    settings.OUTBOUND_HOSTS = ["slow.test"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2))
    began = time.monotonic()

    with pytest.raises(Failed, match="was not found in time"):
        send("GET", "http://slow.test/", seconds=0.1)

    assert time.monotonic() - began < 1


def test_nobody_there_is_a_failure_that_tells_nothing(server):
    server.shutdown()
    server.server_close()

    with pytest.raises(Failed, match="the connection failed"):
        send("GET", at(server))


def test_the_machines_proxies_are_not_used(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert send("GET", at(server)).status == 200


@pytest.mark.parametrize("place", ["http://[", "//[::1", "http://[x]:80/"])
def test_s1_an_answer_that_leads_to_what_is_no_address_is_a_failure_and_no_fault(server, place):
    with pytest.raises((Failed, NotAllowed), match=r"no address|the connection failed"):
        send("GET", at(server, f"/to/{place}"))
