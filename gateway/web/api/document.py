"""The OpenAPI 3.1 document, made of OPERATIONS and of the models that check requests and shape answers."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway import __version__
from gateway.web.api.once import HEADER
from gateway.web.api.operation import Operation
from gateway.web.api.problems import MEDIA_TYPE, PROBLEMS, Problem
from gateway.web.api.table import OPERATIONS, SUBJECTS

Json = dict[str, Any]
ABOUT: Final = (
    "What people do on the pages of their calendar gateway, for programs. Each request carries an API key of a person"
    " and acts for that person. Instants are RFC 3339 with a zone, in answers always UTC. Errors are problem details"
    " (RFC 9457). Lists come in pages: “next” of one page is the “cursor” of the next."
)
HEADERS: Final[Json] = {
    "X-Request-Id": {"description": "Names this request in the server's log.", "schema": {"type": "string"}}
}
RETRY: Final[Json] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
ONCE: Final[Json] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Sent again with the same key within a day, the same request is answered as before and done once.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
Wanted = tuple[type[BaseModel], JsonSchemaMode]
Schemas = Mapping[Wanted, Json]


@cache
def document(base_url: str) -> str:
    """As JSON. base_url: where the server is reached."""
    return json.dumps(build(base_url), ensure_ascii=False)


def build(base_url: str) -> Json:
    of, schemas = _schemas()
    paths: Json = {}
    for row in OPERATIONS:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, of, schemas)
    parameters = {of[row.asked, "validation"]["$ref"].rpartition("/")[2] for row in OPERATIONS}
    return {
        "openapi": "3.1.1",
        "info": {"title": "Calendar gateway", "version": __version__, "description": ABOUT},
        "servers": [{"url": f"{base_url}/api/v1"}],
        "security": [{"apiKey": []}],
        "tags": [{"name": name, "description": about} for name, about in SUBJECTS.items()],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in parameters},
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that a person made on /app or got by `gateway user api-key`: gw_…",
                }
            },
        },
    }


def _schemas() -> tuple[Schemas, Json]:
    """The reference of each model, and what the references lead to."""
    wanted: list[Wanted] = [(Problem, "serialization")]
    for row in OPERATIONS:
        wanted.append((row.asked, "validation"))
        wanted += [(row.given, "validation")] if row.given is not None else []
        wanted += [(row.answer, "serialization")] if row.answer is not None else []
    of, found = models_json_schema([*dict.fromkeys(wanted)], ref_template="#/components/schemas/{model}")
    return {(model, mode): one for (model, mode), one in of.items() if issubclass(model, BaseModel)}, found["$defs"]


def _operation(row: Operation, of: Schemas, schemas: Json) -> Json:
    first, _, rest = row.summary.partition("\n")
    found: Json = {
        "operationId": row.name,
        "tags": [row.subject],
        "summary": first,
        "parameters": _parameters(row, schemas[of[row.asked, "validation"]["$ref"].rpartition("/")[2]]),
        "responses": {str(status): _response(row, status, of) for status in sorted(row.statuses)},
    }
    described = " ".join(
        part for part in (rest.strip(), f"Needs the scope `{row.scope}`." if row.scope else "") if part
    )
    if described:
        found["description"] = described
    if row.scope:
        found["x-scope"] = row.scope
    if row.given is not None:
        content = {"application/json": {"schema": of[row.given, "validation"]}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameters(row: Operation, schema: Json) -> list[Json]:
    required = set(schema.get("required", ()))
    found = []
    for name in (*row.in_path, *row.in_query):
        own = _sent(schema["properties"][name])
        parameter = {"name": name, "in": "path" if name in row.in_path else "query", "required": name in required}
        if "description" in own:
            parameter["description"] = own.pop("description")
        found.append({**parameter, "schema": own})
    return [*found, ONCE] if row.once else found


def _sent(schema: Json) -> Json:
    """Of a parameter: one that is left out is null here, and nobody can send that."""
    own = {key: value for key, value in schema.items() if key != "title"}
    if "anyOf" not in own:
        return own
    [real] = [one for one in own.pop("anyOf") if one.get("type") != "null"]
    del own["default"]
    return {**own, **real}


def _response(row: Operation, status: int, of: Schemas) -> Json:
    if status != row.status:
        kinds = [kind for kind in PROBLEMS if kind.status == status]
        return {
            "description": "; ".join(kind.title for kind in kinds),
            "headers": {**HEADERS, **(RETRY if status == 429 else {})},
            "content": {MEDIA_TYPE: {"schema": of[Problem, "serialization"]}},
        }
    found: Json = {"description": "Done" if row.answer is None else "Here it is", "headers": HEADERS}
    if row.answer is not None:
        found["content"] = {"application/json": {"schema": of[row.answer, "serialization"]}}
    return found
