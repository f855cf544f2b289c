"""Clients that write while a page of the provider's changes is under way: the page is older than what they wrote."""

import pytest

from gateway.store import jobs, members
from gateway.sync.pull import pull_account
from gateway.sync.write import delete, put
from tests.fakes.shelf import Shelf
from tests.sync.objects import event


class Slow(Shelf):
    """meanwhile: done once, after a page was read at the provider and before it arrives here."""

    meanwhile = None

    async def changes(self, calendar, token):
        async for page in super().changes(calendar, token):
            action, self.meanwhile = self.meanwhile, None
            if action is not None:
                await action()
            yield page


@pytest.fixture(params=["caldav", "google"])
async def account(request, sync, connect, shelves):
    key = connect(request.param)
    shelves[key] = Slow(verbatim=request.param == "caldav")
    shelves[key].add_calendar("main", primary=True)
    await pull_account(sync, key)
    return key


def summary(text):
    return next(line[8:] for line in text.splitlines() if line.startswith("SUMMARY:"))


@pytest.mark.parametrize("full", [False, True])
async def test_a_later_edit_stays(sync, alice, account, shelves, served, full):
    shelf = shelves[account]
    await put(sync, alice, "a.ics", event("a", "First"))
    shelf.meanwhile = lambda: put(sync, alice, "a.ics", event("a", "Second"))

    await pull_account(sync, account, full=full)

    assert [summary(text) for text in served().values()] == ["Second"]
    await pull_account(sync, account)
    assert [summary(text) for text in served().values()] == ["Second"]
    assert [summary(text) for text in shelf.texts().values()] == ["Second"]


@pytest.mark.parametrize("full", [False, True])
async def test_what_was_deleted_does_not_come_back(sync, alice, account, shelves, served, db, full):
    await put(sync, alice, "a.ics", event("a", "First"))
    shelves[account].meanwhile = lambda: delete(sync, alice, "a.ics")

    await pull_account(sync, account, full=full)

    assert served() == {}
    await pull_account(sync, account)
    assert served() == {}
    assert db.read_now(members.by_href, alice.merged, "a.ics").deleted
    assert db.read_now(jobs.waiting, "push", alice.id) == []


async def test_what_others_changed_since_then_comes_with_the_next_pull(sync, alice, account, shelves, served):
    shelf = shelves[account]
    await put(sync, alice, "a.ics", event("a", "First"))

    async def both():
        await put(sync, alice, "a.ics", event("a", "Second"))
        [href] = shelf.texts()
        shelf.edit("main", href, shelf.texts()[href].replace("Second", "Theirs"))
        shelf.edit("main", "other.ics", event("b", "Other"))

    shelf.meanwhile = both
    await pull_account(sync, account)
    await pull_account(sync, account)

    assert sorted(summary(text) for text in served().values()) == ["Other", "Theirs"]
