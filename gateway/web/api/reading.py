"""A request into the values that its operation takes, without a guess: "1" is a number in a query, never in a body."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.errors import Flaw, InvalidInput, InvalidRequest, NotFound, PayloadTooLarge, UnsupportedContent
from gateway.web.api.operation import Operation
from gateway.web.api.values import Asked

M = TypeVar("M", bound=BaseModel)
NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
SWITCH: Final = {"true": True, "false": False}
MOST_FLAWS: Final = 20


@cache
def _kinds(model: type[Asked]) -> Mapping[str, str]:
    """Field -> its JSON type."""
    properties = model.model_json_schema()["properties"] if model.model_fields else {}
    return {name: _kind(schema) for name, schema in properties.items()}


def _kind(schema: Mapping[str, Any]) -> str:
    """Of something that may be null as well: what else it may be."""
    of = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    return str(of[0].get("type", "string"))


def read_asked(operation: Operation, request: web.Request) -> Asked:
    """Raises: InvalidInput for what is wrong in the query; NotFound for a path that nothing can have."""
    kinds, given = _kinds(operation.asked), request.query
    unknown = sorted(set(given) - set(operation.in_query))
    twice = sorted(name for name in set(given) - set(unknown) if kinds[name] != "array" and len(given.getall(name)) > 1)
    if unknown or twice:
        reason = "there is no such parameter" if unknown else "this parameter stands once only"
        raise InvalidInput(reason, (Flaw(reason, parameter=(unknown or twice)[0]),))
    values: dict[str, Any] = {name: _value(request.match_info[name], kinds[name]) for name in operation.in_path}
    for name in given:
        texts = given.getall(name)
        values[name] = texts if kinds[name] == "array" else _value(texts[0], kinds[name])
    try:
        return operation.asked.model_validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        found = _flaws(error)
        if any(one.pointer.split("/")[1:2] == [name] for one in found for name in operation.in_path):
            raise NotFound("there is nothing of that name here") from error
        flaws = tuple(Flaw(one.reason, parameter=one.pointer.split("/")[1]) for one in found)
        raise InvalidInput("a parameter cannot be meant", flaws) from error


def _value(text: str, kind: str) -> object:
    """As JSON would have it; what is no such thing stays text, and is refused as that."""
    if kind == "integer" and NUMBER.fullmatch(text):
        return int(text)
    return SWITCH.get(text, text) if kind == "boolean" else text


async def read_given(model: type[M], request: web.Request) -> tuple[M, bytes]:
    """The body, and its octets.

    Raises: UnsupportedContent, InvalidRequest, InvalidInput, PayloadTooLarge.
    """
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise UnsupportedContent("the body has to be application/json, in UTF-8")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedContent("send the body as it is, without Content-Encoding")
    try:
        octets = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise PayloadTooLarge("the body is too long") from error
    try:
        return model.model_validate_json(octets, strict=True), octets
    except ValidationError as error:
        flaws = _flaws(error)
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            raise InvalidRequest(flaws[0].reason) from error
        raise InvalidInput("the body cannot be meant", flaws) from error


def _flaws(error: ValidationError) -> tuple[Flaw, ...]:
    rows = error.errors(include_url=False, include_context=False, include_input=False)[:MOST_FLAWS]
    return tuple(Flaw(_words(row["msg"]), "".join(f"/{_escaped(part)}" for part in row["loc"])) for row in rows)


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")


def _escaped(part: int | str) -> str:
    """RFC 6901."""
    return str(part).replace("~", "~0").replace("/", "~1")
