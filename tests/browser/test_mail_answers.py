"""The demo's mails, and an answer to one of them as whoever has no account here: out as a mail, back as a mail."""

import pytest
from playwright.async_api import expect

from gateway.ical.objects import read_lenient
from gateway.scheduling.itip import address
from gateway.store import objects
from tests.browser.looking import PHONE, look
from tests.scheduling.imip.desk import event
from tests.story.stage import Stage

ERIKA = "erika@extern.example"
CAROL = "carol@example.com"
ALICE = "alice@example.com"
WORDS = {
    "en-GB": ("Accept", "Propose this time", "It is in the calendar now", "Begins"),
    "de-DE": ("Zusagen", "Diese Zeit vorschlagen", "Sie steht jetzt im Kalender", "Beginn"),
}


def invite(stage: Stage, uid: str) -> int:
    """Carol's client invites somebody; the number of the mail that goes out."""
    before = len(stage.world.mail.messages)
    text = event(uid, organizer=CAROL, guest=ERIKA)
    path = f"/dav/calendars/carol/merged/{uid}.ics"
    answer = stage.http("PUT", path, text, user="carol", Content_Type="text/calendar; charset=utf-8")
    assert answer.status_code == 201, answer.text
    stage.pass_time(1)
    [mail] = stage.world.mail.messages[before:]
    return mail.number


def partstat(stage: Stage, uid: str) -> str:
    rows = stage.read(objects.by_uid, stage.person("carol").id, uid)
    lines = [line for row in rows for line in read_lenient(row.text).components[0].all("ATTENDEE")]
    return next(line.param("PARTSTAT") or "" for line in lines if address(line) == ERIKA)


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
async def test_an_outsider_answers_on_the_page_of_mails(stage, visit, tmp_path, locale, device):
    accept, _, came, _ = WORDS[locale]
    uid = f"answer-{locale}-{len(device)}"
    number = invite(stage, uid)

    page = await visit("/demo/mail", locale=locale, **device)
    await look(page, tmp_path, "mails")
    form = page.locator(f'form[action="/demo/mail/{number}/answer"]')
    await form.get_by_role("button", name=accept, exact=True).click()

    await expect(page.get_by_role("status")).to_contain_text(came)
    assert partstat(stage, uid) == "ACCEPTED"


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
async def test_a_mail_of_a_cloud_is_marked_and_answered(stage, visit, tmp_path, locale, device):
    accept, _, came, _ = WORDS[locale]
    uid = f"cloud-{locale}-{len(device)}"
    before = len(stage.world.mail.messages)
    text = event(uid, organizer=ALICE, guest=ERIKA)
    answer = stage.http("PUT", f"/dav/calendars/alice/merged/{uid}.ics", text, Content_Type="text/calendar")
    assert answer.status_code == 201, answer.text
    [mail] = stage.world.mail.messages[before:]

    page = await visit("/demo/mail", locale=locale, **device)
    await look(page, tmp_path, "mails-of-clouds")
    article = page.locator("article").first
    await expect(article.get_by_text("Google", exact=True)).to_be_visible()
    form = article.locator(f'form[action="/demo/mail/{mail.number}/answer"]')
    await form.get_by_role("button", name=accept, exact=True).click()

    await expect(page.get_by_role("status")).to_contain_text(came)
    [there] = [one for one in stage.do(stage.world.google.events, ALICE) if one["iCalUID"] == uid]
    assert {one["email"]: one["responseStatus"] for one in there["attendees"]}[ERIKA] == "accepted"


async def test_an_outsider_proposes_another_time(stage, visit):
    _, propose, came, begins = WORDS["en-GB"]
    number = invite(stage, "proposal")

    page = await visit("/demo/mail", locale="en-GB")
    form = page.locator(f'form[action="/demo/mail/{number}/answer"]')
    await form.get_by_label(begins).fill("2026-12-01T15:00")
    await form.get_by_role("button", name=propose).click()

    await expect(page.get_by_role("status")).to_contain_text(came)
    assert partstat(stage, "proposal") == "NEEDS-ACTION"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_mail_can_be_read_in_any_light(stage, visit, tmp_path, scheme):
    number = invite(stage, f"mail-{scheme}")

    page = await visit(f"/demo/mail/{number}.html", color_scheme=scheme, **PHONE)

    await look(page, tmp_path, "mail")
    await expect(page.get_by_role("heading", name="Project")).to_be_visible()
