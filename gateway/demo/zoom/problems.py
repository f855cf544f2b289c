"""Answers of the simulated Zoom that are no success, in its own form."""

from gateway.demo.zoom.state import Json


class Problem(Exception):
    """code: Zoom's own number. errors: field and message."""

    def __init__(self, status: int, code: int, message: str, errors: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.errors = errors

    def body(self) -> Json:
        listed = [{"field": field, "message": message} for field, message in self.errors]
        return {"code": self.code, "message": str(self), **({"errors": listed} if listed else {})}


class OAuthProblem(Exception):
    """Of the token endpoint."""

    def __init__(self, status: int, error: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.error = error

    def body(self) -> Json:
        return {"reason": str(self), "error": self.error}


def invalid(field: str, message: str) -> Problem:
    return Problem(400, 300, "Validation Failed.", ((field, message),))


def no_meeting(number: str) -> Problem:
    return Problem(404, 3001, f"Meeting does not exist: {number}.")
