"""Mirrors of busy time: turned on and off."""

from aiohttp import web

from gateway.errors import UsageError
from gateway.mirror import choose
from gateway.web import sessions
from gateway.web.forms import number
from gateway.web.keys import CLOCK, DATABASE, DESK
from gateway.web.pages.app import overview
from gateway.web.pages.app.mirrors import asked_of
from gateway.web.render import text_error
from gateway.web.visitor import speak


async def add(request: web.Request) -> web.Response:
    """from: any number of calendars. to: one. days, text."""
    signed_in, _ = await sessions.posted(request)
    asked = await asked_of(request)
    spoken = speak(request)
    refusal = ""
    if not asked.sources:
        refusal = spoken.text("Choose at least one calendar whose busy time is to appear.")
    elif asked.target in asked.sources:
        refusal = spoken.text("A calendar cannot show its own busy time; choose another one.")
    else:
        try:
            await request.app[DATABASE].write(
                choose.add,
                signed_in.person.id,
                [number(one) for one in sorted(asked.sources)],
                number(asked.target),
                days=number(asked.days),
                summary=asked.summary,
                now=request.app[CLOCK](),
            )
        except UsageError as error:
            refusal = text_error(spoken, str(error)) or spoken.text("That is not possible; look at your choices again.")
    if refusal:
        return await overview(request, signed_in, mirror_refused=refusal, status=409)
    request.app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther("/app#h-mirrors")


async def stop(request: web.Request) -> web.Response:
    """Its blocks are taken away one after the other; /app says how many are left."""
    signed_in, _ = await sessions.posted(request)
    key = int(request.match_info["id"])
    await request.app[DATABASE].write(choose.stop, signed_in.person.id, key, request.app[CLOCK]())
    request.app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther("/app#h-mirrors")
