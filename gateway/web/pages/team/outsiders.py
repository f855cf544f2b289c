"""Adds somebody without an account here to a team: the form's answer."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.accounts import teams
from gateway.accounts.outsiders import Outsider, add_outsider
from gateway.accounts.people import check_address
from gateway.errors import BackendError, InvalidRequest, RefusedByProvider, UsageError
from gateway.freebusy.others import asking_account
from gateway.scheduling.addresses import one_address
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, DESK, OUTSIDE, SEALER
from gateway.web.language import msg
from gateway.web.pages.event_types.reading import line
from gateway.web.pages.team.pages import team_page
from gateway.web.visitor import link

PATIENCE: Final = 20.0
"""Seconds that somebody waits for what is at the address."""
FIELDS: Final = ("title", "email", "url")
NAMELESS: Final = msg("Please say what they are called.")
NO_ADDRESS: Final = msg("This is not an e-mail address.")
TAKEN: Final = msg("Somebody here has this e-mail address already: add them by their user name.")
NO_WAY: Final = msg(
    "None of your accounts at Google or Microsoft shares the domain of this e-mail address. Please give an address at"
    " which their free/busy time is published."
)
UNREAD: Final = msg("When they are busy could not be read there just now. Please check the address, or try again.")


async def add(request: web.Request) -> web.Response:
    signed_in, posted = await sessions.posted(request)
    typed = {name: line(posted, name)[:2000] for name in FIELDS}
    app, name = request.app, request.match_info["name"]

    def look(conn: Connection) -> tuple[Principal, Outsider | str]:
        return teams.changeable(conn, signed_in.person, name), _read(conn, signed_in.person, typed)

    team, who = await app[DATABASE].read(look)
    if isinstance(who, str):
        return await team_page(request, signed_in, outsider=typed, wrong=who)
    try:
        async with asyncio.timeout(PATIENCE):
            await add_outsider(app[DATABASE], app[SEALER], app[OUTSIDE], team, who, now=int(app[CLOCK]()))
    except (BackendError, RefusedByProvider, InvalidRequest, UsageError, TimeoutError):
        return await team_page(request, signed_in, outsider=typed, wrong=UNREAD)
    app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther(link(f"/app/team/{name}", {}, done="outside"))


def _read(conn: Connection, asker: Principal, typed: Mapping[str, str]) -> Outsider | str:
    """What is wrong, as a message of the catalogue, where something is."""
    if not typed["title"]:
        return NAMELESS
    try:
        email = one_address(typed["email"])
    except InvalidRequest:
        return NO_ADDRESS
    try:
        check_address(conn, email)
    except UsageError:
        return TAKEN
    if typed["url"]:
        return Outsider(typed["title"][:100], email, typed["url"])
    account = asking_account(conn, asker.id, email)
    return NO_WAY if account is None else Outsider(typed["title"][:100], email, through=account.id)
