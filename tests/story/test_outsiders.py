"""Somebody without an account here takes part by mail: invited, moved, cancelled; one mail for each change."""

import requests

from gateway.demo.mail import Caught
from gateway.ical.objects import read_lenient
from gateway.scheduling.itip import address
from gateway.store import objects
from tests.scheduling.imip.desk import event
from tests.story.stage import PATIENCE, Stage

ERIKA, CAROL, UID = "erika@extern.example", "carol@example.com", "outsiders-1"
PATH = f"/dav/calendars/carol/merged/{UID}.ics"


def put(stage: Stage, **changed: str) -> None:
    text = event(UID, organizer=CAROL, guest=ERIKA, **changed)
    answer = stage.http("PUT", PATH, text, user="carol", Content_Type="text/calendar; charset=utf-8")
    assert answer.status_code in {201, 204}, answer.text
    stage.pass_time(1)


def answer(stage: Stage, mail: Caught, word: str, **more: str) -> None:
    """On the demo's page of mails."""
    form = {"answer": word, **more}
    done = requests.post(f"{stage.base}/demo/mail/{mail.number}/answer", data=form, timeout=PATIENCE)
    assert done.url.endswith("?done=read"), done.url
    stage.pass_time(1)


def partstat(stage: Stage) -> str:
    rows = stage.read(objects.by_uid, stage.person("carol").id, UID)
    held = next(row.text for row in rows if "METHOD" not in row.text)
    lines = read_lenient(held).components[0].all("ATTENDEE")
    return next(line.param("PARTSTAT") or "" for line in lines if address(line) == ERIKA)


def test_an_outsider_takes_part_from_invitation_to_cancellation(stage):
    def mails() -> list[Caught]:
        return stage.world.mail.to(ERIKA)

    put(stage)
    answer(stage, mails()[-1], "COUNTER", start="2026-11-30T11:00")
    assert (len(mails()), partstat(stage)) == (1, "NEEDS-ACTION")

    put(stage, dtstart="DTSTART:20261130T100000Z", dtend="DTEND:20261130T110000Z")
    answer(stage, mails()[-1], "ACCEPTED")
    assert (len(mails()), partstat(stage)) == (2, "ACCEPTED")

    answer(stage, mails()[-1], "TENTATIVE")
    assert partstat(stage) == "TENTATIVE"

    assert stage.http("DELETE", PATH, user="carol").status_code == 204
    stage.pass_time(1)

    subjects = [one.message["Subject"].partition(":")[0] for one in mails()]
    assert subjects == ["Einladung", "Neue Zeit", "Abgesagt"]
    root, *later = [one.message for one in mails()]
    assert {one["References"] for one in later} == {root["Message-ID"]}
    methods = [read_lenient(one.calendar).calendar.text("METHOD") for one in mails()]
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert stage.world.mail.to(CAROL) == []
