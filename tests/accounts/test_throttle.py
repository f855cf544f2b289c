import pytest

from gateway.accounts.throttle import FORGET_AFTER, Throttle, network_of
from gateway.errors import TooManyAttempts


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
    ],
)
def test_network_of(address, network):
    assert network_of(address) == network


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def guess(throttle, name, address, times=1):
    for _ in range(times):
        throttle.wrong(name, address)


def test_five_are_free_then_the_wait_doubles(clock):
    throttle = Throttle(5, clock)
    guess(throttle, "alice", "192.0.2.1", 4)
    throttle.check("alice", "192.0.2.1")

    waits = []
    for _ in range(12):
        throttle.wrong("alice", "192.0.2.1")
        with pytest.raises(TooManyAttempts) as refused:
            throttle.check("alice", "192.0.2.1")
        waits.append(refused.value.retry_after)
        clock.now += refused.value.retry_after
        throttle.check("alice", "192.0.2.1")

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_from_elsewhere_the_account_is_open(clock):
    throttle = Throttle(5, clock)
    guess(throttle, "alice", "2001:db8::1", 10)

    throttle.check("alice", "192.0.2.9")
    throttle.check("bob", "2001:db8::1")
    with pytest.raises(TooManyAttempts):
        throttle.check("alice", "2001:db8::ffff")


def test_one_address_that_tries_many_names_is_stopped_but_not_those_who_were_right_there(clock):
    throttle = Throttle(5, clock)
    throttle.right("carol", "192.0.2.1")
    for number in range(20):
        guess(throttle, f"user{number}", "192.0.2.1")

    with pytest.raises(TooManyAttempts):
        throttle.check("yet-another", "192.0.2.1")
    throttle.check("carol", "192.0.2.1")


def test_many_addresses_on_one_account_get_late_answers(clock):
    throttle = Throttle(5, clock)
    delays = [throttle.wrong("alice", f"192.0.2.{number}") for number in range(40)]

    assert delays[:5] == [0.0] * 5
    assert delays[5] == 0.25
    assert delays[-1] == 5.0
    throttle.check("alice", "198.51.100.1")


def test_the_right_password_and_an_hour_forgive(clock):
    throttle = Throttle(5, clock)
    guess(throttle, "alice", "192.0.2.1", 4)
    throttle.right("alice", "192.0.2.1")
    guess(throttle, "alice", "192.0.2.1", 4)
    throttle.check("alice", "192.0.2.1")

    guess(throttle, "alice", "192.0.2.1", 8)
    clock.now += FORGET_AFTER
    throttle.check("alice", "192.0.2.1")
