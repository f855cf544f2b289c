"""What goes wrong between us and a provider, or a mail server."""

from gateway.errors.base import GatewayError


class BackendError(GatewayError):
    status = 502


class BackendUnavailable(BackendError):
    """retry_after: seconds the provider asked us to wait, if it did."""

    status = 503

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ProviderUnreachable(BackendUnavailable):
    """No answer at all: no connection, or none in time."""


class Throttled(BackendUnavailable):
    """The provider wants fewer requests.

    whole_app: of all accounts of its kind, not of this one only.
    """

    def __init__(self, reason: str, retry_after: float | None = None, *, whole_app: bool = False) -> None:
        super().__init__(reason, retry_after)
        self.whole_app = whole_app


class NotYet(BackendUnavailable):
    """The request was not made: our budget is used up for the moment, or the provider is known to be down.

    down: the latter; the text is then what it said last.
    """

    def __init__(self, reason: str, retry_after: float, *, down: bool = False) -> None:
        super().__init__(reason, retry_after)
        self.down = down


class SignInExpired(BackendError):
    """The provider no longer accepts the stored sign-in; only its owner can renew it."""


class AccessTooNarrow(SignInExpired):
    """What is needed was not allowed when its owner signed in."""


class NoRoomAccount(BackendError):
    """None of the accounts that a room for conferences could be made with."""


class RemoteConflict(BackendError):
    status = 412


class RemoteGone(BackendError):
    status = 404


class MailRefused(BackendError):
    """The mail server said no to this mail for good (5yz): an address nobody has, a sender it does not know."""


class MailUnavailable(BackendUnavailable):
    """The mail server cannot be reached, or asked to be tried again (4yz)."""
