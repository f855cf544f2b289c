"""Mirrors between little providers: what happens when things go wrong in the middle."""

import pytest

from gateway.errors import NotFound, RefusedByProvider, SignInExpired, UsageError
from gateway.mirror import choose
from gateway.store import accounts, mirrors, objects
from gateway.sync.calendars import remove_account
from gateway.sync.pull import pull_account
from tests.fakes.objects import event
from tests.fakes.shelf import unavailable
from tests.mirror.conftest import Forgetful

NINE, TEN = ("20261125T090000Z", "20261125T100000Z"), ("20261126T100000Z", "20261126T110000Z")


@pytest.fixture
def two(net):
    """Alice's Google with two events, and an empty calendar at her client's."""
    home = net.add("home", "google")
    net.add("client")
    home.edit("main", "one", event("one@home.example", "Zahnarzt", NINE[0]))
    home.edit("main", "two", event("two@home.example", "Bank", TEN[0]))
    return net


async def test_blocks_come_and_are_nobody_s_events(two):
    await two.settle()
    before = two.members()
    mirror = two.mirror(["home"], "client")
    await two.settle()
    assert two.blocks("client") == [NINE, TEN]
    await two.settle()
    assert two.members() == before
    assert (two.row(mirror).problem, two.row(mirror).left, two.row(mirror).settled) == ("", 0, int(two.clock() - 6))


@pytest.mark.parametrize("kind", ["caldav", "radicale", "google", "outlook"])
@pytest.mark.parametrize("when", ["faults", "late_faults"])
async def test_whatever_is_broken_off_is_done_once(net, kind, when):
    """Before the provider took it, or after: then its answer is what was lost."""
    net.add("home", "caldav").edit("main", "one", event("one@home.example", "Zahnarzt", NINE[0]))
    shelf = net.add("client", kind)
    net.mirror(["home"], "client")
    await net.pull()
    setattr(shelf, when, unavailable())
    await net.pass_time()
    for _ in range(4):
        await net.pass_time(60)
    await net.settle()
    assert net.blocks("client") == [NINE]
    net.writes()
    await net.settle()
    assert net.writes() == 0


async def test_a_block_that_was_made_but_never_noted_is_found_by_its_mark(two):
    """As after an older copy of the database was put back."""
    mirror = two.mirror(["home"], "client")
    await two.settle()
    row = two.row(mirror)

    def forget(conn):
        for one in mirrors.held(conn, two.alice.id, row.mark):
            objects.remove(conn, [one.id])
        mirrors.forget(conn, mirror, list(mirrors.told(conn, mirror)))
        accounts.change_calendar(conn, two.calendars["client"], token=None)

    two.db.write_now(forget)
    two.writes()
    await two.settle()
    assert two.blocks("client") == [NINE, TEN]
    assert two.writes() == 0


async def test_a_server_that_loses_the_mark(net):
    """Known by us, its blocks stay blocks; they are not copied back and not taken for Alice's events."""
    net.add("home", "google").edit("main", "one", event("one@home.example", "Zahnarzt", NINE[0]))
    net.add("client", shelf=Forgetful(verbatim=False))
    net.mirror(["home"], "client")
    net.mirror(["client"], "home")
    for _ in range(3):
        await net.settle()
    assert net.blocks("client") == [NINE]
    assert net.blocks("home") == []
    assert len(net.members()) == 1
    net.writes()
    await net.settle()
    assert net.writes() == 0


async def test_blocks_of_somebody_else_s_mirror_are_nobody_s_events(two):
    """Another gateway's, say: neither hers, nor busy time, nor mirrored on, nor ours to take away."""
    foreign = event("foreign@other.example", "Busy", "20261127T090000Z", "X-GATEWAY-MIRROR:0123456789abcdef")
    two.shelf("home").edit("main", "foreign", foreign)
    mirror = two.mirror(["home"], "client")
    await two.settle()
    assert two.blocks("client") == [NINE, TEN]
    assert len(two.members()) == 2
    two.db.write_now(choose.stop, two.alice.id, mirror, two.clock())
    await two.settle()
    assert two.blocks("home") == [("20261127T090000Z", "20261127T100000Z")]


