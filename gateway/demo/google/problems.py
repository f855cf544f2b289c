"""Refusals of the simulated Google, in the API's own shape."""

from collections.abc import Mapping


class ApiProblem(Exception):
    """One error answer.

    location: the parameter, field or header at fault; kind: what sort of thing it is.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str = "",
        kind: str = "parameter",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.kind = kind
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        error = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location:
            error |= {"locationType": self.kind, "location": self.location}
        return {"error": {"errors": [error], "code": self.status, "message": self.message}}


def invalid(message: str, location: str = "") -> ApiProblem:
    return ApiProblem(400, "invalid", message, location=location)


def required(location: str, message: str = "") -> ApiProblem:
    return ApiProblem(400, "required", message or f"Required: {location}", location=location)


def not_found() -> ApiProblem:
    return ApiProblem(404, "notFound", "Not Found")


def deleted() -> ApiProblem:
    return ApiProblem(410, "deleted", "Resource has been deleted")


def duplicate() -> ApiProblem:
    return ApiProblem(409, "duplicate", "The requested identifier already exists.")


def condition_not_met() -> ApiProblem:
    return ApiProblem(412, "conditionNotMet", "Precondition Failed", location="If-Match", kind="header")


def full_sync_required() -> ApiProblem:
    return ApiProblem(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        location="syncToken",
    )


def bad_credentials() -> ApiProblem:
    return ApiProblem(
        401,
        "authError",
        "Invalid Credentials",
        location="Authorization",
        kind="header",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )


def insufficient_scopes() -> ApiProblem:
    return ApiProblem(403, "insufficientPermissions", "Request had insufficient authentication scopes.")


def not_movable(message: str) -> ApiProblem:
    return ApiProblem(400, "invalid", message, location="eventId")


def cannot_change_organizer() -> ApiProblem:
    return ApiProblem(403, "cannotChangeOrganizer", "Cannot change the organizer of an event.", domain="calendar")


def organizer_only() -> ApiProblem:
    return ApiProblem(
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
        domain="calendar",
    )
