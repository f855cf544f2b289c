"""The document as people read it: for each operation its parts in words, and a command that calls it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final
from urllib.parse import urlencode

Json = Mapping[str, Any]
KEY: Final = "$GATEWAY_KEY"
DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter, or one field of a body: `invitee.email`, `items[].start`. kind: in words."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Part:
    """One operation. statuses: (number, what it means) of all but success."""

    name: str
    subject: str
    method: str
    path: str
    summary: str
    about: str
    scope: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answer: tuple[Field, ...]
    success: str
    statuses: tuple[tuple[str, str], ...]
    command: str

    @property
    def words(self) -> str:
        """What a search looks in."""
        fields = " ".join(one.name for one in (*self.parameters, *self.body, *self.answer))
        return f"{self.method} {self.path} {self.summary} {self.about} {self.scope} {fields}".lower()


def parts(document: Json, search: str = "") -> list[Part]:
    """search: words that must all be found."""
    wanted = search.lower().split()
    server, schemas = document["servers"][0]["url"], document["components"]["schemas"]
    found = [
        _part(method, path, told, server, schemas)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    return [one for one in found if all(word in one.words for word in wanted)]


def _part(method: str, path: str, told: Json, server: str, schemas: Json) -> Part:
    statuses = dict(told["responses"])
    success = next(status for status in statuses if status.startswith("2"))
    answer = _schema(statuses.pop(success))
    given = _schema(told.get("requestBody", {}))
    return Part(
        name=told["operationId"],
        subject=told["tags"][0],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        about=told.get("description", "").partition("Needs the scope")[0].strip(),
        scope=told.get("x-scope", ""),
        parameters=tuple(
            Field(one["name"], _kind(one["schema"], schemas), one["required"], one.get("description", ""))
            for one in told["parameters"]
        ),
        body=tuple(_fields(given, schemas)),
        answer=tuple(_fields(answer, schemas)),
        success=success,
        statuses=tuple((status, one["description"]) for status, one in statuses.items()),
        command=_command(method.upper(), path, told, server, schemas),
    )


def _schema(holder: Json) -> Json:
    content = holder.get("content", {}).get("application/json", {})
    found: Json = content.get("schema", {})
    return found


def _real(schema: Json, schemas: Json) -> Json:
    """What a reference leads to; of what may be null, the other; of several kinds, the first."""
    of = [one for one in schema.get("anyOf", schema.get("oneOf", ())) if one.get("type") != "null"]
    if of:
        return _real({**of[0], **{key: schema[key] for key in ("description", "examples") if key in schema}}, schemas)
    if "$ref" not in schema:
        return schema
    return {**schemas[schema["$ref"].rpartition("/")[2]], **{key: one for key, one in schema.items() if key != "$ref"}}


def _fields(schema: Json, schemas: Json, before: str = "", depth: int = 0) -> Iterator[Field]:
    real = _real(schema, schemas)
    if real.get("type") == "array" and depth:
        yield from _fields(real.get("items", {}), schemas, f"{before}[]", depth)
        return
    for name, one in real.get("properties", {}).items():
        place = f"{before}.{name}" if before else name
        required = name in real.get("required", ())
        yield Field(place, _kind(one, schemas), required, _about(one))
        if depth < DEEPEST:
            yield from _fields(one, schemas, place, depth + 1)


def _about(schema: Json) -> str:
    return str(schema.get("description", ""))


def _kind(schema: Json, schemas: Json) -> str:
    of = schema.get("anyOf", schema.get("oneOf"))
    if of:
        return " | ".join(dict.fromkeys(_kind(one, schemas) for one in of))
    real = _real(schema, schemas)
    if "enum" in real or "const" in real:
        return " | ".join(json.dumps(one) for one in real.get("enum", [real.get("const")]))
    if real.get("type") == "array":
        return f"list of {_kind(real.get('items', {}), schemas)}"
    kind = str(real.get("format", real.get("type", "any")))
    bounds = [str(real.get(name, "")) for name in ("minimum", "maximum")]
    return f"{kind} {'–'.join(bounds)}" if any(bounds) else kind


def example(schema: Json, schemas: Json) -> Any:
    """What could be sent: of an object what is required."""
    real = _real(schema, schemas)
    for name in ("examples", "enum"):
        if real.get(name):
            return real[name][0]
    if real.get("type") == "object":
        required = real.get("required", ())
        fields = real.get("properties", {})
        return {name: example(fields[name], schemas) for name in required}
    if real.get("type") == "array":
        return [example(real.get("items", {}), schemas)]
    plain = {"integer": 1, "boolean": True, "string": "text"}
    return real.get("const", plain.get(str(real.get("type")), "text"))


def _command(method: str, path: str, told: Json, server: str, schemas: Json) -> str:
    query = []
    for one in told["parameters"]:
        sent = example(one["schema"], schemas)
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(sent))
        elif one["required"]:
            query += [(one["name"], part) for part in (sent if isinstance(sent, list) else [sent])]
    address = f"{server}{path}" + (f"?{urlencode(query)}" if query else "")
    words = ["curl"] + ([] if method == "GET" else ["-X", method]) + [quote(address)]
    lines = [" ".join(words), f'-H "Authorization: Bearer {KEY}"']
    if "requestBody" in told:
        body = json.dumps(example(_schema(told["requestBody"]), schemas), ensure_ascii=False)
        lines += ["-H 'Content-Type: application/json'", f"-d {quote(body)}"]
    return " \\\n  ".join(lines)
