"""/app/mails: every mail that people get, in each language, with example values."""

import asyncio
from email.message import EmailMessage
from itertools import groupby
from typing import Final

from aiohttp import web

from gateway.errors import NotFound
from gateway.scheduling.clock import LANGUAGES
from gateway.scheduling.examples import EXAMPLES, Reader, example
from gateway.web import sessions
from gateway.web.keys import CLOCK, SETTINGS
from gateway.web.language import NAMES, Language, msg
from gateway.web.policy import FRAMED, WITH_FRAME
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak

GROUPS: Final = {
    "guest": msg("To whoever books"),
    "third": msg("To guests"),
    "host": msg("To the host"),
    "event": msg("Invitations"),
    "answer": msg("Answers to invitations"),
    "account": msg("About your accounts"),
}


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    spoken = speak(request)
    asked, language = request.query.get("mail", ""), request.query.get("in", "")
    name = asked if asked in EXAMPLES else next(iter(EXAMPLES))
    reader = _reader(request, signed_in, language if language in LANGUAGES else spoken.code)
    mails = await asyncio.to_thread(_all, reader)
    shown = mails[name]
    text = shown.get_body(("plain",))
    values = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "groups": _groups(mails, spoken),
        "chosen": name,
        "read_in": reader.language,
        "mail_languages": {code: NAMES[code] for code in LANGUAGES},
        "mail": {
            "from": shown["From"],
            "to": shown["To"],
            "subject": shown["Subject"],
            "text": "" if text is None else text.get_content(),
            "files": [part.get_filename() for part in shown.iter_attachments()],
            "html": link(f"/app/mails/{name}.html", {}, **{"in": reader.language}),
        },
    }
    response = page(request, "mails.html", values, spoken=spoken)
    response.headers["Content-Security-Policy"] = WITH_FRAME
    return response


def _reader(request: web.Request, signed_in: SignedIn, language: str) -> Reader:
    return Reader(request.app[SETTINGS], language, signed_in.person.zone, int(request.app[CLOCK]()))


def _all(reader: Reader) -> dict[str, EmailMessage]:
    return {name: example(name, reader) for name in EXAMPLES}


def _groups(mails: dict[str, EmailMessage], spoken: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """Title of each group, and name and subject of its mails."""
    found = groupby(mails, lambda name: name.partition("-")[0])
    return [(spoken.text(GROUPS[key]), [(name, str(mails[name]["Subject"])) for name in names]) for key, names in found]


async def html(request: web.Request) -> web.Response:
    """The mail as readers with HTML see it."""
    signed_in = await sessions.required(request)
    name, language = request.match_info["name"], request.query.get("in", "")
    if name not in EXAMPLES or language not in LANGUAGES:
        raise NotFound("there is no such mail")
    body = example(name, _reader(request, signed_in, language)).get_body(("html",))
    headers = {"Content-Security-Policy": FRAMED, "Cache-Control": "no-store"}
    text = "" if body is None else str(body.get_content())
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)
