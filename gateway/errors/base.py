"""What every error has, and those that name a precondition."""

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"


class GatewayError(Exception):
    """Base of all; its text is shown to the person or client that asked.

    condition: precondition element in Clark notation for the DAV:error body, or None.
    """

    status = 500
    condition: str | None = None


class Precondition(GatewayError):
    status = 403