async def test_many_blocks_come_in_batches(net):
    home = net.add("home", "google")
    net.add("client")
    for number in range(45):
        day, hour = divmod(number, 5)
        text = event(f"{number}@home.example", "Termin", f"202611{23 + day % 7:02}T{8 + 2 * hour + day // 7:02}0000Z")
        home.edit("main", f"n{number}", text)
    mirror = net.mirror(["home"], "client")
    await net.pull()
    counts = []
    for _ in range(6):
        net.writes()
        await net.pass_time()
        counts.append(net.writes())
    total = len(net.blocks("client"))
    assert counts[0] == 20
    assert sum(counts) == total
    assert net.row(mirror).left == 0


async def test_of_a_long_answer_that_refuses_a_block_the_beginning_is_kept(two):
    mirror = two.mirror(["home"], "client")
    await two.pull()
    two.shelf("client").faults = [RefusedByProvider("too long " * 100)]
    await two.pass_time()
    assert two.row(mirror).error == ("too long " * 100)[:500]


async def test_what_the_provider_refuses_is_said_and_tried_again_later(two):
    mirror = two.mirror(["home"], "client")
    await two.pull()
    two.shelf("client").faults = [RefusedByProvider("too many events")]
    await two.pass_time()
    assert (two.row(mirror).problem, two.row(mirror).error, two.row(mirror).left) == ("refused", "too many events", 2)
    assert two.blocks("client") == []
    await two.pass_time(60)
    assert two.blocks("client") == [NINE, TEN]
    assert two.row(mirror).problem == ""


async def test_a_sign_in_that_expired_is_waited_for(two):
    mirror = two.mirror(["home"], "client")
    await two.settle()
    two.shelf("home").erase("main", "two")
    two.shelf("client").faults = [SignInExpired("sign in again")] * 3
    with pytest.raises(SignInExpired):
        await two.pull()
    await two.pass_time(400)
    assert two.row(mirror).problem == "signed-out"
    two.shelf("client").faults = []
    two.db.write_now(accounts.change, two.account("client"), state="ok")
    await two.settle()
    assert two.blocks("client") == [NINE]
    assert two.row(mirror).problem == ""


async def test_a_stale_source_keeps_its_last_known_busy_time(two):
    two.mirror(["home"], "client")
    await two.settle()
    two.shelf("home").faults = unavailable(50)
    await two.pass_time(3_000)
    assert two.blocks("client") == [NINE, TEN]


async def test_turned_off_everything_of_ours_goes_and_nothing_else(two):
    two.shelf("client").edit("main", "own", event("own@client.example", "Busy by name", "20261128T090000Z"))
    mirror = two.mirror(["home"], "client")
    await two.settle()
    two.shelf("client").faults = unavailable(1)
    assert two.db.write_now(choose.stop, two.alice.id, mirror, two.clock()) == 2
    await two.pass_time()
    assert (two.row(mirror).ending, two.row(mirror).problem) == (True, "failing")
    await two.pass_time(60)
    await two.settle()
    assert two.row(mirror) is None
    assert [*two.shelf("client").texts()] == ["own"]


async def test_a_mirror_turned_on_again_while_it_is_taken_down_keeps_what_is_there(two):
    mirror = two.mirror(["home"], "client")
    await two.settle()
    two.db.write_now(choose.stop, two.alice.id, mirror, two.clock())
    two.writes()
    assert two.mirror(["home"], "client") == mirror
    await two.settle()
    assert two.blocks("client") == [NINE, TEN]
    assert two.writes() == 0


async def test_without_its_source_account_a_mirror_ends(two):
    mirror = two.mirror(["home"], "client")
    await two.settle()
    account = two.account("home")
    two.db.write_now(remove_account, two.alice.id, account)
    del two.shelves[account]
    await two.settle()
    assert two.row(mirror) is None
    assert two.blocks("client") == []


async def test_an_account_is_removed_when_its_blocks_are_gone(two):
    two.mirror(["home"], "client")
    await two.settle()
    account, shelf = two.account("client"), two.shelf("client")
    shelf.faults = unavailable(1)
    assert two.db.write_now(choose.part, two.alice.id, account, two.clock()) == 2
    assert [row.displayname for row in two.db.read_now(accounts.calendars, two.alice.id)] == ["Personal", "home"]
    await two.pass_time()
    assert two.ended == []
    assert two.db.read_now(accounts.get, account).state == "leaving"
    await two.pass_time(60)
    await two.pass_time(60)
    assert two.ended == [account]
    assert shelf.texts() == {}
    assert two.db.read_now(accounts.get, account) is None


