"""Dora has no account here. She is booked together with Alice, as a colleague's cloud tells when she is busy."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import icalendar
import requests

from gateway.accounts.connect import add_account
from gateway.booking import offer
from gateway.booking.offer import Visit
from gateway.freebusy.busy import busy_seconds
from gateway.freebusy.others import asking_account
from gateway.store import bookings, members, principals, taken
from gateway.store.database import Connection
from gateway.store.taken import HostRow
from tests.cli.run import run
from tests.story.stage import BERLIN, PATIENCE, Stage
from tests.web.site import hidden

DORA = "dora@example.com"
GUEST = "gast@nordwind.example"


def command(stage: Stage, *words: str) -> str:
    folder = stage.world.folder
    done = run(folder, "--config", str(folder / "gateway.toml"), *words)
    assert done.status == 0, done.err
    return done.out


def join(stage: Stage) -> None:
    """As an admin does it, and a team's event type with both."""
    words = ("--email", DORA, "--display-name", "Dora Dahl", "--zone", "Europe/Berlin", "--kind", "outside")
    assert "has no account here" in command(stage, "user", "add", "dora", *words)
    asking = stage.read(asking_account, stage.person("alice").id, DORA)
    assert asking is not None
    stage.run(
        add_account(
            stage.parts.db, stage.parts.sealer, stage.parts.outside,
            user=stage.person("dora").id, kind="colleague", settings={"address": DORA, "through": str(asking.id)},
            now=int(stage.clock()),
        )
    )  # fmt: skip
    command(stage, "team", "join", "sales", "dora")

    def furnish(conn: Connection) -> None:
        people = {one.name: one.id for one in principals.everybody(conn)}
        title = {"title": "Together", "length": 30, "mode": "collective", "notice": 0}
        key = bookings.put_event_type(conn, people["sales"], "together", title, position=9)
        taken.set_hosts(conn, key, [HostRow(people["alice"]), HostRow(people["dora"])])

    stage.run(stage.parts.db.write(furnish))
    stage.pull()


def starts(stage: Stage, day: datetime) -> list[str]:
    """Clock times in Berlin that are offered on that date."""
    first = int(day.timestamp())

    def look(conn: Connection) -> list[int]:
        of = offer.bookable(conn, "sales", "together")
        return offer.starts(conn, of, Visit("Europe/Berlin", int(stage.clock()), 86_400), first, first + 86_400)

    return [f"{datetime.fromtimestamp(at, BERLIN):%H:%M}" for at in stage.read(look)]


