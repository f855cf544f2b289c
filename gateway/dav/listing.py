"""What a browser is shown of a collection: a plain page of links, in German or English."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from html import escape
from typing import Final

from babel.dates import format_date

from gateway.dav import acl
from gateway.dav.answer import Answer
from gateway.dav.paths import On, encode, home_path, principal_path
from gateway.dav.properties.principals import members_named
from gateway.dav.properties.rights import writable
from gateway.dav.resources import DELEGATES, Resource, Role
from gateway.dav.sight import seen
from gateway.errors import GatewayError
from gateway.ical.objects import read_lenient
from gateway.store import members, principals
from gateway.store.principals import Principal

HTML: Final = "text/html; charset=utf-8"
MOST: Final = 200
"""Entries of a calendar that are listed, the latest ones."""

STYLE: Final = (
    ":root{color-scheme:light dark;--text:#1c1f24;--calm:#5c6470;--line:#e3e6ea;--link:#1f5fae;--page:#fff}"
    "@media(prefers-color-scheme:dark){:root{--text:#e6e8eb;--calm:#9aa3af;--line:#31363d;--link:#8ab8f5;--page:#15181c}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);max-width:44rem;margin:0 auto;"
    "padding:24px 16px}h1{font-size:1.5rem;line-height:1.25;margin:16px 0 8px}p,nav{color:var(--calm);margin:0 0 16px}"
    "a{color:var(--link)}ul{list-style:none;margin:0;padding:0}li{display:flex;flex-wrap:wrap;gap:0 16px;"
    "justify-content:space-between;align-items:center;min-height:44px;border-top:1px solid var(--line)}"
    "li a{padding:8px 0;overflow-wrap:anywhere}li span{color:var(--calm)}code{overflow-wrap:anywhere}"
)
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "root": "Calendars on this server",
        "principals": "People and teams",
        "homes": "Calendars",
        "home": "Calendars of {name}",
        "merged": "All calendars in one",
        "inbox": "Inbox",
        "outbox": "Outbox",
        "person": "Person",
        "team": "Team",
        "separate": "Calendar of its own",
        "read only": "Read only",
        "messages": "Invitations and answers, for calendar apps",
        "sending": "Calendar apps ask here when others are free",
        "address": "Address for calendar apps:",
        "export": "Download as iCalendar file",
        "entries": "Entries: {n}",
        "latest": "Entries: {n}, the latest {most} of them are listed",
        "untitled": "Without a title",
        "readers": "Who may look at the calendars of {name}",
        "writers": "Who may change what is in the calendars of {name}",
        "yours": "Your calendars",
        "app": "Set up your calendars",
    },
    "de": {
        "root": "Kalender auf diesem Server",
        "principals": "Personen und Teams",
        "homes": "Kalender",
        "home": "Kalender von {name}",
        "merged": "Alle Kalender in einem",
        "inbox": "Eingang",
        "outbox": "Ausgang",
        "person": "Person",
        "team": "Team",
        "separate": "Eigener Kalender",
        "read only": "Nur lesbar",
        "messages": "Einladungen und Antworten, für Kalender-Apps",
        "sending": "Hier fragen Kalender-Apps, wann andere Zeit haben",
        "address": "Adresse für Kalender-Apps:",
        "export": "Als iCalendar-Datei herunterladen",
        "entries": "Einträge: {n}",
        "latest": "Einträge: {n}, die letzten {most} davon sind aufgeführt",
        "untitled": "Ohne Titel",
        "readers": "Wer die Kalender von {name} lesen darf",
        "writers": "Wer die Kalender von {name} lesen und ändern darf",
        "yours": "Ihre Kalender",
        "app": "Ihre Kalender einrichten",
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """path: "" where it leads nowhere."""

    path: str
    label: str
    note: str = ""


def weighed(header: str) -> dict[str, float]:
    """What a header such as Accept names, in lower case -> how much it is wanted."""
    found: dict[str, float] = {}
    for part in header.split(",")[:50]:
        name, *params = part.lower().split(";")
        given = [value for key, _, value in (param.partition("=") for param in params) if key.strip() == "q"]
        try:
            found.setdefault(name.strip(), float(given[0]) if given else 1.0)
        except ValueError:
            continue
    return found


def wants_page(accept: str) -> bool:
    """Whether a page is wanted rather than the calendar itself: as browsers say it, and nobody else."""
    wanted = weighed(accept)
    page = wanted.get("text/html", 0.0)
    return page > 0 and page >= wanted.get("text/calendar", 0.0)


def language(accepted: str, locale: str) -> str:
    """de or en. locale: of who asks, where the browser does not say."""
    wanted = {tag.partition("-")[0]: weight for tag, weight in weighed(accepted).items() if weight > 0}
    known = [tag for tag in wanted if tag in WORDS]
    if known:
        return max(known, key=lambda tag: wanted[tag])
    return locale[:2] if locale[:2] in WORDS else "en"


def page(resource: Resource, code: str) -> Answer:
    """code: of a language."""
    words = WORDS[code]
    title, told, lines = _content(resource, words, code)
    inner = "".join(f"<li>{_link(line.path, line.label)}<span>{escape(line.note)}</span></li>" for line in lines)
    crumbs = " / ".join(_link(one.path, one.label) for one in _above(resource, words))
    text = (
        f'<!doctype html>\n<html lang="{code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><nav>{crumbs}</nav>"
        f"<main><h1>{escape(title)}</h1>{told}<ul>{inner}</ul></main></body></html>\n"
    )
    body = text.encode()
    headers = {
        "ETag": f'"{blake2b(body, digest_size=12).hexdigest()}"',
        "Cache-Control": "private, no-cache",
        "Content-Language": code,
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
    }
    return Answer(200, body, HTML, headers)


def _link(path: str, label: str) -> str:
    return f'<a href="{escape(path)}">{escape(label)}</a>' if path else f"<span>{escape(label)}</span>"


def _above(resource: Resource, words: Mapping[str, str]) -> Iterator[Line]:
    if resource.on is On.ROOT:
        return
    yield Line("/dav/", words["root"])
    if resource.on in On.SOMEBODY | On.PROXIES:
        yield Line("/dav/principals/", words["principals"])
    if resource.on in On.PROXIES:
        yield Line(principal_path(resource.owner.name), resource.owner.displayname)
    elif resource.on in On.LISTS | On.OUTBOX:
        yield Line(home_path(resource.owner.name), words["home"].format(name=resource.owner.displayname))


def _content(resource: Resource, words: Mapping[str, str], code: str) -> tuple[str, str, list[Line]]:
    """(title, HTML below it, what is listed)."""
    on, view = resource.on, resource.view
    if on in On.LISTS:
        return _members(resource, words, code)
    if on is On.ROOT:
        mine = Line(home_path(view.asker.name), words["yours"])
        return words["root"], "", [mine, Line("/dav/principals/", words["principals"]), Line("/app", words["app"])]
    if on is On.PRINCIPALS:
        return words["principals"], "", [_who(one, words) for one in acl.visible(view)]
    if on in On.SOMEBODY:
        return resource.owner.displayname, f"<p>{escape(resource.owner.email)}</p>", list(_around(resource, words))
    if on in On.PROXIES:
        title = words["readers" if on is On.READERS else "writers"].format(name=resource.owner.displayname)
        return title, "", [_who(one, words) for one in members_named(resource)]
    if on is On.HOMES:
        others = [one for one in acl.visible(view) if view.role(one) in DELEGATES]
        theirs = [Line(home_path(one.name), words["home"].format(name=one.displayname)) for one in others]
        return words["homes"], "", [Line(home_path(view.asker.name), words["yours"]), *theirs]
    if on is On.OUTBOX:
        return words["outbox"], f"<p>{words['sending']}</p>", []
    title = words["home"].format(name=resource.owner.displayname)
    return title, "", [Line(one.path, *_called(one, words)) for one in acl.shown(resource)]


def _who(one: Principal, words: Mapping[str, str]) -> Line:
    return Line(principal_path(one.name), one.displayname, words["team" if one.is_team else "person"])


def _around(resource: Resource, words: Mapping[str, str]) -> Iterator[Line]:
    """Of a person their calendars, if they are the asker's; of a team its members."""
    if resource.is_mine:
        yield Line(home_path(resource.owner.name), words["yours"])
    elif resource.role in DELEGATES:
        yield Line(home_path(resource.owner.name), words["home"].format(name=resource.owner.displayname))
    for one in principals.members_of(resource.view.conn, resource.owner.id) if resource.owner.is_team else ():
        yield Line(principal_path(one.name), one.displayname, words["person"])


