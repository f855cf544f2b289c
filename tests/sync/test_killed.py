"""kill -9 while objects are being written: whatever was acknowledged is there, and sync tokens still answer."""

import subprocess
import sys

from gateway.ical.objects import etag_of
from gateway.store import members
from gateway.store.database import Database
from tests.sync.objects import event


def written_until_killed(url, first, lines):
    """What the process acknowledged, as (word, number, rev)."""
    command = [sys.executable, "-m", "tests.sync.putting", url, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += process.stdout.readlines()
    whole = [line.split() for line in told if line.endswith("\n")]
    return [(word, int(number), int(rev)) for word, number, rev in whole]


def test_whatever_was_acknowledged_is_there(db, tmp_path, alice):
    url = f"sqlite:///{tmp_path}/gateway.sqlite"
    there, gone, tokens = set(), set(), []
    for kill in range(2):
        for word, number, rev in written_until_killed(url, kill * 1_000, 40 + 7 * kill):
            (there if word == "put" else gone).add(number)
            tokens.append((rev, set(there - gone)))

    reopened = Database(url)
    texts = {row.href: row for row in reopened.read_now(members.texts, alice.merged)}
    rows = {row.href: row for row in reopened.read_now(members.listing, alice.merged)}
    changes = {rev: reopened.read_now(members.since, alice.merged, rev, 10_000)[0] for rev, _ in tokens}
    reopened.close()

    assert len(there) > 60
    unacknowledged = set(texts) - {f"{number}.ics" for number in there}
    assert len(unacknowledged) <= 2
    assert {f"{number}.ics" for number in there - gone} - set(texts) <= {f"{n}.ics" for n in there if n % 3 == 0}
    for href, row in texts.items():
        assert row.text == event(href.removesuffix(".ics"))
        assert row.etag == rows[href].etag == etag_of(row.text)
    for rev, known in tokens:
        held = {f"{number}.ics" for number in known}
        for change in changes[rev]:
            (held.discard if change.deleted else held.add)(change.href)
        assert held == set(texts)
