"""The paths of the API, and the way of a request through it: sign in, read, do, answer."""

import logging
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Final

from aiohttp import ClientPayloadError, web
from aiohttp.typedefs import Handler

from gateway.errors import GatewayError, InvalidRequest, MethodNotAllowed, NotFound
from gateway.unforeseen import foreseen
from gateway.web.api import problems
from gateway.web.api.document import document
from gateway.web.api.once import Made, key_of, mark, once
from gateway.web.api.operation import Call, Operation
from gateway.web.api.reading import read_asked, read_given
from gateway.web.api.sign_in import LIMIT, sign_in
from gateway.web.api.table import OPERATIONS
from gateway.web.keys import CLOCK, FAULTS, SETTINGS
from gateway.web.limits import Bucket
from gateway.web.visitor import is_https

START: Final = "/api/v1"
DOCUMENT: Final = f"{START}/openapi.json"
REQUEST_ID: Final = "X-Request-Id"
KNOWN_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
log = logging.getLogger(__name__)


def add_routes(app: web.Application) -> None:
    """Before the pages' own, as whatever else is asked for under /api is answered here."""
    per_minute = app[SETTINGS].limits.api_per_minute
    app[LIMIT] = Bucket(per_minute, 60 / per_minute, app[CLOCK])
    of_path: dict[str, list[Operation]] = defaultdict(list)
    for row in OPERATIONS:
        of_path[START + row.path].append(row)
    for path, rows in of_path.items():
        for row in rows:
            app.router.add_route(row.method, path, surface(partial(_answer, row)))
            if row.method == "GET":
                app.router.add_route("HEAD", path, surface(partial(_answer, row)))
        app.router.add_route("*", path, surface(partial(_otherwise, _allowed(rows))))
    app.router.add_route("GET", DOCUMENT, surface(show_document))
    app.router.add_route("*", DOCUMENT, surface(partial(_otherwise, frozenset({"GET"}))))
    app.router.add_route("*", "/api/{rest:(?s:.*)}", surface(_nowhere))


def _allowed(rows: list[Operation]) -> frozenset[str]:
    methods = {row.method for row in rows}
    return frozenset(methods | ({"HEAD"} if "GET" in methods else set()))


async def _otherwise(allowed: frozenset[str], _request: web.Request) -> web.StreamResponse:
    raise MethodNotAllowed("this is not done here", allowed)


async def _nowhere(_request: web.Request) -> web.StreamResponse:
    raise NotFound("there is no such path; /api/docs shows all that there are")


async def show_document(request: web.Request) -> web.StreamResponse:
    text = document(request.app[SETTINGS].server.base_url)
    response = web.Response(text=text, content_type="application/json", charset="utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.enable_compression()
    return response


def surface(do: Handler) -> Handler:
    """With the headers that all answers have; whatever went wrong is told as a problem."""

    async def answer(request: web.Request) -> web.StreamResponse:
        sent = request.headers.get(REQUEST_ID, "")
        request_id = sent if KNOWN_ID.fullmatch(sent) else secrets.token_hex(8)
        response = await _told(do, request, request_id)
        response.headers[REQUEST_ID] = request_id
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if is_https(request):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return answer


async def _told(do: Handler, request: web.Request, request_id: str) -> web.StreamResponse:
    try:
        found = await foreseen(do, request, "api", request.app[FAULTS])
    except GatewayError as error:
        return problems.answer(request, request_id, error)
    except (web.RequestPayloadError, ClientPayloadError):
        return problems.answer(request, request_id, InvalidRequest("the body did not come whole"))
    except web.HTTPException as error:
        kind = problems.BY_STATUS.get(error.status, problems.UNFORESEEN)
        return problems.told(request, request_id, kind, kind.advice)
    if found is not None:
        return found
    log.error("request %s failed", request_id)
    return problems.told(request, request_id, problems.UNFORESEEN, problems.UNFORESEEN.advice)


async def _answer(operation: Operation, request: web.Request) -> web.StreamResponse:
    asker, key = await sign_in(request, operation.scope)
    sent_once = key_of(request, asker) if operation.once else ""
    asked = read_asked(operation, request)
    given, octets = (None, b"") if operation.given is None else await read_given(operation.given, request)
    call = Call(request, asker, key, mark(sent_once, octets))

    async def make() -> Made:
        made = await operation.run(call, asked, given)
        return "" if made is None else made.model_dump_json(), "" if made is None else operation.location(made)

    body, location = await once(request, asker, sent_once, octets, make) if sent_once else await make()
    headers = {"Location": f"{START}{location}"} if location else {}
    if not body:
        return web.Response(status=operation.status, headers=headers)
    return web.Response(
        text=body, status=operation.status, headers=headers, content_type="application/json", charset="utf-8"
    )
