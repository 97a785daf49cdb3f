"""The one way out: every request to an address that somebody else chose, as a webhook's, goes through here.

Where it may go is asked of the address that is really connected to, not of the name before: a name is resolved once,
each of its addresses must be one of the public internet, and the connection goes to the one that was checked, with the
name in the Host header and in TLS. A redirect is another request, checked like the first. Off until an operator names
hosts (LABELCROWD_OUTBOUND_HOSTS), and each organization has so many requests a second (LABELCROWD_RATE_OUTBOUND).
Answers are read to a limit, and no error tells what an answer held.
"""

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import httpx
from django.conf import settings

from apps.core import deadlines, rates

MOST_HOPS = 3
SECONDS = 10.0  # for the whole of it, connecting and every hop included
MOST_BYTES = 64 * 1024
PORTS = {"https": 443, "http": 80}
# Headers that are meant for the host they were sent to first.
OWN_HEADERS = ("authorization", "cookie")


class NotAllowed(Exception):
    """The address is not one that may be asked; the text says why, and nothing was sent there."""


class Failed(Exception):
    """Nothing useful came back: no connection, no answer in time, or too long a one."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and as much of the body as was asked for."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def check_url(url: str) -> httpx.URL:
    """Return the address if it is one that may be asked at all; raise `NotAllowed`. Nothing is resolved yet."""
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise NotAllowed(f"{url[:200]!r} is not an address of the web") from None
    if found.scheme not in PORTS:
        raise NotAllowed(f"{url[:200]!r} begins with {found.scheme!r}, it should begin with one of {sorted(PORTS)}")
    if found.userinfo:
        raise NotAllowed("the address holds a user or a password; it should hold neither")
    if not found.host:
        raise NotAllowed(f"{url[:200]!r} names no host")
    if not _is_named(found.host):
        raise NotAllowed(
            f"the host {found.host!r} is not one that an operator named in LABELCROWD_OUTBOUND_HOSTS"
            if settings.OUTBOUND_HOSTS
            else "requests to the outside are off: LABELCROWD_OUTBOUND_HOSTS names no hosts"
        )
    port = found.port or PORTS[found.scheme]
    if port not in settings.OUTBOUND_PORTS:
        raise NotAllowed(f"the port is {port}, it should be one of {sorted(settings.OUTBOUND_PORTS)}")
    return found


def take_turn(whose: UUID) -> None:
    """Take one of the requests that an organization has; raise `rates.TooMany` where there is none now."""
    rates.ask("outbound", str(whose))


def send(
    method: str,
    url: str,
    *,
    whose: UUID | None,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """Send a request and return its answer; raise `NotAllowed`, with nothing sent, or `Failed`.

    `whose`: the organization for which it is sent, whose turn is taken (`rates.TooMany`); None where it was before.
    A GET follows at most three redirects, each checked like the first; other methods follow none, and return the
    redirect: what was meant for one address is not told to another.
    """
    deadline = time.monotonic() + seconds
    carried = {"User-Agent": "labelcrowd", **(headers or {})}
    target = check_url(url)
    if whose is not None:
        take_turn(whose)
    for _ in range(MOST_HOPS + 1):
        answer = _ask(method, target, body, carried, deadline, most_bytes)
        place = answer.headers.get("location")
        if answer.status not in (301, 302, 303, 307, 308) or not place or method != "GET":
            return answer
        following = check_url(_joined(target, place))
        if following.host != target.host:
            carried = {name: value for name, value in carried.items() if name.lower() not in OWN_HEADERS}
        if target.scheme == "https" and following.scheme != "https":
            raise NotAllowed("the answer leads from https to http")
        target = following
    raise Failed(f"the answer led on more than {MOST_HOPS} times")


def _joined(target: httpx.URL, place: str) -> str:
    """Return where an answer leads; raise `Failed` for what no address can be made of, as "http://[" is."""
    try:
        return urljoin(str(target), place)
    except ValueError:
        raise Failed("the answer leads to what is no address") from None


def addresses(host: str, port: int, *, seconds: float = SECONDS) -> list[str]:
    """Return the addresses of a host, each of them one that may be asked; raise `NotAllowed` if any is not.

    Any and not all: a name that leads both to the internet and into our own network was made to be mistaken.
    Raises `Failed` where there are none, or not in time.
    """
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in _resolved(host, port, seconds)))
    for number in numbers:
        if not is_public(number):
            raise NotAllowed(f"the host {host!r} leads to {number}, which is not an address of the public internet")
    return numbers


def _resolved(host: str, port: int, seconds: float) -> list[Any]:
    """Ask the system's resolver in a thread of its own, as it knows no limit of time."""
    answer: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError, OverflowError):
            answer.put(None)

    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    try:
        found = answer.get(timeout=max(0.0, seconds))
    except queue.Empty:
        raise Failed(f"the host {host!r} was not found in time") from None
    if found is None:
        raise Failed(f"the host {host!r} has no address")
    return found


