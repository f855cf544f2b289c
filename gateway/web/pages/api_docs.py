"""/api/docs: the API's document as a page, made of nothing else."""

from typing import Final

from aiohttp import web

from gateway.web.api.document import build
from gateway.web.api.problems import PROBLEMS
from gateway.web.api.shown import KEY, parts
from gateway.web.keys import SETTINGS
from gateway.web.render import page
from gateway.web.visitor import speak

LONGEST_SEARCH: Final = 100


async def show(request: web.Request) -> web.Response:
    """With ?q= only what has all of those words."""
    search = request.query.get("q", "")[:LONGEST_SEARCH].strip()
    document = build(request.app[SETTINGS].server.base_url)
    found = parts(document, search)
    subjects = [
        {"name": tag["name"], "about": tag["description"], "parts": of}
        for tag in document["tags"]
        if (of := [one for one in found if one.subject == tag["name"]])
    ]
    values = {
        "about": document["info"]["description"],
        "server": document["servers"][0]["url"],
        "search": search,
        "subjects": subjects,
        "problems": [] if search else PROBLEMS,
        "key": KEY,
    }
    response = page(request, "api_docs.html", values, spoken=speak(request))
    response.enable_compression()
    return response
