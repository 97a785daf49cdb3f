"""What must hold before labelcrowd may serve anybody but its own machine: else it doesn't start, and says why."""

import ipaddress
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# As Django's own deployment check asks of a key (security.W009).
SHORTEST_KEY = 50
FEWEST_CHARACTERS = 5
SHORTEST_VAULT_KEY = 32
SHORTEST_TOKEN = 16
# This machine, and its link, where clouds hand out credentials: no request that others choose may go there.
NEVER = [
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "::/127", "fe80::/10", "fd00:ec2::254/128",
        "::ffff:0:0/96", "64:ff9b::/96",  # the whole of version 4, by other names
    )
]  # fmt: skip
_NAME = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_ORIGIN = re.compile(rf"https://({_NAME}(\.{_NAME})*|\*(\.{_NAME}){{2,}}|\[[0-9a-f:.]+\])(:\d+)?", re.IGNORECASE)
LONGEST_ADDRESS = 7 * 86_400  # seconds: as long as S3's own signatures may hold
_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?", re.IGNORECASE)


def check(
    *,
    loopback: bool,
    hosts: Sequence[str],
    debug: bool,
    secret_key: str,
    url: str = "",
    vault_keys: Sequence[str] = (),
    proxies: int | None = None,
    metrics_token: str = "",
    networks: Sequence[str] = (),
    rates: Mapping[str, Sequence[float]] | None = None,
    origins: Sequence[str] = (),
    media_seconds: int = 3600,
    database: str = "",
    broker: str = "postgres",
    key_files: Sequence[Path] = (),
) -> None:
    """Raise `ImproperlyConfigured`, with a sentence for each fault, if these settings are unsafe for the world.

    Args: loopback: whether only this machine is served, which waives all of it. hosts: the site's public names.
    secret_key, url, vault_keys: as the environment gave them; empty when we make them ourselves. proxies: how many
    stand before us; None when nobody said. networks: those inside that requests may go to. rates: (a second, at once).
    origins: the sites that may frame our pages. media_seconds: how long an address of a file holds. database, broker:
    their addresses. key_files: where keys of our own are kept, if they were made yet.
    """
    if loopback:
        return
    problems = [*_wrong_hosts(hosts), *_wrong_proxies(proxies), *_wrong_networks(networks), *_wrong_rates(rates or {})]
    if debug:
        problems.append("DEBUG is on: it shows settings and rows to whoever meets an error; turn it off")
    if url and not url.startswith("https://"):
        problems.append(f"LABELCROWD_URL is {url!r}: links in mails begin with it, so it should begin with https://")
    problems += [*_weak_secret_key(secret_key), *_weak_vault_keys(vault_keys), *_wrong_origins(origins)]
    problems += [*_wrong_key_files(key_files), *_wrong_servers(database, broker)]
    if not 60 <= media_seconds <= LONGEST_ADDRESS:
        problems.append(
            f"LABELCROWD_MEDIA_ADDRESS_SECONDS is {media_seconds}: it should be from 60 to {LONGEST_ADDRESS}, "
            "how long an address of a file can be opened"
        )
    if metrics_token and len(metrics_token) < SHORTEST_TOKEN:
        problems.append(
            f"LABELCROWD_METRICS_TOKEN has {len(metrics_token)} characters: it could be guessed, and should have at "
            f"least {SHORTEST_TOKEN} random ones"
        )
    if problems:
        raise ImproperlyConfigured("LABELCROWD_LOOPBACK=false serves the world, and so: " + "; ".join(problems))


def _weak_secret_key(key: str) -> Iterator[str]:
    if key and (len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS):
        yield (
            f"SECRET_KEY has {len(key)} characters, {len(set(key))} of them different: it should have at "
            f"least {SHORTEST_KEY} random ones; leave it out, and one is made and kept"
        )
    if key.startswith("django-insecure-"):
        yield "SECRET_KEY begins with 'django-insecure-': it was made for development, take another"


