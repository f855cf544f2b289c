"""The mail to somebody whose sign-in at a provider has ended."""

import pytest

from gateway.accounts.people import add_person
from gateway.config import Mail, Server, Settings
from gateway.demo.mail import MailCatcher
from gateway.errors import MailUnavailable
from gateway.scheduling.signed_out import KIND, WORDS, compose, run_signed_out
from gateway.store import accounts, jobs, principals
from gateway.sync.context import Sync

NOW = 1_795_262_400
SENDER = "Calendar <calendar@example.com>"
BASE = "https://calendar.example.com"
SETTINGS = Settings(server=Server(base_url=BASE), mail=Mail.model_validate({"from": SENDER}))


@pytest.fixture
async def catcher():
    catcher = MailCatcher(lambda: NOW, lambda: None)
    await catcher.start()
    yield catcher
    await catcher.stop()


@pytest.fixture
def make_sync(db):
    def make(smtp_url):
        mail = Mail.model_validate({"smtp_url": smtp_url, "from": SENDER})
        settings = Settings(server=Server(base_url=BASE), mail=mail)
        return Sync(db, settings, lambda _row: None, lambda: float(NOW))

    return make


@pytest.fixture
def account(db):
    def fill(conn):
        owner = add_person(conn, "alice", "alice@example.com", displayname="Alice Weber", locale="de", now=1)
        key = accounts.add(conn, owner, "google", "alice@gmail.example", {}, b"x", 1)
        accounts.change(conn, key, state="signed-out", trouble="signed-out", error="Google said: invalid_grant")
        jobs.add(conn, KIND, f"account {key}", {"account": key, "since": NOW}, due=NOW, user=owner)
        return key

    return db.write_now(fill)


def job_of(db, account):
    return db.read_now(jobs.get, KIND, f"account {account}")


async def test_it_is_in_the_owners_language_with_a_link(db, make_sync, account, catcher):
    await run_signed_out(make_sync(catcher.url), job_of(db, account))

    [mail] = catcher.messages
    assert mail.recipients == ("alice@example.com",)
    assert mail.message["Subject"] == "Bitte melden Sie sich wieder an: Google, alice@gmail.example"
    assert mail.message["To"] == "Alice Weber <alice@example.com>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Content-Language"] == "de"
    for shown in (mail.text, mail.html):
        assert f"{BASE}/app/accounts/{account}" in shown
        assert "alice@gmail.example" in shown
        assert "invalid_grant" not in shown


async def test_sent_twice_it_is_one_to_its_reader(db, make_sync, account, catcher):
    for _ in range(2):
        await run_signed_out(make_sync(catcher.url), job_of(db, account))
    assert len({mail.message["Message-ID"] for mail in catcher.messages}) == 1


@pytest.mark.parametrize("state", ["ok", "failing"])
async def test_whoever_signed_in_again_meanwhile_gets_none(db, make_sync, account, catcher, state):
    db.write_now(accounts.change, account, state=state)
    await run_signed_out(make_sync(catcher.url), job_of(db, account))
    assert catcher.messages == []


async def test_of_an_account_that_is_gone_there_is_none(db, make_sync, account, catcher):
    job = job_of(db, account)
    db.write_now(accounts.remove, account)
    await run_signed_out(make_sync(catcher.url), job)
    assert catcher.messages == []


async def test_without_a_mail_server_nothing_is_sent(db, make_sync, account):
    await run_signed_out(make_sync(""), job_of(db, account))


async def test_a_mail_server_that_is_away_is_tried_again(db, make_sync, account, catcher):
    url = catcher.url
    await catcher.stop()
    with pytest.raises(MailUnavailable):
        await run_signed_out(make_sync(url), job_of(db, account))


@pytest.mark.parametrize(
    ("locale", "trouble", "words"),
    [
        ("en", "signed-out", WORDS["en"].ended),
        ("en_GB", "too-little", WORDS["en"].too_little),
        ("de_AT", "signed-out", WORDS["de"].ended),
        ("de", "too-little", WORDS["de"].too_little),
        ("es_MX", "signed-out", WORDS["es"].ended),
        ("fr", "too-little", WORDS["fr"].too_little),
        ("it", "signed-out", WORDS["en"].ended),
    ],
)
def test_words(db, account, locale, trouble, words):
    row = db.read_now(accounts.get, account)
    db.write_now(principals.change, row.user_id, {"locale": locale})
    db.write_now(accounts.change, account, trouble=trouble)
    row, owner = db.read_now(accounts.get, account), db.read_now(principals.by_id, row.user_id)

    message = compose(row, owner, NOW, SETTINGS)

    body = message.get_body(("plain",)).get_content()
    assert words.format(account="alice@gmail.example", provider="Google") in body


def test_a_name_cannot_forge_a_header(db, account):
    db.write_now(accounts.change, account, displayname="x\r\nBcc: everyone@example.com")
    row = db.read_now(accounts.get, account)
    message = compose(row, db.read_now(principals.by_id, row.user_id), NOW, SETTINGS)
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
