"""Whose request it is, by network address."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network


def client_address(peer: str, forwarded_for: str, trusted: Iterable[str]) -> str:
    """The peer's, or what proxies that we trust say of it.

    forwarded_for: X-Forwarded-For; believed from the right, as far as each who says it is trusted.
    """
    networks = tuple(trusted)
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]) if networks else ():
        if not within(peer, networks):
            break
        peer = hop
    return peer


@lru_cache(maxsize=1024)
def within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        parsed = ip_address(address)
        return any(parsed in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False