def _wrong_key_files(paths: Sequence[Path]) -> Iterator[str]:
    for path in paths:
        try:
            mode, length = path.stat().st_mode, len(path.read_text(errors="replace").strip())
        except FileNotFoundError:  # it will be made
            continue
        except OSError as error:
            yield f"{path} can't be read: {error.strerror}; it should be a key that was made for this site"
            continue
        if mode & 0o007:  # its group may, as a volume's may have to
            yield f"{path} can be read by everybody on this machine: it should have mode 0600 (chmod 600 {path})"
        if length < SHORTEST_VAULT_KEY:
            yield (
                f"the key in {path} has {length} characters: it was cut, or could be guessed; bring back the one that "
                "was made, as what was sealed or signed under it needs it"
            )


def _wrong_origins(origins: Sequence[str]) -> Iterator[str]:
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            yield (
                f"LABELCROWD_MARKET_ORIGINS has {origin!r}: whom that names may frame workers' pages; it should be an "
                "origin as https://worker.example.org or https://*.example.org"
            )


def _wrong_servers(database: str, broker: str) -> Iterator[str]:
    if database and not database.startswith(("postgres://", "postgresql://", "pgsql://")):
        scheme = database.partition(":")[0]
        yield f"DATABASE_URL begins with {scheme!r}: it should be postgres://…, as nothing else keeps what is promised"
    if broker != "postgres" and not broker.startswith(("amqp://", "amqps://")):
        yield f"BROKER_URL begins with {broker.partition(':')[0]!r}: it should be postgres, amqp://… or amqps://…"


def _weak_vault_keys(keys: Sequence[str]) -> Iterator[str]:
    for number, key in enumerate(keys, start=1):
        if len(key) >= SHORTEST_VAULT_KEY and len(set(key)) >= FEWEST_CHARACTERS:
            continue
        weak = (
            f"key {number} of LABELCROWD_VAULT_KEYS has {len(key)} characters, {len(set(key))} of them different: what "
            f"is sealed under it could be guessed open; it should have at least {SHORTEST_VAULT_KEY} random ones"
        )
        if number == 1:
            yield weak
        else:  # it only opens: were it refused, nobody could leave it behind
            warnings.warn(f"{weak}: run manage.py reseal, then drop it", stacklevel=4)


def is_loopback(address: str) -> bool:
    """Return whether an address of a host (name or number) can be reached from this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("::ffff:127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if address == "localhost":
        return True
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return bool((mapped or number).is_loopback)


def _wrong_hosts(hosts: Sequence[str]) -> list[str]:
    if not hosts:
        return ["LABELCROWD_HOSTS is empty: it should name the site, as in labels.example.org"]
    return [
        f"LABELCROWD_HOSTS has {host!r}: it should be a name of this site, as in labels.example.org"
        for host in hosts
        if not (_HOST.fullmatch(host) or _is_number(host)) or _is_of_anybody(host)
    ]


def _is_of_anybody(host: str) -> bool:
    """Return whether it stands for all names below a domain that is nobody's own, as .org does."""
    return host.startswith(".") and "." not in host.strip(".")


def _wrong_proxies(proxies: int | None) -> list[str]:
    if proxies is None:
        return [
            "LABELCROWD_PROXIES is not set: it should be how many proxies stand before this server, 1 where one speaks "
            "https for it (else every page would redirect to itself for ever), 0 where gunicorn does so itself"
        ]
    return [] if proxies >= 0 else [f"LABELCROWD_PROXIES is {proxies}: it should be 0 or more"]


def _wrong_networks(networks: Sequence[str]) -> Iterator[str]:
    for each in networks:
        try:
            network = ipaddress.ip_network(each)
        except ValueError as error:
            yield f"LABELCROWD_OUTBOUND_NETWORKS has {each!r}: it should be a network as 10.1.0.0/16: {error}"
            continue
        if any(network.version == never.version and network.overlaps(never) for never in NEVER):
            yield (
                f"LABELCROWD_OUTBOUND_NETWORKS has {each!r}: it should be a network of yours, without this "
                "machine's own addresses and without those from which clouds hand out credentials (169.254.0.0/16)"
            )


def _wrong_rates(rates: Mapping[str, Sequence[float]]) -> Iterator[str]:
    for name, rate in rates.items():
        if len(rate) != 2 or not (0 < rate[0] < math.inf and 1 <= rate[1] < math.inf):
            told = ",".join(f"{each:g}" for each in rate)
            yield (
                f"LABELCROWD_RATE_{name.upper()} is {told!r}: it should be two numbers, "
                "how often a second in the long run (above 0), and how often at once (1 or more)"
            )


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
