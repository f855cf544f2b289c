"""Mails as the programs of the world write them; each file of tests/data/imip says at its top what comes of it."""

from email import message_from_string
from pathlib import Path

import pytest

from gateway.scheduling.imip.take import take
from gateway.scheduling.implicit import deliver_mail
from gateway.store import members
from tests.scheduling.imip.desk import open_desk

FOLDER = Path(__file__).parents[2] / "data" / "imip"
MAILS = sorted(path.stem for path in FOLDER.glob("*.eml"))


def read_mail(name: str) -> tuple[str, bytes]:
    """(what has to come of it, the mail itself)."""
    text = (FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    return first.removeprefix("X-Test-Expects: "), rest.encode()


@pytest.mark.parametrize("name", MAILS)
async def test_a_mail_does_what_it_says(db, name):
    expects, raw = read_mail(name)
    authserv = "mx.example.com" if b"Authentication-Results" in raw else ""
    desk = open_desk(db, authserv=authserv)
    before = desk.texts

    reading = await take(desk.sync, raw, deliver_mail)

    wanted, _, answers = expects.partition("; ")
    verdict, _, more = wanted.partition(" ")
    said = reading.reason if verdict == "unclear" else " ".join(reading.outcomes)
    assert (str(reading.verdict), more in said) == (verdict, True), reading
    if answers:
        who, _, partstat = answers.partition("=")
        assert desk.partstats()[who] == partstat
    if verdict != "taken" or more in {"", "proposed", "unknown"}:
        assert desk.texts == before
    assert more not in {"new", "updated", "cancelled"} or desk.texts != before


@pytest.mark.parametrize("name", ["gmail-reply", "exchange-reply-without-organizer", "exchange-update", "gmail-cancel"])
async def test_the_same_mail_a_second_time_does_nothing(desk, name):
    _, raw = read_mail(name)
    await take(desk.sync, raw, deliver_mail)
    once = desk.texts
    inbox = desk.db.read_now(lambda conn: members.rev(conn, desk.alice.merged))

    again = await take(desk.sync, raw, deliver_mail)

    assert (again.outcomes, desk.texts) == ((), once)
    assert desk.db.read_now(lambda conn: members.rev(conn, desk.alice.merged)) == inbox


@pytest.mark.parametrize("name", MAILS)
async def test_a_mail_cut_off_anywhere_is_no_trouble(desk, name):
    _, raw = read_mail(name)
    for length in range(0, len(raw), max(1, len(raw) // 12)):
        await take(desk.sync, raw[:length], deliver_mail)


def test_the_files_are_mails():
    for name in MAILS:
        _, raw = read_mail(name)
        assert message_from_string(raw.decode())["From"], name
