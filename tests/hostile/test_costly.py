"""What is costly for one person is done beside the event loop, within bounds, and never all at once."""

import asyncio
import threading
from pathlib import Path

import pytest

from tests.hostile.test_objects import condition
from tests.whole import MERGED, Clock, Reply, Whole, event, running, settings

PATIENT = 60
BOBS = "/dav/calendars/bob/merged/"


class Held(Clock):
    """Whoever asks for the time beside the event loop waits until it goes on; the first `most` of them."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self.waiting = threading.Semaphore(0)
        self.goes_on = threading.Event()

    def hold(self, most: int) -> None:
        self.goes_on.clear()
        self.most = most

    def __call__(self) -> float:
        if self.most and threading.current_thread().name.startswith("read"):
            self.most -= 1
            self.waiting.release()
            self.goes_on.wait(PATIENT)
        return super().__call__()

    async def held(self, number: int) -> None:
        """Returns once so many wait."""
        for _ in range(number):
            assert await asyncio.to_thread(self.waiting.acquire, timeout=PATIENT)


async def question(whole: Whole) -> Reply:
    return await whole("PROPFIND", MERGED, Depth="1")


async def writing(whole: Whole, number: int) -> Reply:
    return await whole.put(f"{number}.ics", event(f"{number}"))


async def others_go_on(whole: Whole) -> None:
    assert (await whole("GET", "/healthz", user=None)).status == 200
    assert (await whole("PROPFIND", BOBS, user="bob", Depth="1")).status == 207
    reply = await whole("PUT", f"{BOBS}one.ics", event("one"), user="bob", Content_Type="text/calendar")
    assert reply.status in {201, 204}
    assert (await whole("GET", "/bob", user=None)).status in {200, 404}


async def test_one_persons_long_questions_stop_nobody_else(tmp_path: Path) -> None:
    clock = Held()
    async with running(settings(tmp_path), clock=clock) as whole, asyncio.timeout(PATIENT):
        clock.hold(2)
        asking = [asyncio.create_task(question(whole)) for _ in range(8)]
        await clock.held(2)  # all that she may have at once
        await others_go_on(whole)
        assert not any(task.done() for task in asking)
        clock.goes_on.set()
        assert {reply.status for reply in await asyncio.gather(*asking)} == {207}


async def test_one_persons_long_objects_stop_nobody_else(tmp_path: Path) -> None:
    clock = Held()
    async with running(settings(tmp_path), clock=clock) as whole, asyncio.timeout(PATIENT):
        await question(whole)  # signed in, so that only her objects ask for the time
        clock.hold(2)
        asking = [asyncio.create_task(writing(whole, number)) for number in range(8)]
        await clock.held(2)
        await others_go_on(whole)
        assert not any(task.done() for task in asking)
        clock.goes_on.set()
        assert {reply.status for reply in await asyncio.gather(*asking)} == {201}


COSTLY = ["RRULE:FREQ=HOURLY;INTERVAL=2", "EXRULE:FREQ=HOURLY;INTERVAL=2"]
"""Thousands of instances a year, all of them taken back."""
FAR = 'start="20900101T000000Z" end="20921201T000000Z"'


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ("<D:getetag/>", "<C:time-range {}/>"),
        (f"<C:calendar-data><C:expand {FAR}/></C:calendar-data>", ""),
        ("<D:getetag/>", '<C:prop-filter name="SUMMARY"/><C:time-range {}/>'),
    ],
    ids=["query", "expand", "filter"],
)
async def test_many_costly_objects_are_together_no_more_costly_than_a_few(
    tmp_path: Path, wanted: str, kind: str
) -> None:
    async with running(settings(tmp_path)) as whole:
        for number in range(40):
            assert (await whole.put(f"{number}.ics", event(f"{number}", *COSTLY))).status == 201
        inner = f'<C:comp-filter name="VEVENT">{kind.format(FAR)}</C:comp-filter>'
        query = f'<C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>'
        reply = await whole.report("C:calendar-query", f"<D:prop>{wanted}</D:prop>{query}")
        assert (reply.status, condition(reply)) == (507, "D:number-of-matches-within-limits")
        busy = await whole.report("C:free-busy-query", f"<C:time-range {FAR}/>")
        assert busy.status == 200
        assert "FREEBUSY" in busy.text.replace("VFREEBUSY", "")  # what cannot be counted is not free