def _called(resource: Resource, words: Mapping[str, str]) -> tuple[str, str]:
    if resource.on is On.SEPARATE and resource.source is not None:
        return resource.source.displayname, words["separate" if writable(resource) else "read only"]
    notes = {On.INBOX: "messages", On.OUTBOX: "sending"}
    name = {On.INBOX: "inbox", On.OUTBOX: "outbox"}.get(resource.on, "merged")
    return words[name], words[notes[resource.on]] if resource.on in notes else ""


def _members(resource: Resource, words: Mapping[str, str], code: str) -> tuple[str, str, list[Line]]:
    count, rows = members.latest(resource.view.conn, resource.collection.id, MOST)
    said = words["entries" if count <= MOST else "latest"].format(n=count, most=MOST)
    address = resource.view.settings.server.base_url + resource.path
    told = f"<p>{words['address']} <code>{escape(address)}</code></p>"
    if resource.on in On.CALENDARS:
        told += f"<p>{_link(resource.path + '?export', words['export'])}</p>"
    told += f"<p>{said}</p>"
    titles = _titles(resource, [row.href for row in rows])
    lines = [
        Line(
            resource.base + encode(row.href),
            titles.get(row.href, row.summary) or words["untitled"],
            _day(resource, row.first, code),
        )
        for row in rows
    ]
    return _called(resource, words)[0], told, lines


def _titles(resource: Resource, hrefs: list[str]) -> Mapping[str, str]:
    """Name -> title, where the asker may not see all of them."""
    if resource.role is not Role.READER:
        return {}
    texts = {
        row.href: row.text for row in seen(resource, members.texts(resource.view.conn, resource.collection.id, hrefs))
    }
    return {name: _title(texts[name]) if name in texts else "" for name in hrefs}


def _title(text: str) -> str:
    try:
        return next((one.text("SUMMARY") for one in read_lenient(text).components), "")
    except GatewayError:
        return ""


def _day(resource: Resource, first: int, code: str) -> str:
    try:
        day = datetime.fromtimestamp(first, UTC).astimezone(resource.zone)
    except (OverflowError, ValueError, OSError):
        return ""
    return str(format_date(day.date(), "medium", locale=code))
