"""Files of the pages, and a stylesheet for each accent colour."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.errors import NotFound
from gateway.web.accent import stylesheet
from gateway.web.render import TYPES

FOREVER: Final = "public, max-age=31536000, immutable"
DAY: Final = "public, max-age=86400"
HOUR: Final = "public, max-age=3600"
FILES = web.AppKey("web.files", Mapping[str, tuple[bytes, str]])


async def file(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    content, version = request.app[FILES].get(name, (None, ""))
    if content is None:
        raise NotFound("no such file")
    kind = TYPES["." + name.rpartition(".")[2]]
    response = web.Response(body=content, content_type=kind, charset="utf-8")
    response.headers["Cache-Control"] = FOREVER if request.query.get("v") == version else DAY
    response.enable_compression()
    return response


async def embed(request: web.Request) -> web.Response:
    """At an address that stays, as it stands in pages of others."""
    content, version = request.app[FILES]["embed.js"]
    headers = {"Cache-Control": HOUR, "ETag": f'"{version}"'}
    response = web.Response(body=content, content_type="text/javascript", charset="utf-8", headers=headers)
    response.enable_compression()
    return response


async def accent(request: web.Request) -> web.Response:
    text = stylesheet(request.match_info["color"])
    return web.Response(text=text, content_type="text/css", headers={"Cache-Control": FOREVER})
