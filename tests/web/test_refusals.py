"""What a provider would not have after all is said until its owner has seen it."""

import pytest

from gateway.store import accounts, principals, refusals
from tests.web.site import hidden, sign_in, text


@pytest.fixture
def calendar(office):
    """A further calendar of Alice's."""
    office.connect()
    return lambda: next(row for row in office.db.read_now(accounts.calendars, office.alice.id) if row.kind == "caldav")


async def test_a_change_that_was_not_taken_stays_until_it_is_dismissed(client, office, calendar):
    account = calendar().account_id
    user = office.alice.id
    said = "the server refused (403)"
    office.db.write_now(refusals.add, user, account, "u@example.com", "Jour <fixe>", said, 1, trouble="refused")
    await sign_in(client)

    html = await text(await client.get("/app"))
    assert "Changes that were not accepted" in html
    assert "Jour &lt;fixe&gt;" in html
    assert "the server refused (403)" in html
    assert "CalDAV refused the change." in html

    [found] = office.db.read_now(refusals.of_user, user)
    address = f"/app/refusals/{found.id}"
    assert (await client.post(address)).status == 403
    answer = await client.post(address, data=hidden(html), allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/app")
    assert "Changes that were not accepted" not in await text(await client.get("/app"))


async def test_nobody_dismisses_what_is_not_theirs(client, office, calendar):
    other = office.db.write_now(principals.add, name="brenda", email="brenda@example.com", zone="UTC", created=1)
    account = office.db.write_now(accounts.add, other, "caldav", "", {}, None, 1)
    office.db.write_now(refusals.add, other, account, "u@example.com", "Brenda's", "no", 1, trouble="refused")
    await sign_in(client)
    html = await text(await client.get("/app"))
    assert "Brenda" not in html

    [found] = office.db.read_now(refusals.of_user, other)
    await client.post(f"/app/refusals/{found.id}", data=hidden(html))
    assert office.db.read_now(refusals.of_user, other) == [found]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("refused", "CalDAV hat die Änderung abgelehnt."),
        ("read-only", "Der Kalender dort nimmt keine Änderungen an."),
        ("gone", "ist dort nicht mehr vorhanden."),
    ],
)
async def test_why_is_said_in_the_readers_language_and_then_quoted(client, office, calendar, trouble, said):
    account, words = calendar().account_id, "their <own> words"
    office.db.write_now(refusals.add, office.alice.id, account, "u@example.com", "Jour", words, 1, trouble=trouble)
    await sign_in(client)

    html = await text(await client.get("/app", params={"lang": "de"}))

    assert "Nicht übernommene Änderungen" in html
    assert said in html
    assert '<summary>Der genaue Wortlaut</summary><p class="reason" lang="en">their &lt;own&gt; words</p>' in html
