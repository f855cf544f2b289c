"""How long wrong passwords make the next try wait.

Counted for each account at each address, and for each address over all accounts (with more free tries there, as many
people may sit behind one). Whoever knows the password and comes from elsewhere is not held up; but once an account
has had many wrong tries from anywhere, a wrong one is also answered late.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

from gateway.errors import TooManyAttempts

LONGEST: Final = 300.0
LATEST_ANSWER: Final = 5.0
FORGET_AFTER: Final = 3_600.0
MOST: Final = 50_000
SHARED: Final = 4  # times as many free tries for an address as for an account


def network_of(address: str) -> str:
    """What one attacker can easily change is left out: the lower half of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


@dataclass(slots=True)
class Tally:
    wrong: int = 0
    last: float = 0.0
    closed_until: float = 0.0


class Throttle:
    def __init__(self, free: int, clock: Callable[[], float]) -> None:
        self._free = free
        self._clock = clock
        self._tallies: OrderedDict[Hashable, Tally] = OrderedDict()
        self._welcome: OrderedDict[tuple[str, str], float] = OrderedDict()

    def check(self, name: str, address: str) -> None:
        """Raises: TooManyAttempts."""
        network = network_of(address)
        keys: list[Hashable] = [(name, network)]
        if (name, network) not in self._welcome:
            keys.append(network)
        now = self._clock()
        wait = max((self._tally(key, now).closed_until - now for key in keys), default=0.0)
        if wait > 0:
            raise TooManyAttempts("too many wrong passwords; try again later", ceil(wait))

    def wrong(self, name: str, address: str) -> float:
        """Seconds by which to delay the answer."""
        now, network = self._clock(), network_of(address)
        self._count((name, network), self._free, now)
        self._count(network, self._free * SHARED, now)
        surplus = self._count((name,), self._free, now)
        return min(LATEST_ANSWER, 0.25 * surplus)

    def right(self, name: str, address: str) -> None:
        pair = (name, network_of(address))
        self._tallies.pop(pair, None)
        self._welcome[pair] = self._clock()
        self._welcome.move_to_end(pair)
        if len(self._welcome) > MOST:
            self._welcome.popitem(last=False)

    def _tally(self, key: Hashable, now: float) -> Tally:
        tally = self._tallies.get(key)
        return tally if tally is not None and now - tally.last < FORGET_AFTER else Tally()

    def _count(self, key: Hashable, free: int, now: float) -> int:
        """How many more than the free ones there have been."""
        tally = self._tally(key, now)
        tally.wrong, tally.last = tally.wrong + 1, now
        surplus = max(0, tally.wrong - free)
        if tally.wrong >= free:
            tally.closed_until = now + min(LONGEST, 2.0 ** min(surplus, 16))
        self._tallies[key] = tally
        self._tallies.move_to_end(key)
        if len(self._tallies) > MOST:
            self._tallies.popitem(last=False)
        return surplus
