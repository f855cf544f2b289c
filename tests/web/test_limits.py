import pytest

from gateway.errors import TooManyAttempts
from gateway.web.limits import Bucket, Limits


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_bucket_runs_dry_and_fills_again():
    clock = Clock()
    bucket = Bucket(2, 10.0, clock)
    for _ in range(2):
        bucket.check("a")
        bucket.take("a")
    with pytest.raises(TooManyAttempts) as refused:
        bucket.check("a")
    assert refused.value.retry_after == 10
    bucket.check("b")
    clock.now = 10.0
    bucket.check("a")


def test_neighbours_in_one_ipv6_network_are_one_visitor():
    limits = Limits.standard(Clock())
    for number in range(60):
        limits.did_book(f"2001:db8::{number:x}", f"guest{number}@example.org")
    with pytest.raises(TooManyAttempts):
        limits.may_book("2001:db8::ffff", "other@example.org")
    limits.may_book("2001:db8:0:1::1", "other@example.org")


def test_one_address_gets_so_many_invitations_wherever_they_come_from():
    limits = Limits.standard(Clock())
    for number in range(40):
        limits.did_book(f"192.0.2.{number}", "Victim@example.org")
    with pytest.raises(TooManyAttempts):
        limits.may_book("198.51.100.1", "victim@example.org")
