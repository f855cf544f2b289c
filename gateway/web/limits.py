"""How often one visitor may do what costs us or others something. Kept in memory, for each process."""

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from gateway.accounts.throttle import network_of
from gateway.errors import TooManyAttempts

MOST: Final = 50_000
DAY: Final = 86_400


@dataclass(slots=True)
class Bucket:
    """`burst` at once, then one every `every` seconds, for each key."""

    burst: int
    every: float
    clock: Callable[[], float]
    used: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def left(self, key: str) -> float:
        level, at = self.used.get(key, (float(self.burst), self.clock()))
        return min(self.burst, level + (self.clock() - at) / self.every)

    def take(self, key: str) -> None:
        self.used[key] = (self.left(key) - 1, self.clock())
        self.used.move_to_end(key)
        if len(self.used) > MOST:
            self.used.popitem(last=False)

    def check(self, key: str, times: int = 1) -> None:
        """Raises: TooManyAttempts."""
        left = self.left(key)
        if left < times:
            raise TooManyAttempts("too many requests; please wait a little", ceil((times - left) * self.every))


@dataclass(slots=True)
class Limits:
    """posts: forms sent, from one network. booked: bookings made, from one network. mailed: bookings for one address.

    guesses: wrong links to bookings, from one network. held: times held, from one network.
    bidding: mails to guests, from one network; bidden: mails to one address as a guest, whoever it is named by.
    """

    posts: Bucket
    booked: Bucket
    mailed: Bucket
    guesses: Bucket
    held: Bucket
    bidding: Bucket
    bidden: Bucket

    @classmethod
    def standard(cls, clock: Callable[[], float]) -> "Limits":
        return cls(
            posts=Bucket(600, 0.2, clock),
            booked=Bucket(60, 60.0, clock),
            mailed=Bucket(40, 300.0, clock),
            guesses=Bucket(10, 6.0, clock),
            held=Bucket(20, 20.0, clock),
            bidding=Bucket(60, DAY / 60, clock),
            bidden=Bucket(12, DAY / 12, clock),
        )

    def post(self, address: str) -> None:
        """Raises: TooManyAttempts."""
        key = network_of(address)
        self.posts.check(key)
        self.posts.take(key)

    def may_book(self, address: str, email: str) -> None:
        """Raises: TooManyAttempts."""
        self.booked.check(network_of(address))
        self.mailed.check(email.lower())

    def may_bid(self, address: str, guests: Collection[str]) -> None:
        """Raises: TooManyAttempts."""
        if guests:
            self.bidding.check(network_of(address), len(guests))
        for one in guests:
            self.bidden.check(one.lower())

    def did_bid(self, address: str, guests: Collection[str]) -> None:
        for one in guests:
            self.bidding.take(network_of(address))
            self.bidden.take(one.lower())

    def did_book(self, address: str, email: str) -> None:
        self.booked.take(network_of(address))
        self.mailed.take(email.lower())
