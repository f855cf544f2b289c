"""What is said where an invitee's mail reached somebody who booked nothing."""

from gateway.booking.access import Found
from gateway.web.language import Language


def asked(found: Found, hosts: str, spoken: Language) -> str:
    """Before they say so. hosts: the names of all."""
    return spoken.text(
        "Then {email} was probably mistyped. Tell {name} so: the appointment is cancelled, and "
        "the mail about that is the last one you get.",
        email=found.details.invitee.email,
        name=hosts,
    )


def told(found: Found, hosts: str, spoken: Language) -> str:
    """Afterwards, to them and to the hosts; "": nobody has said so."""
    if not found.details.disowned:
        return ""
    if found.by_host:
        return spoken.text(
            "Whoever has the address {email} says that they did not book it. Who did has not been told.",
            email=found.details.invitee.email,
        )
    return spoken.text("Thank you. {name} knows that the address was wrong.", name=hosts)
