"""Pages of the demo alone: the mails that were sent, and what happens at the simulated providers."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web

from gateway.app import PARTS
from gateway.demo import outsider
from gateway.demo.letters import cloud_of
from gateway.demo.mail import Caught
from gateway.demo.microsoft.mailbox import event_id
from gateway.demo.seed import at_google, at_microsoft
from gateway.demo.seed.week import WINDOWS_ZONE, ZONE
from gateway.demo.words import WORDS
from gateway.demo.world import World
from gateway.ical.zones import iana
from gateway.scheduling.imip.take import take
from gateway.scheduling.implicit import deliver_mail
from gateway.scheduling.itip import Outcome
from gateway.web import keys
from gateway.web.language import Language
from gateway.web.render import page, templates
from gateway.web.routes import surface
from gateway.web.visitor import speak

HERE: Final = Path(__file__).parent / "templates"
WORLD: Final = web.AppKey("demo.world", World)
HOUR: Final = timedelta(hours=1)


def add_routes(app: web.Application, world: World) -> None:
    """Before those of gateway.web, as /demo would be somebody's name there."""
    app[WORLD] = world
    routes = (
        ("GET", "/demo", show),
        ("GET", "/demo/demo.css", style),
        ("POST", "/demo/{provider:google|microsoft}", act),
        ("GET", "/demo/mail", mails),
        ("GET", "/demo/mail.json", mails_json),
        ("GET", "/demo/mail/{number:[0-9]{1,9}}.html", mail_html),
        ("POST", "/demo/mail/{number:[0-9]{1,9}}/answer", answer_mail),
    )
    for method, path, do in routes:
        app.router.add_route(method, path, surface(do))
    app.on_startup.append(_add_templates)  # the pages', which ours extend, are set up by then


async def _add_templates(app: web.Application) -> None:
    templates(app, jinja2.FileSystemLoader(HERE))


