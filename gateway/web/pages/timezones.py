"""/tz: the IANA time zones for clients that take them by reference (RFC 7808, RFC 7809)."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from gateway.ical.value import from_epoch
from gateway.ical.zones import service
from gateway.web.keys import CLOCK

PREFIX: Final = "/tz"
KEPT: Final = {"Cache-Control": "public, max-age=86400"}
ERRORS: Final = "urn:ietf:params:tzdist:error:"
OBSERVANCES: Final = "/observances"
FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


async def well_known(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=301, headers={"Location": PREFIX, **KEPT})


async def nothing(_request: web.Request) -> web.StreamResponse:
    return _refused("invalid-action", "there is no such action")


def _refused(error: str, reason: str, status: int = 400) -> web.Response:
    text = json.dumps({"type": ERRORS + error, "title": reason, "status": status})
    return web.Response(status=status, text=text, content_type="application/problem+json")


def _sent(found: Mapping[str, Any]) -> web.Response:
    return web.json_response(found, headers=KEPT)


def _action(name: str, template: str, **parameters: bool) -> dict[str, Any]:
    """parameters: name -> whether it is required."""
    said = [{"name": key, "required": required, "multi": False} for key, required in parameters.items()]
    return {"name": name, "uri-template": PREFIX + template, "parameters": said}


async def capabilities(_request: web.Request) -> web.StreamResponse:
    version = service.database().version
    info = {"primary-source": f"IANA:{version}", "formats": ["text/calendar"]}
    span = {"start": from_epoch(service.FIRST).strftime(FORM), "end": from_epoch(service.LAST).strftime(FORM)}
    actions = [
        _action("capabilities", "/capabilities"),
        _action("list", "/zones{?changedsince}", changedsince=False),
        _action("get", "/zones{/tzid}"),
        _action("expand", "/zones{/tzid}/observances{?start,end}", start=True, end=True),
        _action("find", "/zones{?pattern}", pattern=True),
    ]
    truncated = {"any": False, "ranges": [span], "untruncated": True}
    return _sent({"version": 1, "info": {**info, "truncated": truncated, "contacts": []}, "actions": actions})


async def zones(request: web.Request) -> web.StreamResponse:
    """All of them; those of a pattern; or none, as nothing changes but with a new version."""
    asked, found = request.query, service.database()
    if "pattern" in asked and "changedsince" in asked:
        return _refused("invalid-pattern", "give a pattern or changedsince")
    if "changedsince" in asked and asked["changedsince"] != found.version:
        return _refused("invalid-changedsince", "this is no synctoken of the present version; list all")
    if "pattern" in asked and not asked["pattern"].strip("*"):
        return _refused("invalid-pattern", "a pattern is part of a name, with an asterisk where more may stand")
    listed = [] if "changedsince" in asked else _listed(found, asked.get("pattern", "*"))
    return _sent({"synctoken": found.version, "timezones": listed})


def _listed(found: service.Database, pattern: str) -> list[dict[str, Any]]:
    return [
        {
            "tzid": zone,
            "etag": _etag(zone),
            "last-modified": "1970-01-01T00:00:00Z",
            "publisher": "IANA",
            "version": found.version,
            **({"aliases": list(aliases)} if aliases else {}),
        }
        for zone, aliases in found.aliases.items()
        if any(_fits(name, pattern) for name in (zone, *aliases))
    ]


def _fits(name: str, pattern: str) -> bool:
    """As RFC 7808 5.5 has it: letter case does not matter, nor do blanks and underscores."""
    plain, part = _plain(name), _plain(pattern.strip("*"))
    begins, ends = not pattern.startswith("*"), not pattern.endswith("*")
    if begins and ends:
        return plain == part
    return plain.startswith(part) if begins else plain.endswith(part) if ends else part in plain


def _plain(name: str) -> str:
    return name.lower().replace("_", " ")


def _etag(zone: str) -> str:
    return f"{service.database().version}-{zone}"


async def zone(request: web.Request) -> web.StreamResponse:
    """A VTIMEZONE, or the changes of its clock."""
    name = request.match_info["tzid"]
    expanded = name.endswith(OBSERVANCES)
    name = name.removesuffix(OBSERVANCES)
    if not service.known(name):
        return _refused("tzid-not-found", "there is no such time zone", 404)
    if expanded:
        return await _expanded(request, name)
    headers = {"ETag": f'"{_etag(name)}"', **KEPT}
    if request.headers.get("If-None-Match", "").strip() == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    text = await asyncio.to_thread(service.described, name)
    return web.Response(text=text, content_type="text/calendar", charset="utf-8", headers=headers)


async def _expanded(request: web.Request, name: str) -> web.Response:
    start, end = (_instant(request.query.getall(key, [])) for key in ("start", "end"))
    if start is None:
        return _refused("invalid-start", "give one start, such as 2026-01-01T00:00:00Z")
    if end is None or end <= start:
        return _refused("invalid-end", "give one end, later than the start")
    found = await asyncio.to_thread(service.observances, name, start, end)
    said = [
        {
            "name": one.name,
            "onset": from_epoch(one.at).strftime(FORM),
            "utc-offset-from": int(one.before.total_seconds()),
            "utc-offset-to": int(one.after.total_seconds()),
        }
        for one in found
    ]
    now = from_epoch(int(request.app[CLOCK]())).strftime(FORM)
    return _sent({"dtstamp": now, "tzid": name, "observances": said})


def _instant(given: Sequence[str]) -> int | None:
    """Epoch seconds of the one time that is given; None for anything else."""
    try:
        [text] = given
        return int(datetime.strptime(text, FORM).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
