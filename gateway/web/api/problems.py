"""Errors as application/problem+json (RFC 9457). PROBLEMS is every kind there is; /api/docs tells of each."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web
from pydantic import Field

from gateway.errors import (
    AnswerPending,
    BackendError,
    BackendUnavailable,
    Conflict,
    Flaw,
    Forbidden,
    GatewayError,
    InsufficientStorage,
    InvalidInput,
    InvalidRequest,
    KeyReused,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    PayloadTooLarge,
    Precondition,
    ScopeMissing,
    SlotTaken,
    TooManyAttempts,
    UnsupportedContent,
    UsageError,
)
from gateway.web.api.values import Model
from gateway.web.keys import SETTINGS

MEDIA_TYPE: Final = "application/problem+json"
DOCS: Final = "/api/docs"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. name: end of its type's URI. of: errors it stands for; the first row that fits counts."""

    name: str
    status: int
    title: str
    advice: str
    of: tuple[type[Exception], ...] = ()


PROBLEMS: Final = (
    Kind("slot-taken", 409, "The time is not free", "Ask for slots again and choose another one.", (SlotTaken,)),
    Kind(
        "answer-pending",
        409,
        "Still being answered",
        "A request with this Idempotency-Key is under way; send it again in a moment to get its answer.",
        (AnswerPending,),
    ),
    Kind(
        "conflict",
        409,
        "It does not fit",
        "Something else has to change first; the detail says what.",
        (Conflict, UsageError),
    ),
    Kind(
        "key-reused",
        422,
        "The Idempotency-Key belongs to another request",
        "Take a new key for each request, and the same one only to send the very same request again.",
        (KeyReused,),
    ),
    Kind("invalid", 422, "The request cannot be meant", "Mend what `errors` names.", (InvalidInput, Precondition)),
    Kind("not-signed-in", 401, "No API key", "Send a key as Authorization: Bearer gw_…", (NotSignedIn,)),
    Kind(
        "scope-missing",
        403,
        "The API key does not allow this",
        "Make a key with the scope that is named.",
        (ScopeMissing,),
    ),
    Kind("not-allowed", 403, "Not allowed", "Nobody may do this with what is asked for.", (Forbidden,)),
    Kind("not-found", 404, "Nothing there", "It was never there, is gone, or belongs to somebody else.", (NotFound,)),
    Kind(
        "method-not-allowed", 405, "Not done here", "The Allow header names the methods there are.", (MethodNotAllowed,)
    ),
    Kind("too-large", 413, "Too much at once", "Send less.", (PayloadTooLarge,)),
    Kind(
        "unsupported-content",
        415,
        "Not JSON",
        "Send Content-Type: application/json, not compressed.",
        (UnsupportedContent,),
    ),
    Kind("too-many-requests", 429, "Too many requests", "Wait as long as Retry-After says.", (TooManyAttempts,)),
    Kind(
        "unreadable",
        400,
        "Not readable",
        "The body is not JSON, or the request is not HTTP as it should be.",
        (InvalidRequest,),
    ),
    Kind("no-room", 507, "No room left", "Nothing was changed. The server's disk is full.", (InsufficientStorage,)),
    Kind(
        "unavailable",
        503,
        "Not available now",
        "Nothing was changed. Try again in a minute.",
        (BackendUnavailable, BackendError),
    ),
    Kind("internal", 500, "Our fault", "Tell the server's administrator the request's id.", (GatewayError,)),
)
UNFORESEEN: Final = PROBLEMS[-1]
BY_STATUS: Final = {kind.status: kind for kind in PROBLEMS}


class ProblemFlaw(Model):
    detail: str
    """What is wrong with it, in words."""
    pointer: str = ""
    """JSON pointer into the body that was sent."""
    parameter: str = ""
    """Name of the parameter."""


class Problem(Model):
    """What went wrong (RFC 9457)."""

    type: str = Field(json_schema_extra={"format": "uri"})
    """URI of the kind of problem; it leads to its explanation."""
    title: str
    """The kind of problem, in words."""
    status: int
    """The HTTP status."""
    detail: str
    """What went wrong this time."""
    request_id: str
    """Also in X-Request-Id; names this request in the server's log."""
    errors: tuple[ProblemFlaw, ...] = ()
    """What is wrong with the request, one by one."""


def kind_of(error: Exception) -> Kind:
    return next((kind for kind in PROBLEMS if isinstance(error, kind.of)), UNFORESEEN)


def answer(request: web.Request, request_id: str, error: GatewayError) -> web.Response:
    kind = kind_of(error)
    flaws = error.flaws if isinstance(error, InvalidInput) else ()
    response = told(request, request_id, kind, str(error), flaws)
    if isinstance(error, TooManyAttempts | AnswerPending):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = 'Bearer realm="gateway"'
    if isinstance(error, ScopeMissing):
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{error.scope}"'
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.allowed))
    return response


def told(request: web.Request, request_id: str, kind: Kind, detail: str, flaws: tuple[Flaw, ...] = ()) -> web.Response:
    problem = Problem(
        type=f"{request.app[SETTINGS].server.base_url}{DOCS}#{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail or kind.advice,
        request_id=request_id,
        errors=tuple(ProblemFlaw(detail=one.reason, pointer=one.pointer, parameter=one.parameter) for one in flaws),
    )
    text = problem.model_dump_json(exclude_defaults=True)
    return web.Response(text=text, status=kind.status, content_type=MEDIA_TYPE, charset="utf-8")
