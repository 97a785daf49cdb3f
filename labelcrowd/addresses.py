"""Whose an address is, as far as that can be told."""

import ipaddress


def subscriber(number: str) -> str:
    """Return what an address counts as: of version 6 its network of 64 bits, which are all somebody's who has one.

    >>> [subscriber(n) for n in ("192.0.2.7", "2001:db8:1:2:3::4", "::ffff:192.0.2.7", "a proxy's word")]
    ['192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7', "a proxy's word"]
    """
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return number
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
