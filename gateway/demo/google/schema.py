"""What Google's APIs take, read from the discovery documents that google-api-python-client carries."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import unquote

from multidict import MultiMapping

from gateway.demo.google.problems import ApiProblem, invalid, required

CALENDAR: Final = "calendar.v3.json"
DIRECTORY: Final = "admin.directory_v1.json"
OF_DIRECTORY: Final = frozenset({"directory.users.list"})
"""What of the directory's many methods is there."""
QUOTA_USER: Final = 40
"""Most characters of that parameter."""
SYSTEM_PARAMETERS: Final = ("alt", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "userIp")

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the API.

    name: such as "calendar.events.list".
    scopes: any one of them is enough.
    body: name of the schema of the request body, "" if it takes none.
    """

    name: str
    verb: str
    path: re.Pattern[str]
    parameters: Mapping[str, Mapping[str, Any]]
    scopes: frozenset[str]
    body: str


@cache
def document(name: str = CALENDAR) -> Mapping[str, Any]:
    source = files("googleapiclient.discovery_cache") / "documents" / name
    parsed: Mapping[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return parsed


@cache
def methods() -> tuple[Method, ...]:
    return tuple(
        _method(row, document(name)["servicePath"])
        for name in (CALENDAR, DIRECTORY)
        for resource in document(name)["resources"].values()
        for row in resource.get("methods", {}).values()
        if name == CALENDAR or row["id"] in OF_DIRECTORY
    )


def _method(row: Mapping[str, Any], place: str) -> Method:
    path = re.escape(f"/{place}{row['path']}")
    return Method(
        name=row["id"],
        verb=row["httpMethod"],
        path=re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", path)),
        parameters=row.get("parameters", {}),
        scopes=frozenset(row["scopes"]),
        body=row.get("request", {}).get("$ref", ""),
    )


def match(verb: str, path: str) -> tuple[Method, dict[str, str]]:
    """The method a request means, and its path parameters.

    path: from the root, still percent-encoded.
    """
    for method in methods():
        if method.verb == verb and (found := method.path.fullmatch(path)):
            return method, {name: unquote(value) for name, value in found.groupdict().items()}
    raise ApiProblem(404, "notFound", f"The requested URL {path} was not found on this server.")


def query(method: Method, given: MultiMapping[str]) -> Values:
    """The query parameters by their types; unknown ones, wrong types and values outside the enumeration are refused."""
    values: Values = {}
    for name in given:
        row = method.parameters.get(name)
        if name == "quotaUser" and len(given[name]) > QUOTA_USER:
            raise invalid(f"Invalid value: quotaUser has more than {QUOTA_USER} characters", name)
        if name in SYSTEM_PARAMETERS:
            values[name] = given[name]
        elif row is None or row["location"] != "query":
            raise invalid(f'Unknown name "{name}": Cannot bind query parameter.', name)
        else:
            read = [_parameter(name, text, row) for text in given.getall(name)]
            values[name] = read if row.get("repeated") else read[-1]
    for name, row in method.parameters.items():
        if row.get("required") and row["location"] == "query" and name not in values:
            raise required(name)
    return values


def _parameter(name: str, text: str, row: Mapping[str, Any]) -> str | int | bool:
    if row.get("enum") and text not in row["enum"]:
        raise invalid(f"Invalid string value: '{text}'. Allowed values: {row['enum']}", name)
    if row["type"] == "boolean":
        if text not in {"true", "false"}:
            raise invalid(f"Invalid boolean value: '{text}'.", name)
        return text == "true"
    if row["type"] == "integer":
        return _integer(name, text, row)
    if row.get("format") == "date-time":
        moment(text, name)
    return text


def _integer(name: str, text: str, row: Mapping[str, Any]) -> int:
    if not re.fullmatch(r"-?\d{1,10}", text):
        raise invalid(f"Invalid integer value: '{text}'.", name)
    number = int(text)
    low, high = int(row.get("minimum", -(2**31))), int(row.get("maximum", 2**31 - 1))
    if not low <= number <= high:
        raise invalid(f"Invalid value '{number}'. Values must be within the range: [{low}, {high}]", name)
    return number


def moment(text: str, location: str) -> datetime:
    """An RFC 3339 time; the offset is mandatory."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiProblem(400, "badRequest", f"Bad Request: {location}", location=location) from error
    if value.tzinfo is None or "T" not in text.upper():
        raise ApiProblem(400, "badRequest", f"Bad Request: {location} has no offset", location=location)
    return value


def body(name: str, value: object) -> Values:
    """A request body checked against the schema of that name; unknown fields are dropped, as Google does."""
    checked = _object(document()["schemas"][name], value, name)
    return {key: item for key, item in checked.items() if not key.startswith("_")}


def _object(schema: Mapping[str, Any], value: object, at: str) -> Values:
    if not isinstance(value, dict):
        raise _wrong(at, "an object")
    known = schema.get("properties", {})
    extra = schema.get("additionalProperties")
    out: Values = {}
    for key, item in value.items():
        row = known.get(key, extra)
        if row is not None:
            out[key] = None if item is None else _value(row, item, f"{at}.{key}")
    return out


def _value(row: Mapping[str, Any], value: object, at: str) -> object:
    if "$ref" in row:
        return _object(document()["schemas"][row["$ref"]], value, at)
    kind = row["type"]
    if kind == "object":
        return _object(row, value, at)
    if kind == "array":
        if not isinstance(value, list):
            raise _wrong(at, "a list")
        return [_value(row["items"], item, f"{at}[{number}]") for number, item in enumerate(value)]
    return _scalar(row, value, at)


def _scalar(row: Mapping[str, Any], value: object, at: str) -> object:
    kind = row["type"]
    if kind == "boolean" and not isinstance(value, bool):
        raise _wrong(at, "a boolean")
    if kind == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
        raise _wrong(at, "an integer")
    if kind == "string":
        if not isinstance(value, str):
            raise _wrong(at, "a string")
        _format(row.get("format", ""), value, at)
    return value


def _format(form: str, value: str, at: str) -> None:
    try:
        if form == "date":
            date.fromisoformat(value)
        elif form == "date-time":
            datetime.fromisoformat(value)
    except ValueError as error:
        raise invalid(f"Invalid value for {at}: {value}", at) from error


def _wrong(at: str, wanted: str) -> ApiProblem:
    return ApiProblem(400, "parseError", f"Invalid value at '{at}': {wanted} is expected.", location=at)


def partial(value: object, mask: str) -> object:
    """What of an answer the `fields` parameter asks for: "a,b(c,d),e/f"."""
    return _masked(value, _tree(re.findall(r"[\w*]+|[(),/]", mask))) if mask else value


def _tree(tokens: list[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    while tokens and tokens[0] != ")":
        node = tree.setdefault(tokens.pop(0), {})
        while tokens and tokens[0] == "/":
            node = node.setdefault(tokens[1], {})
            del tokens[:2]
        if tokens and tokens[0] == "(":
            del tokens[0]
            node.update(_tree(tokens))
            del tokens[:1]
        if tokens and tokens[0] == ",":
            del tokens[0]
    return tree


def _masked(value: object, tree: Mapping[str, Any]) -> object:
    if not tree or "*" in tree:
        return value
    if isinstance(value, list):
        return [_masked(item, tree) for item in value]
    if isinstance(value, dict):
        return {key: _masked(value[key], tree[key]) for key in tree if key in value}
    return value
