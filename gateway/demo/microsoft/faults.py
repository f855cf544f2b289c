"""Refusals in the shape Graph gives them."""

from typing import Any

from aiohttp import web

Json = dict[str, Any]


class GraphFault(Exception):
    """status, code, message: as in Graph's error body. retry_after: whole seconds, or None."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def answer(self) -> web.Response:
        body = {"error": {"code": self.code, "message": self.message, "innerError": {"client-request-id": "demo"}}}
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return web.json_response(body, status=self.status, headers=headers)


def not_found() -> GraphFault:
    return GraphFault(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def bad_request(message: str, code: str = "ErrorInvalidRequest") -> GraphFault:
    return GraphFault(400, code, message)


def access_denied() -> GraphFault:
    return GraphFault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
