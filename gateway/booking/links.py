"""Secret links: whoever has one can book an event type, as often and as long as it is good for."""

from dataclasses import dataclass
from typing import Final

from gateway.accounts.teams import may_change
from gateway.booking import event_types, offer
from gateway.booking.context import Desk
from gateway.booking.offer import Bookable
from gateway.booking.tokens import digest, new_token
from gateway.errors import Flaw, InvalidInput, LinkOver, NotFound
from gateway.store import bookings, links, principals
from gateway.store.database import Connection
from gateway.store.links import LinkRow
from gateway.store.principals import Principal

MOST: Final = 500
"""Links of one person or team."""


@dataclass(frozen=True, slots=True)
class LinkWish:
    """slug: of an event type. team: whose it is, "": one's own. expires: epoch seconds. name, email, note: to stand in
    the form already.
    """

    slug: str
    team: str = ""
    label: str = ""
    uses: int = 1
    expires: int | None = None
    name: str = ""
    email: str = ""
    note: str = ""


async def make(desk: Desk, person: Principal, wish: LinkWish) -> LinkRow:
    """A team's are made by its admins, and are the team's.

    Raises: InvalidInput; NotFound, Forbidden for teams of others.
    """
    secret, now = new_token(), int(desk.clock())
    if wish.expires is not None and wish.expires <= now:
        raise InvalidInput("the link would be over already", (Flaw("it is in the past", pointer="/expires"),))

    def write(conn: Connection) -> LinkRow:
        owner = event_types.owner_of(conn, person, wish.team)
        kind = bookings.event_type(conn, owner.id, wish.slug)
        if kind is None:
            flaw = Flaw("there is no event type of that name", pointer="/event_type")
            raise InvalidInput(flaw.reason, (flaw,))
        if len(links.of_user(conn, owner.id)) >= MOST:
            raise InvalidInput(f"there are {MOST} links already: remove some first")
        values = {
            "user_id": owner.id,
            "event_type_id": kind.id,
            "digest": digest(secret),
            "secret": desk.sealer.seal(secret).decode(),
            "label": wish.label,
            "uses": wish.uses,
            "expires": wish.expires,
            "name": wish.name,
            "email": wish.email,
            "note": wish.note,
            "created": now,
        }
        return links.add(conn, values)

    return await desk.db.write(write)


def revoke(conn: Connection, person: Principal, key: int) -> None:
    """Raises: NotFound for what is not theirs nor of a team that they may change."""
    row = links.get(conn, key)
    owner = None if row is None else principals.by_id(conn, row.user_id)
    if owner is None or not (owner.id == person.id or (owner.is_team and may_change(conn, person, owner))):
        raise NotFound("there is no such link")
    links.remove(conn, key)


def path(desk: Desk, row: LinkRow) -> str:
    """Of its page; whoever sees it can book."""
    return f"/link/{desk.sealer.open(row.secret.encode())}"


def opened(conn: Connection, secret: str, now: float, *, booking: bool = False) -> tuple[Bookable, LinkRow]:
    """booking: a form has been sent, which may be one that was answered already; the transaction looks closer.

    Raises: NotFound for what never was a link, or was revoked; LinkOver for one that is good for nothing any more.
    """
    row = links.by_digest(conn, digest(secret))
    kind = None if row is None else bookings.event_type_by_id(conn, row.event_type_id)
    if row is None or kind is None:
        raise NotFound("there is no such link")
    if not booking and not row.is_good(now):
        raise LinkOver("this link is used up, or its time is over")
    return offer.bookable(conn, principals.by_id(conn, kind.user_id).name, kind.slug), row
