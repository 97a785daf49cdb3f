"""What must hold before labelcrowd may serve anybody but its own machine: else it doesn't start, and says why."""

import ipaddress
import re
import warnings
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

# As Django's own deployment check asks of a key (security.W009).
SHORTEST_KEY = 50
FEWEST_CHARACTERS = 5
SHORTEST_VAULT_KEY = 32
_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?", re.IGNORECASE)


def check(
    *,
    loopback: bool,
    hosts: Sequence[str],
    debug: bool,
    secret_key: str,
    url: str = "",
    vault_keys: Sequence[str] = (),
) -> None:
    """Raise `ImproperlyConfigured`, with a sentence for each fault, if these settings are unsafe for the world.

    Args: loopback: whether only this machine is served, which waives all of it. hosts: the site's public names.
    secret_key, url, vault_keys: as the environment gave them; empty when we make them ourselves.
    """
    if loopback:
        return
    problems = [*_wrong_hosts(hosts)]
    if debug:
        problems.append("DEBUG is on: it shows settings and rows to whoever meets an error; turn it off")
    if secret_key and (len(secret_key) < SHORTEST_KEY or len(set(secret_key)) < FEWEST_CHARACTERS):
        problems.append(
            f"SECRET_KEY has {len(secret_key)} characters, {len(set(secret_key))} of them different: it should have at "
            f"least {SHORTEST_KEY} random ones; leave it out, and one is made and kept"
        )
    if url and not url.startswith("https://"):
        problems.append(f"LABELCROWD_URL is {url!r}: links in mails begin with it, so it should begin with https://")
    for number, key in enumerate(vault_keys, start=1):
        if len(key) >= SHORTEST_VAULT_KEY and len(set(key)) >= FEWEST_CHARACTERS:
            continue
        weak = (
            f"key {number} of LABELCROWD_VAULT_KEYS has {len(key)} characters, {len(set(key))} of them different: what "
            f"is sealed under it could be guessed open; it should have at least {SHORTEST_VAULT_KEY} random ones"
        )
        if number == 1:
            problems.append(weak)
        else:  # it only opens: were it refused, nobody could leave it behind
            warnings.warn(f"{weak}: run manage.py reseal, then drop it", stacklevel=2)
    if secret_key.startswith("django-insecure-"):
        problems.append("SECRET_KEY begins with 'django-insecure-': it was made for development, take another")
    if problems:
        raise ImproperlyConfigured("LABELCROWD_LOOPBACK=false serves the world, and so: " + "; ".join(problems))


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
        if not (_HOST.fullmatch(host) or _is_number(host))
    ]


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