async def test_a_removal_that_is_broken_off_is_begun_again(two):
    two.mirror(["home"], "client")
    await two.settle()
    account = two.account("client")
    two.faults = unavailable(1)
    assert two.db.write_now(choose.part, two.alice.id, account, two.clock()) == 2
    await two.pass_time()
    assert two.ended == []
    await two.pass_time(60)
    assert two.ended == [account]
    assert two.db.read_now(accounts.get, account) is None


async def test_an_account_nobody_can_sign_in_to_any_more_is_not_waited_for(two):
    two.mirror(["home"], "client")
    await two.settle()
    account = two.account("client")
    assert two.db.write_now(choose.part, two.alice.id, account, two.clock()) == 2
    two.shelf("client").faults = [SignInExpired("sign in again")]
    await two.pass_time()
    assert two.ended == [account]


async def test_a_calendar_that_lives_here_takes_blocks_too(two):
    mirror = two.mirror(["home"], "local")
    await two.settle()
    held = two.db.read_now(mirrors.held, two.alice.id, two.row(mirror).mark)
    assert len(held) == 2
    assert len(two.members()) == 2
    two.shelf("home").erase("main", "two")
    await two.settle()
    assert len(two.db.read_now(mirrors.held, two.alice.id, two.row(mirror).mark)) == 1
    two.db.write_now(choose.stop, two.alice.id, mirror, two.clock())
    await two.settle()
    assert two.row(mirror) is None
    assert two.db.read_now(objects.uids, two.calendars["local"]) == []


async def test_blocks_in_the_words_that_were_chosen(two):
    mirror = two.mirror(["home"], "client", summary="Nicht da")
    await two.settle()
    assert all("SUMMARY:Nicht da\r\n" in text for text in two.shelf("client").texts().values())
    two.writes()
    assert two.mirror(["home"], "client") == mirror
    await two.settle()
    assert two.blocks("client") == [NINE, TEN]
    assert two.writes() == 2


@pytest.mark.parametrize(
    ("sources", "target", "more"),
    [
        pytest.param([], "client", {}, id="of nothing"),
        pytest.param(["home", "client"], "client", {}, id="of itself"),
        pytest.param(["home"], "feed", {}, id="into what cannot be written"),
        pytest.param(["home"], "client", {"days": 0}, id="no days"),
        pytest.param(["home"], "client", {"days": 366}, id="too many days"),
        pytest.param(["home"], "client", {"summary": "x" * 61}, id="a novel"),
        pytest.param(["home"], "client", {"summary": "two\nlines"}, id="two lines"),
    ],
)
def test_what_is_no_mirror(two, sources, target, more):
    two.add("feed", "feed", writable=False)
    with pytest.raises(UsageError):
        two.mirror(sources, target, **more)


def test_calendars_and_mirrors_of_others_are_out_of_reach(two):
    mirror = two.mirror(["home"], "client")
    for act in (
        lambda conn: choose.stop(conn, two.alice.id + 1, mirror, 0.0),
        lambda conn: choose.part(conn, two.alice.id + 1, two.account("client"), 0.0),
        lambda conn: choose.add(conn, two.alice.id + 1, [two.calendars["home"]], two.calendars["client"], now=0.0),
    ):
        with pytest.raises(NotFound):
            two.db.write_now(act)


async def test_somebody_who_is_faster_is_not_overwritten_blindly(two):
    """The block was moved by hand since we looked: its new version is taken in first, and then set right."""
    two.mirror(["home"], "client")
    await two.settle()
    shelf = two.shelf("client")
    [href] = [href for href, text in shelf.texts().items() if NINE[0] in text]
    shelf.edit("main", href, shelf.texts()[href].replace("T09", "T08"))
    two.shelf("home").erase("main", "one")
    await pull_account(two.sync, two.account("home"))
    await two.pass_time()
    for _ in range(3):
        await two.pass_time(60)
    await two.settle()
    assert two.blocks("client") == [TEN]
