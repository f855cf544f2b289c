"""A row of OPERATIONS, and what its function is called with."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from gateway.booking.context import Desk
from gateway.store.api_keys import ApiKey
from gateway.store.database import Database
from gateway.store.principals import Principal
from gateway.web.api.values import Asked
from gateway.web.keys import CLOCK, DATABASE, DESK, SETTINGS


@dataclass(frozen=True, slots=True)
class Call:
    """One request. asker: whose key it is.

    once: what this very request is known by where it carries an Idempotency-Key, else "".
    """

    request: web.Request
    asker: Principal
    key: ApiKey
    once: str = ""

    @property
    def db(self) -> Database:
        return self.request.app[DATABASE]

    @property
    def desk(self) -> Desk:
        return self.request.app[DESK].acting(self.asker)

    @property
    def now(self) -> int:
        return int(self.request.app[CLOCK]())

    @property
    def base_url(self) -> str:
        return self.request.app[SETTINGS].server.base_url


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that programs can do.

    path: below /api/v1; what stands in braces is a field of `asked`, whose others are the query. scope: what the key
        has to allow; "": any key will do.
    do: takes the Call, then `asked` if it has fields, then `given` if there is one, and gives `answer`.
    given, answer: of the body; None: there is none. status: where all is well.
    errors: further statuses, beside those that every operation with such parts has.
    made_at: path of what it makes, with fields of the answer in braces.
    """

    method: str
    path: str
    name: str
    scope: str
    summary: str
    do: Callable[..., Awaitable[BaseModel | None]]
    asked: type[Asked] = Asked
    given: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    errors: frozenset[int] = frozenset()
    made_at: str = ""

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names in braces."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def in_query(self) -> tuple[str, ...]:
        return tuple(name for name in self.asked.model_fields if name not in self.in_path)

    @property
    def subject(self) -> str:
        """What it is about: the first part of its path."""
        return self.path.split("/")[1]

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def once(self) -> bool:
        """Whether an Idempotency-Key is heeded: what is put or deleted twice is so anyway."""
        return self.method in {"POST", "PATCH"}

    @property
    def statuses(self) -> frozenset[int]:
        """All that it may answer."""
        found = {self.status, 401, 429, 500, 503} | self.errors
        if self.scope:
            found.add(403)
        if self.in_path:
            found.add(404)
        if self.in_query:
            found.add(422)
        if self.given is not None:
            found |= {400, 413, 415, 422}
        if self.changes:
            found.add(507)
        if self.once:
            found |= {409, 422}
        return frozenset(found)

    def location(self, made: BaseModel) -> str:
        """Path of what was made, "" where nothing was."""
        return self.made_at.format_map(made.model_dump()) if self.made_at else ""

    async def run(self, call: Call, asked: Asked, given: BaseModel | None) -> BaseModel | None:
        parts = [*([asked] if self.asked.model_fields else []), *([] if given is None else [given])]
        return await self.do(call, *parts)
