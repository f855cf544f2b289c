"""An office whose mails can be read, and whose worker does what is due."""

import pytest

from gateway.booking import mails
from gateway.booking.follow import run_follow
from gateway.booking.rsvp import run_rsvp
from gateway.demo.mail import MailCatcher
from gateway.scheduling import implicit
from gateway.sync.wake import BOOKING, SETTLED
from gateway.sync.worker import Worker
from tests.booking.office import NOW, open_office


@pytest.fixture
async def caught():
    async with MailCatcher(lambda: NOW) as catcher:
        yield catcher


@pytest.fixture
def mailing(empty, tmp_path, caught):
    """An office whose mails are caught."""
    found = open_office(
        empty,
        tmp_path,
        server={"base_url": "https://cal.example"},
        mail={"smtp_url": caught.url, "from": "Calendar <calendar@gateway.example>"},
    )
    yield found
    found.db.close()


@pytest.fixture
def work(office):
    """Does all that is due once events have settled, and what comes of that."""
    kinds = {
        mails.MAIL: lambda job: mails.run_mail(office.desk, job),
        BOOKING: lambda job: run_follow(office.desk, job),
        implicit.RSVP: lambda job: run_rsvp(office.desk, job),
    }
    worker = Worker(office.sync, kinds)

    async def done():
        office.now += SETTLED
        await worker.run_due()
        await worker.run_due()

    return done
