"""The pages over a booking office, as an application of their own."""

import re
from html import unescape

from aiohttp import web

from gateway.accounts.authenticate import Authenticator
from gateway.freebusy.others import Others
from gateway.web import keys
from gateway.web.routes import add_routes
from tests.booking.office import PASSWORD


async def no_sleep(_seconds):
    return None


def make_site(office, outside=None):
    app = web.Application()
    app[keys.DATABASE] = office.db
    app[keys.SETTINGS] = office.settings
    app[keys.CLOCK] = office.clock
    app[keys.AUTHENTICATOR] = Authenticator(office.db, office.settings, office.clock, sleep=no_sleep)
    app[keys.SEALER] = office.desk.sealer
    if outside is not None:
        app[keys.OUTSIDE] = outside
    app[keys.DESK] = office.desk
    app[keys.OTHERS] = Others(office.db, office.sync.backend_for, office.clock)
    add_routes(app)
    return app


def hidden(html):
    """name -> value of the form's hidden fields."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in fields}


def links(html, style):
    """Where the links of a class lead to, in order."""
    return [unescape(found) for found in re.findall(rf'<a [^>]*class="{style}[^"]*"[^>]*?href="([^"]+)"', html)] + [
        unescape(found) for found in re.findall(rf'<a [^>]*?href="([^"]+)"[^>]*class="{style}[^"]*"', html)
    ]


async def text(answer, status=200):
    found = await answer.text()
    assert answer.status == status, found
    return found


async def sign_in(client, name="alice", password=PASSWORD):
    form = hidden(await text(await client.get("/app/login")))
    return await client.post("/app/login", data={**form, "name": name, "password": password}, allow_redirects=False)
