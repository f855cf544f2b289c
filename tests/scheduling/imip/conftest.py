from collections.abc import Iterator

import pytest

from tests.fakes.dovecot import MISSING, Dovecot, installed, running_dovecot
from tests.scheduling.imip.desk import open_desk


@pytest.fixture
def desk(db):
    return open_desk(db, authserv="", invitations="verified")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One real server for the whole run; each test takes a mailbox of its own."""
    if not installed():
        pytest.skip(MISSING)
    with running_dovecot() as server:
        yield server