def test_dora_takes_part_with_nothing_but_her_free_busy_time(stage: Stage) -> None:
    join(stage)

    # She is at meetings from 10 to 12 that Tuesday, which Google tells Alice.
    week = stage.world.week
    tuesday = datetime.combine(week.day(8), datetime.min.time(), BERLIN)
    offered = starts(stage, tuesday - timedelta(days=7))
    assert not {"10:00", "10:30", "11:00", "11:30"} & set(offered)
    free = starts(stage, tuesday)
    assert free, "a week later she is free"

    start = tuesday + timedelta(hours=int(free[-1][:2]), minutes=int(free[-1][3:]))
    form = {"name": "Gast", "email": GUEST, "start": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    page = f"{stage.base}/team/sales/together"
    answer = requests.post(page, data={**form, "zone": "Europe/Berlin"}, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    assert "Dora Dahl" in unescape(answer.text)
    stage.pass_time(60)
    uid = re.findall(r"/booking/([^?/]+)", answer.url)[0]

    row = stage.read(bookings.by_uid, uid)
    assert row is not None
    assert len(stage.read(taken.hosts_of, row.id)) == 2
    [mail] = [one for one in stage.world.mail.to(DORA) if uid in one.calendar]
    [event] = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")
    answers = {str(one).removeprefix("mailto:"): one.params["PARTSTAT"] for one in event["ATTENDEE"]}
    assert "METHOD:REQUEST" in mail.calendar
    assert str(event["ORGANIZER"]) == "mailto:alice@example.com"
    assert answers == {"alice@example.com": "ACCEPTED", DORA: "NEEDS-ACTION", GUEST: "ACCEPTED"}
    assert free[-1] not in starts(stage, tuesday), "it takes her time too"
    texts = stage.read(members.texts, stage.person("alice").merged)
    assert [uid in one.text for one in texts].count(True) == 1

    # She declines with her own calendar program: Alice hears of it, the booking stands.
    before = len(stage.world.mail.to("alice@example.com"))
    url = f"{stage.base}/demo/mail/{mail.number}/answer"
    requests.post(url, data={"answer": "DECLINED"}, timeout=PATIENCE)
    stage.pass_time(60)
    told = stage.world.mail.to("alice@example.com")[before:]
    assert ["Dora Dahl" in one.text for one in told] == [True]
    after = stage.read(bookings.by_uid, uid)
    assert after is not None
    assert after.status == "accepted"

    # Nobody can ask in her name, and she cannot sign in.
    assert (
        requests.request("PROPFIND", f"{stage.base}/dav/", auth=("dora", "demo"), timeout=PATIENCE).status_code == 401
    )

    # What cannot be found out for too long is not offered.
    later = tuesday + timedelta(days=1)
    assert starts(stage, later)
    stage.do(stage.world.google.fail_next, 503, 10_000)
    stage.pass_time(2 * 86_400)
    assert starts(stage, later) == []


def test_the_command_asks_through_somebody_of_that_domain(stage: Stage) -> None:
    stage.do(stage.world.google.recover)
    petra = "petra.kern@client.example"
    command(stage, "user", "add", "petra", "--email", petra, "--kind", "outside")
    folder = stage.world.folder
    config = ("--config", str(folder / "gateway.toml"))

    refused = run(folder, *config, "account", "add", "petra", "colleague", "--through", "carol")
    done = command(stage, "account", "add", "petra", "colleague", "--through", "alice")

    assert (refused.status, refused.lines) == (1, 1)
    assert "shares the domain" in refused.err
    assert petra in done
    again = run(folder, *config, "user", "add", "petra2", "--email", petra, "--kind", "outside")
    assert "belongs to somebody else" in again.err


def test_an_admin_of_the_team_adds_them_on_its_page(stage: Stage) -> None:
    with requests.Session() as browser:
        _adds_them(stage, browser)


def _adds_them(stage: Stage, browser: requests.Session) -> None:
    form = hidden(browser.get(f"{stage.base}/app/login", timeout=PATIENCE).text)
    browser.post(f"{stage.base}/app/login", data={**form, "name": "alice", "password": "demo"}, timeout=PATIENCE)
    csrf = hidden(browser.get(f"{stage.base}/app/team/sales", timeout=PATIENCE).text)["csrf"]

    def add(**typed: str) -> tuple[int, str]:
        fields = {"csrf": csrf, "title": "Nils <b>Nord</b>", "email": "nils@nordwind.example", "url": "", **typed}
        answer = browser.post(f"{stage.base}/app/team/sales/outsiders", data=fields, timeout=PATIENCE)
        return answer.status_code, answer.text

    refused = [
        add(),
        add(url="http://127.0.0.1:9/nils.ifb"),
        add(url="ftp://nordwind.example/nils.ifb"),
        add(url=f"{stage.base}/alice"),
        add(email="alice@example.com"),
        add(email="nils@nordwind.example, eve@nordwind.example"),
        add(title=""),
    ]
    assert [status for status, _ in refused] == [422] * len(refused)
    assert all("<b>" not in html.partition("outsiders")[2] for _, html in refused)
    assert stage.read(principals.by_name, "nils") is None, "nothing is half done"

    status, html = add(url=f"{stage.base}/freebusy/carol.ifb")
    assert status == 200, html
    nils = stage.person("nils")
    assert (nils.is_outside, nils.displayname) == (True, "Nils <b>Nord</b>")
    assert nils.id in {one.id for one in stage.read(principals.members_of, stage.person("sales").id)}
    assert "Nils &lt;b&gt;Nord&lt;/b&gt;" in html
    stage.pass_time(1)
    now = int(stage.clock())
    assert stage.read(busy_seconds, nils, now, now + 10 * 86_400), "Carol's, as she publishes them"