def is_public(number: str) -> bool:
    """Return whether an address belongs to the public internet, or to a network that an operator allowed.

    >>> is_public("93.184.216.34"), is_public("2606:2800:220:1:248:1893:25c8:1946")
    (True, True)
    >>> [is_public(n) for n in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1")]
    [False, False, False, False, False, False]
    >>> [is_public(n) for n in ("::1", "::ffff:127.0.0.1", "fd00::1", "fe80::1%eth0", "64:ff9b::7f00:1")]
    [False, False, False, False, False]
    """
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = _inner(address)
    if any(address in network or (inner is not None and inner in network) for network in _allowed()):
        return True
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in (address, inner) if each)


def _inner(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the version 4 address that a version 6 address stands for: mapped, 6to4, NAT64, Teredo's server."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _allowed() -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(network) for network in settings.OUTBOUND_NETWORKS]


def _is_named(host: str) -> bool:
    """Return whether an operator named the host: itself, or with "*." a domain that it is below."""
    host = host.lower().rstrip(".")
    return any(
        host == name or (name.startswith("*.") and host.endswith(name[1:]))
        for name in (str(each).lower().rstrip(".") for each in settings.OUTBOUND_HOSTS)
    )


def _ask(
    method: str, target: httpx.URL, body: bytes, headers: Mapping[str, str], deadline: float, most_bytes: int
) -> Answer:
    port = target.port or PORTS[target.scheme]
    number = addresses(target.host, port, seconds=deadline - time.monotonic())[0]
    left = deadline - time.monotonic()
    if left <= 0:
        raise Failed("there was no answer in time")
    own = {"Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity", **headers}
    # To the address that was checked; the name stays in the Host header and in TLS, whose certificate is of it.
    request = httpx.Request(
        method, target.copy_with(host=number), content=body, headers=own, extensions={"sni_hostname": target.host}
    )
    try:
        # No proxy and no .netrc of the machine's: they would lead elsewhere, and tell passwords.
        transport = deadlines.Transport(deadline)
        with httpx.Client(transport=transport, trust_env=False, follow_redirects=False, timeout=left) as client:
            request.extensions["timeout"] = httpx.Timeout(left).as_dict()
            answer = client.send(request, stream=True)
            try:
                return Answer(answer.status_code, dict(answer.headers), _read(answer, most_bytes))
            finally:
                answer.close()
    except httpx.TimeoutException:
        raise Failed("there was no answer in time") from None
    except httpx.TransportError as error:
        raise Failed(f"the connection failed: {type(error).__name__}") from None


def _read(answer: httpx.Response, most_bytes: int) -> bytes:
    """Read a body to the limit."""
    body = b""
    for piece in answer.iter_raw():
        body += piece
        if len(body) > most_bytes:
            raise Failed(f"the answer is longer than {most_bytes:,} bytes")
    return body
