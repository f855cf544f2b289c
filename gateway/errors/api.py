"""What only requests with an API key can do wrong."""

from dataclasses import dataclass

from gateway.errors.base import GatewayError


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a request. pointer: JSON pointer into the body. parameter: its name. "": neither."""

    reason: str
    pointer: str = ""
    parameter: str = ""


class InvalidInput(GatewayError):
    """The parameters or the body say something that cannot be meant."""

    status = 422

    def __init__(self, reason: str, flaws: tuple[Flaw, ...] = ()) -> None:
        super().__init__(reason)
        self.flaws = flaws


class KeyReused(GatewayError):
    """The Idempotency-Key came before, with another request."""

    status = 422


class AnswerPending(GatewayError):
    """The request with this Idempotency-Key is still being answered. retry_after: seconds."""

    status = 409
    retry_after = 1


class ScopeMissing(GatewayError):
    """The API key is good, but not for this. scope: what it would have to allow."""

    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(f"this API key does not allow {scope}")
        self.scope = scope
