"""What nobody foresaw: logged with its traceback, counted, and told to nobody. Both surfaces answer through here."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import ClientPayloadError, web

from gateway.errors import GatewayError

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]
FORESEEN = (GatewayError, web.HTTPException, web.RequestPayloadError, ClientPayloadError, ConnectionError)
log = logging.getLogger(__name__)


async def foreseen(
    do: Answering, request: web.Request, surface: str, faults: Counter[str]
) -> web.StreamResponse | None:
    """The answer of `do`; None where it failed in a way that nobody foresaw.

    faults: counted under `surface`, for /metrics; zero is the goal.
    Raises: FORESEEN, for the surface to answer in its own way.
    """
    try:
        return await do(request)
    except FORESEEN:
        raise
    except Exception:
        faults[surface] += 1
        log.exception("%s %s", request.method, request.path)
        return None
