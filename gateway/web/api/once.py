"""Idempotency-Key: a request that is sent again is answered again, and done once."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from gateway.errors import AnswerPending, Flaw, GatewayError, InvalidInput, KeyReused
from gateway.store import api_answers
from gateway.store.principals import Principal
from gateway.web.keys import CLOCK, DATABASE, SEALER

HEADER: Final = "Idempotency-Key"
FORM: Final = re.compile(r"[\x21-\x7e]{1,128}")
Made = tuple[str, str]
"""Body, and Location."""


def key_of(request: web.Request, asker: Principal) -> str:
    """As it is kept; "" without one. Raises: InvalidInput."""
    sent = request.headers.get(HEADER, "")
    if HEADER not in request.headers:
        return ""
    if not FORM.fullmatch(sent):
        flaw = Flaw("write 1 to 128 ASCII signs without blanks, such as a UUID", parameter=HEADER)
        raise InvalidInput("this Idempotency-Key cannot be taken", (flaw,))
    return hashlib.sha256(f"{asker.id} {sent}".encode()).hexdigest()


def mark(key: str, body: bytes) -> str:
    """What the request is known by to whatever it makes, for longer than its answer is kept; "" without a key."""
    return hashlib.sha256(key.encode() + body).hexdigest() if key else ""


async def once(
    request: web.Request, asker: Principal, key: str, body: bytes, make: Callable[[], Awaitable[Made]]
) -> Made:
    """The answer that was given before, else a new one. Of what failed nothing is kept, as nothing was done.

    Raises: KeyReused, AnswerPending; whatever `make` raises.
    """
    db, sealer = request.app[DATABASE], request.app[SEALER]
    asked = hashlib.sha256(f"{request.method} {request.raw_path}\n".encode() + body).hexdigest()
    known = await db.write(api_answers.begin, asker.id, key, asked, int(request.app[CLOCK]()))
    if known is not None:
        if known.request != asked:
            raise KeyReused("this Idempotency-Key came before, with another request")
        if known.answer is None:
            raise AnswerPending("a request with this Idempotency-Key is still being answered")
        kept: Any = json.loads(sealer.open(known.answer))
        return str(kept[0]), str(kept[1])
    try:
        made = await make()
    except GatewayError:
        await db.write(api_answers.drop, asker.id, key)
        raise
    await db.write(api_answers.keep, asker.id, key, sealer.seal(json.dumps(made)))
    return made