async def style(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(HERE / "demo.css")


def _said(request: web.Request) -> Mapping[str, str]:
    return WORDS[speak(request).code]


async def show(request: web.Request) -> web.Response:
    world, spoken = request.app[WORLD], speak(request)
    begin = (world.week.day(2), "15:00")
    google, microsoft = _google(world), _microsoft(world)
    values = {
        "said": _said(request),
        "done": request.query.get("done", ""),
        "mails": len(world.mail.messages),
        "start": f"{begin[0]:%Y-%m-%d}T{begin[1]}",
        "connections": {
            "google": world.google.settings().permissions_url,
            "microsoft": f"{world.microsoft.pages}/connections",
        },
        "providers": [
            {"name": "google", "title": f"Google: {at_google.ALICE}", "events": _listed(google, spoken)},
            {"name": "microsoft", "title": f"Outlook: {at_microsoft.ALICE}", "events": _listed(microsoft, spoken)},
        ],
    }
    return page(request, "demo.html", values)


def _listed(events: Iterator[dict[str, Any]], spoken: Language) -> list[dict[str, Any]]:
    """Series by when they began, then the rest; times as Alice's clock shows them."""
    found = sorted(events, key=lambda event: str(event["start"]))
    return [{**event, "start": _shown(event["start"], spoken)} for event in found]


def _shown(start: date | datetime, spoken: Language) -> str:
    if not isinstance(start, datetime):
        return spoken.brief_day(start)
    return f"{spoken.brief_day(start.date())}, {spoken.clock(start)}"


def _google(world: World) -> Iterator[dict[str, Any]]:
    for event in world.google.events(at_google.ALICE):
        if "recurringEventId" not in event:
            begin = event["start"]
            start = _local(begin["dateTime"], ZONE) if "dateTime" in begin else date.fromisoformat(begin["date"])
            shown = {"id": event["id"], "summary": event.get("summary", ""), "start": start}
            yield {**shown, "series": "recurrence" in event}


def _microsoft(world: World) -> Iterator[dict[str, Any]]:
    boxes = world.microsoft.boxes
    for event in boxes.events.values():
        if event.mailbox == at_microsoft.ALICE and event.series is None:
            begin = _local(event.body["start"]["dateTime"], event.body["start"]["timeZone"])
            start = begin.date() if event.body.get("isAllDay") else begin
            shown = {"id": event_id(event, immutable=True), "summary": event.body["subject"], "start": start}
            yield {**shown, "series": bool(event.body.get("recurrence"))}


def _local(clock: str, zone: str) -> datetime:
    """zone: of a clock time without an offset; a Windows name too."""
    given = datetime.fromisoformat(clock)
    known = given if given.tzinfo else given.replace(tzinfo=ZoneInfo(iana(zone) or zone))
    return known.astimezone(ZoneInfo(ZONE))


async def act(request: web.Request) -> web.Response:
    """The same as JSON or as a form: do=add (summary, start), do=move or do=delete (id)."""
    posted: dict[str, Any] = (
        await request.json() if request.content_type == "application/json" else dict(await request.post())
    )
    do, world = str(posted.get("do", "")), request.app[WORLD]
    try:
        change = GOOGLE if request.match_info["provider"] == "google" else MICROSOFT
        identifier = change[do](world, posted)
    except (KeyError, ValueError) as error:
        raise web.HTTPBadRequest(text=f"do=add|move|delete, with what it needs: {error}") from error
    if request.content_type == "application/json":
        return web.json_response({"id": identifier})
    raise web.HTTPSeeOther("/demo?done=1")


def _when(posted: dict[str, Any]) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(str(posted["start"]))
    return start, start + HOUR


def _add_at_google(world: World, posted: dict[str, Any]) -> str:
    start, end = ({"dateTime": one.isoformat(), "timeZone": ZONE} for one in _when(posted))
    made = world.google.add_event(at_google.ALICE, {"summary": str(posted["summary"]), "start": start, "end": end})
    return str(made["id"])


def _move_at_google(world: World, posted: dict[str, Any]) -> str:
    world.google.move_event(at_google.ALICE, str(posted["id"]), HOUR)
    return str(posted["id"])


def _delete_at_google(world: World, posted: dict[str, Any]) -> str:
    world.google.delete_event(at_google.ALICE, str(posted["id"]))
    return str(posted["id"])


def _add_at_microsoft(world: World, posted: dict[str, Any]) -> str:
    start, end = ({"dateTime": one.isoformat(), "timeZone": WINDOWS_ZONE} for one in _when(posted))
    calendar = next(row.id for row in world.microsoft.boxes.calendars_of(at_microsoft.ALICE) if row.default)
    return world.microsoft.add_event(calendar, {"subject": str(posted["summary"]), "start": start, "end": end})


def _move_at_microsoft(world: World, posted: dict[str, Any]) -> str:
    identifier = str(posted["id"])
    event = world.microsoft.event(identifier)
    times = {
        name: {
            "dateTime": (datetime.fromisoformat(event[name]["dateTime"]) + HOUR).isoformat(),
            "timeZone": event[name]["timeZone"],
        }
        for name in ("start", "end")
    }
    world.microsoft.change(identifier, times)
    return identifier


def _delete_at_microsoft(world: World, posted: dict[str, Any]) -> str:
    world.microsoft.delete(str(posted["id"]))
    return str(posted["id"])


GOOGLE: Final = {"add": _add_at_google, "move": _move_at_google, "delete": _delete_at_google}
MICROSOFT: Final = {"add": _add_at_microsoft, "move": _move_at_microsoft, "delete": _delete_at_microsoft}


async def mails(request: web.Request) -> web.Response:
    caught = request.app[WORLD].mail.messages
    db = request.app[keys.DATABASE]
    open_ = {one.number for one in caught if await outsider.may_answer(db, one)}
    shown = [
        {**one.summary(), "cloud": cloud_of(one.calendar), "open": one.number in open_} for one in reversed(caught)
    ]
    values = {"mails": shown, "said": _said(request), "done": request.query.get("done", "")}
    return page(request, "demo_mail.html", values)


async def answer_mail(request: web.Request) -> web.Response:
    """As whoever was invited: answer=ACCEPTED|TENTATIVE|DECLINED, or COUNTER with start. A mail goes back, and is read
    as one that came into the mailbox.
    """
    number = int(request.match_info["number"])
    caught = next((one for one in request.app[WORLD].mail.messages if one.number == number), None)
    if caught is None or not await outsider.may_answer(request.app[keys.DATABASE], caught):
        raise web.HTTPNotFound
    posted = await request.post()
    word, now = str(posted.get("answer", "")), int(request.app[keys.CLOCK]())
    try:
        if word == "COUNTER":
            mail = outsider.proposal(caught, str(posted.get("start", "")), ZONE, now=now)
        elif word in outsider.ANSWERS:
            mail = outsider.answer(caught, word, now=now)
        else:
            raise web.HTTPBadRequest(text="answer=ACCEPTED|TENTATIVE|DECLINED|COUNTER")
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"start: {error}") from error
    done = await _answered(request, caught, mail)
    raise web.HTTPSeeOther(f"/demo/mail?done={'read' if done else 'nothing'}")


async def _answered(request: web.Request, caught: Caught, mail: EmailMessage) -> bool:
    """Whether the answer changed something, where whoever asked keeps the event: at their cloud, or here."""
    if cloud_of(caught.calendar):
        text = next(part.get_payload(decode=True) for part in mail.walk() if part.get_content_type() == "text/calendar")
        return bool(request.app[WORLD].carrier.deliver(caught.sender, bytes(text).decode()))
    reading = await take(request.app[PARTS].sync, mail.as_bytes(), deliver_mail)
    return bool({Outcome.ANSWERED, Outcome.PROPOSED} & set(reading.outcomes))


async def mails_json(request: web.Request) -> web.Response:
    """Oldest first."""
    return web.json_response([one.summary() for one in request.app[WORLD].mail.messages])


async def mail_html(request: web.Request) -> web.Response:
    """The mail as readers with HTML see it, on a page of its own that can do nothing."""
    number = int(request.match_info["number"])
    found = next((one.html for one in request.app[WORLD].mail.messages if one.number == number), "")
    if not found:
        raise web.HTTPNotFound
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"}
    return web.Response(text=found, content_type="text/html", charset="utf-8", headers=headers)
