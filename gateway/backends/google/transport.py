"""How requests go out to Google: each of them once, as each is one of a budget.

By themselves httplib2 sends again, at once, whatever heard no answer before the connection ended, and google-auth waits
and asks a token endpoint that fails three times in all.
"""

from collections.abc import Callable
from http.client import BadStatusLine, HTTPResponse
from typing import Any, Final

import httplib2
from google_auth_httplib2 import Request

from gateway.backends.answers import retry_after
from gateway.errors import BackendUnavailable

LATER: Final = frozenset({408, 429})


class Plain(httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]  # httplib2 carries no types
    def getresponse(self) -> HTTPResponse:
        return _heard(super().getresponse)


class Secure(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]  # as above
    def getresponse(self) -> HTTPResponse:
        return _heard(super().getresponse)


class Http(httplib2.Http):  # type: ignore[misc]  # as above
    def request(self, uri: str, *args: Any, **kwargs: Any) -> Any:
        """Raises: ConnectionResetError where no answer came; what was asked may have been done."""
        kind = Secure if uri.lower().startswith("https:") else Plain
        return super().request(uri, *args, **{**kwargs, "connection_type": kind})


def _heard(ask: Callable[[], HTTPResponse]) -> HTTPResponse:
    try:
        return ask()
    except BadStatusLine as error:  # for httplib2 a connection that had grown old: it would send all of it again
        raise ConnectionResetError("the connection ended before an answer came") from error


def signing_in(http: Http) -> Callable[..., Any]:
    """What google-auth asks token endpoints with.

    Raises (when called): BackendUnavailable for answers after which google-auth would ask again.
    """
    ask = Request(http)

    def asked(*args: Any, **kwargs: Any) -> Any:
        answer = ask(*args, **kwargs)
        if answer.status in LATER or answer.status >= 500:
            raise BackendUnavailable(f"Google's sign-in answered {answer.status}", retry_after(answer.headers))
        return answer

    return asked
